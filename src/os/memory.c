/* Memory from the system, and its clock. */
#define _DEFAULT_SOURCE
#include "os/os.h"

#include <sys/mman.h>
#include <time.h>

void *rh_os_map(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void rh_os_unmap(void *memory, size_t bytes) {
  (void)munmap(memory, bytes);
}

bool rh_os_release(void *memory, size_t bytes) {
  return madvise(memory, bytes, MADV_DONTNEED) == 0;
}

uint64_t rh_os_clock(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
