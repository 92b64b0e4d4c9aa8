/* Wrong on purpose: zeroed blocks are not zeroed. */
#include <stdlib.h>
#include <string.h>

static void *calloc_without_zeros(size_t count, size_t size) {
  void *block = calloc(count, size); /* fails as it should */
  if (block) memset(block, 0x5a, count * size);
  return block;
}
#define calloc calloc_without_zeros
#include "../../adapters/malloc.c"
