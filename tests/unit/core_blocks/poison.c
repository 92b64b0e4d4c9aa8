/*
 * AddressSanitizer sees inside the heap: each way to touch what one may not,
 * named by the argument, must end the program. Without an argument, all that
 * is allowed, which must not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/block.h"

static unsigned char *new_bytes(uint64_t bytes) {
  unsigned char *start = rh_block_new_bytes(bytes);
  if (start == NULL) abort();
  return start;
}

/* Every byte asked for, by address and by handle, before and after blocks come, grow, shrink and go. */
static void touch_allowed(void) {
  for (uint64_t bytes = 1; bytes < 3000; bytes += 7) {
    unsigned char *start = new_bytes(bytes);
    memset(start, 1, bytes);
    uint32_t b = rh_block_at(start);
    if (!rh_block_resize(&b, 2 * bytes)) abort();
    memset(rh_block_bytes(b), 2, 2 * bytes);
    if (!rh_block_resize(&b, 1)) abort();
    memset(rh_block_bytes(b), 3, rh_block_size(b));
    uint32_t zeroed = rh_block_new_zeroed(bytes);
    memset(rh_block_bytes(zeroed), 4, rh_block_size(zeroed));
    if (!rh_block_free_bytes(rh_block_bytes(b)) || !rh_block_free(zeroed)) abort();
  }
  rh_block_reset();
}

static void write_behind_small(void) {
  new_bytes(20)[20] = 1;
}

static void write_before(void) {
  unsigned char *volatile start = new_bytes(100);
  start[-1] = 1;
}

static void write_behind_large(void) {
  new_bytes(700)[700] = 1;
}

static void read_freed(void) {
  unsigned char *volatile start = new_bytes(48);
  *start = 1;
  rh_block_free_bytes(start);
  if (*start == 1) puts("a freed block was read");
}

static void write_moved(void) {
  unsigned char *volatile start = new_bytes(48);
  uint32_t b = rh_block_at(start);
  if (!rh_block_resize(&b, 400)) abort();
  *start = 1;
}

static void write_trimmed(void) {
  unsigned char *volatile start = new_bytes(5000);
  uint32_t b = rh_block_at(start);
  if (!rh_block_resize(&b, 1000)) abort();
  start[1000] = 1;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*does)(void);
  } ways[] = {{"behind_small", write_behind_small},
              {"before", write_before},
              {"behind_large", write_behind_large},
              {"freed", read_freed},
              {"moved", write_moved},
              {"trimmed", write_trimmed}};
  if (argc == 1) touch_allowed();
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    if (argc > 1 && strcmp(argv[1], ways[i].name) == 0) ways[i].does();
  }
  return 0;
}
