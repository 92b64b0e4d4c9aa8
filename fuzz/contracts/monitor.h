/*
 * What the program that contracts.ml writes builds on. It includes this behind
 * its own globals, `struct state` with a copy of them,
 * and CLAUSES, the number of clauses. A clause that does not hold ends the
 * program with its place, function and text; so does one that asks for an
 * element behind the end of an array, or divides by zero.
 *
 * RH_CONTRACTS_RAN=FILE in the environment: at the end, number, function, kind
 * and name of every clause that was evaluated are written behind what is in FILE.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks have no part in coverage, and bounds of their own. */
#ifdef __clang__
#define UNSEEN __attribute__((no_sanitize("coverage", "address")))
#else
#define UNSEEN
#endif
#define LOGIC UNSEEN static

/* ---- clauses ---- */

struct clause {
  const char *file;
  int line;
  const char *function, *kind, *name, *text;
};

static const struct clause clauses[CLAUSES];
static bool ran[CLAUSES];
static int asked; /* the clause under evaluation */

UNSEEN static _Noreturn void violated(const char *how) {
  const struct clause *c = &clauses[asked];
  fprintf(stderr, "%s:%d: contract of %s: %s %s %s: %s\n", c->file, c->line, c->function, c->kind, c->name, how,
          c->text);
  abort();
}

#define CHECK(clause, holds)                                                                                           \
  do {                                                                                                                 \
    asked = (clause);                                                                                                  \
    ran[asked] = true;                                                                                                 \
    if (!(holds)) violated("is violated");                                                                             \
  } while (0)

/* What `assigns` does not name has not changed. */
#define FRAME(clause, global)                                                                                          \
  do {                                                                                                                 \
    asked = (clause);                                                                                                  \
    ran[asked] = true;                                                                                                 \
    if (memcmp(&before->global, &global, sizeof global) != 0) violated("changes " #global);                            \
  } while (0)

UNSEEN static void write_ran(void) {
  FILE *out = fopen(getenv("RH_CONTRACTS_RAN"), "a");
  if (out == NULL) {
    perror("RH_CONTRACTS_RAN");
    _Exit(2);
  }
  for (int i = 0; i < CLAUSES; i++)
    if (ran[i]) fprintf(out, "%d %s %s %s\n", i, clauses[i].function, clauses[i].kind, clauses[i].name);
  fclose(out);
}

/* ---- integers: wide enough for any sum or product of two numbers of C ---- */

__extension__ typedef __int128 integer;

LOGIC integer minimum(integer a, integer b) {
  return a < b ? a : b;
}
LOGIC integer maximum(integer a, integer b) {
  return a < b ? b : a;
}
LOGIC integer integer_quotient(integer a, integer b) {
  if (b == 0) violated("divides by zero");
  return a / b;
}
LOGIC integer integer_remainder(integer a, integer b) {
  if (b == 0) violated("divides by zero");
  return a % b;
}

LOGIC size_t inside(integer i, size_t length) {
  if (i < 0 || i >= (integer)length) violated("asks for an element that is not there");
  return (size_t)i;
}
#define ELEMENT(array, i) (array)[inside(i, sizeof(array) / sizeof(array)[0])]

/* ---- states: at the entry of each function under way, and now ---- */

enum { CALLS_MAX = 32 };
static struct state states[CALLS_MAX], now;
static int calls;

UNSEEN static struct state *enter(void) {
  static bool begun;
  if (!begun && getenv("RH_CONTRACTS_RAN") != NULL) atexit(write_ran);
  begun = true;
  if (calls == CALLS_MAX) {
    fputs("contracts: calls are nested too deep\n", stderr);
    abort();
  }
  return &states[calls++];
}
static void leave(void) {
  calls--;
}
#define COPY(state, global) memcpy(&(state)->global, &global, sizeof global)

/* ---- values of recursive definitions: they hold until the memory may change ---- */

enum { MEMO_KEYS = 6, MEMOS = 1 << 14 };
struct memo {
  uint64_t evaluation;
  int definition;
  uintptr_t key[MEMO_KEYS];
  integer value;
};
static struct memo memos[MEMOS];
static uint64_t evaluation;

static void evaluate(void) {
  evaluation++;
}
LOGIC struct memo *memo_of(int definition, const uintptr_t key[MEMO_KEYS]) {
  uint64_t hash = (uint64_t)definition;
  for (size_t i = 0; i < MEMO_KEYS; i++) hash = (hash ^ key[i]) * 0x9e3779b97f4a7c15;
  return &memos[hash >> 50];
}
LOGIC bool remembered(int definition, const uintptr_t key[MEMO_KEYS], integer *value) {
  const struct memo *memo = memo_of(definition, key);
  *value = memo->value;
  return memo->evaluation == evaluation && memo->definition == definition &&
         memcmp(memo->key, key, sizeof memo->key) == 0;
}
LOGIC integer remember(int definition, const uintptr_t key[MEMO_KEYS], integer value) {
  struct memo *memo = memo_of(definition, key);
  *memo = (struct memo){.evaluation = evaluation, .definition = definition, .value = value};
  memcpy(memo->key, key, sizeof memo->key);
  return value;
}
