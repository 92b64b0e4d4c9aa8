/* Wrong on purpose: a request of no bytes gives no block. */
#include <stdlib.h>

static void *malloc_or_null(size_t size) {
  return size ? malloc(size) : NULL;
}
#define malloc malloc_or_null
#include "../../adapters/malloc.c"
