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
  return madvise(memory, bytes, MADV_FREE) == 0 || madvise(memory, bytes, MADV_DONTNEED) == 0;
}

void rh_os_prefer_huge(void *memory, size_t bytes) {
  if (bytes <= RH_OS_HUGE) return;
  uintptr_t start = ((uintptr_t)memory / RH_OS_HUGE + 1) * RH_OS_HUGE;
  uintptr_t end = ((uintptr_t)memory + bytes) / RH_OS_HUGE * RH_OS_HUGE;
  if (start < end) (void)madvise((char *)memory + (start - (uintptr_t)memory), end - start, MADV_HUGEPAGE);
}

uint64_t rh_os_clock(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
