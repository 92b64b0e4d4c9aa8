/* Memory of the process whose allocations fail on purpose. */
#include "failing_memory.h"

#include <stdlib.h>
#include <string.h>

static bool pausing;
static uint64_t first = UINT64_MAX, behind = UINT64_MAX, made, refused, living;

void failing_memory_plan(uint64_t from, uint64_t to) {
  first = from;
  behind = to;
  made = refused = 0;
}

uint64_t failing_memory_end(void) {
  first = behind = UINT64_MAX;
  return made;
}

void failing_memory_pause(bool paused) {
  pausing = paused;
}

uint64_t failing_memory_refused(void) {
  return refused;
}

uint64_t failing_memory_living(void) {
  return living;
}

static bool fails(void) {
  if (pausing) return false;
  bool fail = made >= first && made < behind;
  made++;
  refused += fail;
  return fail;
}

static void *count(void *memory) {
  living += memory != NULL;
  return memory;
}

void *failing_malloc(size_t size) {
  return fails() ? NULL : count(malloc(size));
}

void *failing_calloc(size_t n, size_t size) {
  return fails() ? NULL : count(calloc(n, size));
}

void *failing_realloc(void *old, size_t size) {
  if (fails()) return NULL;
  return old == NULL ? count(malloc(size)) : realloc(old, size);
}

char *failing_strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = failing_malloc(size);
  if (copy != NULL) memcpy(copy, text, size);
  return copy;
}

void counted_free(void *memory) {
  living -= memory != NULL;
  free(memory);
}
