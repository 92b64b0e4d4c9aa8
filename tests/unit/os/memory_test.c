/* Mappings are zeroed, writable, and zero again after a release; the clock goes forward. */
#include "os/os.h"
#include "test.h"

#include <stdint.h>

enum { PAGE = 4096, PAGES = 64 };

static void map_is_zero_and_releasable(void) {
  unsigned char *memory = rh_os_map((size_t)PAGE * PAGES);
  CHECK(memory != NULL);
  if (memory == NULL) return;
  CHECK_INT((uintptr_t)memory % PAGE, 0);
  CHECK_INT(memory[0] | memory[PAGE * PAGES - 1], 0);
  memset(memory, 0xab, (size_t)PAGE * PAGES);
  CHECK(rh_os_release(memory + PAGE, 2 * PAGE));
  CHECK_INT(memory[PAGE - 1], 0xab);
  CHECK_INT(memory[PAGE], 0);
  CHECK_INT(memory[3 * PAGE - 1], 0);
  CHECK_INT(memory[3 * PAGE], 0xab);
  CHECK(!rh_os_release(memory + 1, PAGE));
  CHECK_INT(memory[3 * PAGE], 0xab);
  rh_os_unmap(memory, (size_t)PAGE * PAGES);
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

TEST_MAIN(map_is_zero_and_releasable, too_much_is_refused, clock_goes_forward)
