/*
 * A trace's arrays and its intern table. Arrays double; texts are stored once
 * when short. Offsets and indexes are 32 bits wide, which the limits of the
 * language keep true for operations; texts are checked here.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/internal.h"

bool rh_grow(void *array_address, size_t *capacity, size_t used, size_t element_size) {
  if (used < *capacity) return true;
  void *array; /* copied bytewise: its element type is the caller's */
  memcpy(&array, array_address, sizeof array);
  size_t larger = *capacity ? *capacity * 2 : 16;
  array = realloc(array, larger * element_size);
  if (!array) return false;
  memcpy(array_address, &array, sizeof array);
  *capacity = larger;
  return true;
}

/* Appends *element to one of the arrays of a trace. */
#define PUSH(trace, array, element)                                                                                    \
  (rh_grow(&(trace)->array, &(trace)->tables->array##_capacity, (trace)->n##array, sizeof *(trace)->array) &&          \
   ((trace)->array[(trace)->n##array++] = (element), true))

struct rh_arg *rh_push_arg(struct rh_trace *trace) {
  if (!PUSH(trace, args, (struct rh_arg){0})) return NULL;
  return &trace->args[trace->nargs - 1];
}

struct rh_expectation *rh_push_expectation(struct rh_trace *trace) {
  if (!PUSH(trace, expectations, (struct rh_expectation){0})) return NULL;
  return &trace->expectations[trace->nexpectations - 1];
}

struct rh_header *rh_push_header(struct rh_trace *trace) {
  if (!PUSH(trace, headers, (struct rh_header){0})) return NULL;
  return &trace->headers[trace->nheaders - 1];
}

bool rh_push_op(struct rh_trace *trace, const struct rh_op *op) {
  return PUSH(trace, ops, *op);
}
bool rh_push_top(struct rh_trace *trace, uint32_t index) {
  return PUSH(trace, top, index);
}
bool rh_push_part(struct rh_trace *trace, uint32_t text) {
  return PUSH(trace, parts, text);
}

static bool store_bytes(struct rh_trace *trace, const char *bytes, size_t n, uint32_t *offset) {
  struct rh_trace_tables *tables = trace->tables;
  if (n >= UINT32_MAX - trace->ntext) return false;
  while (trace->ntext + n >= tables->text_capacity)
    if (!rh_grow(&trace->text, &tables->text_capacity, tables->text_capacity, 1)) return false;
  *offset = (uint32_t)trace->ntext;
  if (n) memcpy(trace->text + trace->ntext, bytes, n);
  trace->text[trace->ntext + n] = '\0';
  trace->ntext += n + 1;
  return true;
}

static uint32_t hash_bytes(const char *bytes, size_t n) {
  uint64_t h = n;
  for (; n >= 8; bytes += 8, n -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    h ^= h >> 32;
  }
  uint64_t tail = 0;
  for (size_t i = 0; i < n; i++) tail = tail << 8 | (unsigned char)bytes[i];
  h = (h ^ tail) * 0x9e3779b97f4a7c15u;
  return (uint32_t)(h >> 32);
}

/* Doubles the intern table; its entries know their hashes. */
static bool widen(struct rh_trace_tables *tables) {
  uint32_t size = tables->words_size ? tables->words_size * 2 : 64;
  struct rh_word *words = calloc(size, sizeof *words);
  if (!words) return false;
  for (uint32_t i = 0; i < tables->words_size; i++) {
    if (!tables->words[i].length) continue;
    uint32_t j = tables->words[i].hash & (size - 1);
    while (words[j].length) j = (j + 1) & (size - 1);
    words[j] = tables->words[i];
  }
  free(tables->words);
  tables->words = words;
  tables->words_size = size;
  return true;
}

/* The entry of a text of 1..RH_INTERN_MAX bytes, made when it is new. */
static struct rh_word *intern(struct rh_trace *trace, const char *bytes, size_t n) {
  struct rh_trace_tables *tables = trace->tables;
  if (tables->words_used * 2 >= tables->words_size && !widen(tables)) return NULL;
  uint32_t hash = hash_bytes(bytes, n), mask = tables->words_size - 1, i = hash & mask;
  for (; tables->words[i].length; i = (i + 1) & mask) {
    struct rh_word *word = &tables->words[i];
    if (word->hash == hash && word->length == n && memcmp(trace->text + word->offset, bytes, n) == 0) return word;
  }
  uint32_t offset;
  if (!store_bytes(trace, bytes, n, &offset)) return NULL;
  tables->words[i] = (struct rh_word){.hash = hash, .offset = offset, .length = (uint32_t)n};
  tables->words_used++;
  return &tables->words[i];
}

bool rh_store(struct rh_trace *trace, const char *bytes, size_t n, uint32_t *offset) {
  if (n == 0 || n > RH_INTERN_MAX) return store_bytes(trace, bytes, n, offset);
  const struct rh_word *word = intern(trace, bytes, n);
  if (word) *offset = word->offset;
  return word != NULL;
}

bool rh_intern_name(struct rh_trace *trace, const char *bytes, size_t n, uint32_t *name) {
  struct rh_word *word = intern(trace, bytes, n);
  if (!word) return false;
  if (!word->name) {
    uint32_t number = (uint32_t)trace->nnames;
    if (!PUSH(trace, names, word->offset)) return false;
    word->name = number;
  }
  *name = word->name;
  return true;
}

struct rh_trace *rh_trace_new(const char *file) {
  rh_spellings_prepare();
  struct rh_trace *trace = calloc(1, sizeof *trace);
  if (!trace) return NULL;
  trace->tables = calloc(1, sizeof *trace->tables);
  size_t length = strlen(file) + 1;
  trace->file = malloc(length);
  /* Offset 0 is the empty text, name 0 is no name; an operation without
   * arguments may point at the first one all the same. */
  uint32_t empty = 0;
  if (!trace->tables || !trace->file || !store_bytes(trace, "", 0, &empty) || !PUSH(trace, names, empty) ||
      !rh_grow(&trace->args, &trace->tables->args_capacity, 0, sizeof *trace->args)) {
    rh_trace_free(trace);
    return NULL;
  }
  memcpy(trace->file, file, length);
  return trace;
}

void rh_trace_free(struct rh_trace *trace) {
  if (!trace) return;
  if (trace->tables) {
    free(trace->tables->words);
    free(trace->tables->pending);
    rh_text_free(&trace->tables->scratch);
    free(trace->tables);
  }
  free(trace->file);
  free(trace->ops);
  free(trace->top);
  free(trace->args);
  free(trace->parts);
  free(trace->expectations);
  free(trace->headers);
  free(trace->names);
  free(trace->text);
  free(trace);
}

uint32_t rh_trace_name(struct rh_trace *trace, const char *name, size_t n) {
  uint32_t number = 0;
  bool legal = n > 0 && n <= RH_TRACE_NAME_MAX && rh_is_letter(name[0]) && !(n == 4 && memcmp(name, "None", 4) == 0);
  for (size_t i = 1; legal && i < n; i++) legal = rh_is_letter(name[i]) || rh_is_digit(name[i]);
  return legal && rh_intern_name(trace, name, n, &number) ? number : 0;
}

const char *rh_trace_header(const struct rh_trace *trace, const char *key) {
  for (size_t i = 0; i < trace->nheaders; i++)
    if (strcmp(trace->text + trace->headers[i].key, key) == 0) return trace->text + trace->headers[i].value;
  return NULL;
}
