/* Wrong on purpose: realloc gives a fresh block without the old bytes. */
#include <stdlib.h>

static void *realloc_without_content(void *block, size_t size) {
  void *fresh = calloc(1, size);
  if (fresh) free(block);
  return fresh;
}
#define realloc realloc_without_content
#include "../../adapters/malloc.c"
