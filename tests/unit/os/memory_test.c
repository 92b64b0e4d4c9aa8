/* Mappings are zeroed, writable, and the system's to take after a release; the clock goes forward. */
#include "os/os.h"
#include "test.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, PAGES = 1024 };

/* Calls tell for each line of what the system knows of our mappings. */
static void each_line(void (*tell)(const char *line, void *to), void *to) {
  FILE *maps = fopen("/proc/self/smaps", "r");
  CHECK(maps != NULL);
  if (maps == NULL) return;
  char line[512];
  while (fgets(line, sizeof line, maps) != NULL) tell(line, to);
  (void)fclose(maps);
}

static void add_lazy(const char *line, void *to) {
  if (strncmp(line, "LazyFree:", 9) == 0) *(long *)to += strtol(line + 9, NULL, 10);
}

/* Kilobytes that the system may take when it wants them, of all mappings. */
static long lazily_free(void) {
  long total = 0;
  each_line(add_lazy, &total);
  return total;
}

static void map_is_zero_and_releasable(void) {
  unsigned char *memory = rh_os_map((size_t)PAGE * PAGES);
  CHECK(memory != NULL);
  if (memory == NULL) return;
  CHECK_INT((uintptr_t)memory % PAGE, 0);
  CHECK_INT(memory[0] | memory[PAGE * PAGES - 1], 0);
  memset(memory, 0xab, (size_t)PAGE * PAGES);
  long before = lazily_free();
  CHECK(rh_os_release(memory + PAGE, (PAGES - 2) * PAGE));
  CHECK(lazily_free() - before > PAGES / 2 * PAGE / 1024); /* the system counts by batches */
  CHECK_INT(memory[PAGE - 1], 0xab);
  CHECK(memory[PAGE] == 0 || memory[PAGE] == 0xab);
  CHECK_INT(memory[(PAGES - 1) * PAGE], 0xab);
  memory[PAGE] = 0xcd;
  CHECK_INT(memory[PAGE], 0xcd);
  CHECK(!rh_os_release(memory + 1, PAGE));
  CHECK_INT(memory[PAGE], 0xcd);
  rh_os_unmap(memory, (size_t)PAGE * PAGES);
}

struct place {
  uintptr_t address;
  bool inside, huge;
};

static void find_place(const char *line, void *to) {
  struct place *place = to;
  char *dash;
  uintptr_t from = strtoull(line, &dash, 16);
  if (*dash == '-') place->inside = from <= place->address && place->address < strtoull(dash + 1, NULL, 16);
  if (place->inside && strncmp(line, "VmFlags:", 8) == 0) place->huge = strstr(line, " hg") != NULL;
}

/* Is the part of the mapping that holds this address marked for huge pages? */
static bool prefers_huge(const unsigned char *address) {
  struct place place = {.address = (uintptr_t)address};
  each_line(find_place, &place);
  return place.huge;
}

static void huge_pages_behind_the_first(void) {
  size_t bytes = (size_t)4 * RH_OS_HUGE;
  unsigned char *memory = rh_os_map(bytes);
  CHECK(memory != NULL);
  if (memory == NULL) return;
  memory[bytes / 2] = 0xab;
  rh_os_prefer_huge(memory, RH_OS_HUGE);
  CHECK(!prefers_huge(memory) && !prefers_huge(memory + bytes / 2));
  rh_os_prefer_huge(memory, bytes);
  CHECK(!prefers_huge(memory) && prefers_huge(memory + bytes / 2));
  CHECK_INT(memory[bytes / 2], 0xab);
  CHECK_INT(memory[bytes - 1], 0);
  rh_os_unmap(memory, bytes);
}

static void too_much_is_refused(void) {
  CHECK(rh_os_map(SIZE_MAX / 2) == NULL);
}

static void clock_goes_forward(void) {
  uint64_t first = rh_os_clock(), last = first;
  for (int i = 0; i < 1000; i++) {
    uint64_t now = rh_os_clock();
    CHECK(now >= last);
    last = now;
  }
  CHECK(last > first);
}

TEST_MAIN(map_is_zero_and_releasable, huge_pages_behind_the_first, too_much_is_refused, clock_goes_forward)
