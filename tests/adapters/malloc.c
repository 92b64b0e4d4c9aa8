/*
 * The C library's malloc as implementation under test: profile `blocks`, pipe
 * protocol version 1 (specs/interpreting.md). It shows how small an adapter can
 * be: what it does not do, its manifest says, and nobody asks for it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct name {
  char text[72];
  uintptr_t block; /* where the last block it stood for is or was, 0 if none */
  size_t size;     /* bytes requested */
  bool live;       /* not freed yet */
} names[4096];

static struct name *find(const char *text) {
  struct name *x = names;
  while (x->text[0] && strcmp(x->text, text) != 0) x++;
  if (!x->text[0]) snprintf(x->text, sizeof x->text, "%s", text);
  return x;
}

static bool hold(struct name *x, void *block, size_t size) {
  if (!block) return false;
  x->block = (uintptr_t)block;
  x->size = size;
  return x->live = true;
}

/* Operations on a live block; a and b are the numbers behind its name. */
static const char *use(const char *op, struct name *x, size_t a, size_t b) {
  static char hex[1 << 16];
  uintptr_t old = x->block;
  if (strcmp(op, "pm.realloc") == 0) {
    if (!hold(x, realloc((void *)old, a ? a : 1), a)) return "null";
    return x->block == old ? "same" : "moved";
  }
  bool fill = strcmp(op, "pm.fill") == 0, poke = strcmp(op, "pm.poke") == 0;
  size_t first = fill ? 0 : a, n = poke ? 1 : b;
  if (first > x->size || n > x->size - first || n > sizeof hex / 2) return "ValueError";
  unsigned char *bytes = (unsigned char *)old + first;
  if (fill || poke) memset(bytes, (int)(fill ? a : b), n);
  if (fill || poke || n == 0) return "ok";
  for (size_t i = 0; i < n; i++) snprintf(hex + 2 * i, 3, "%02x", bytes[i]); /* pm.bytes */
  return hex;
}

static const char *release(char *operands) {
  const char *answer = "skip";
  for (char *word = strtok(operands, " "); word; word = strtok(NULL, " ")) {
    struct name *x = find(word);
    if (!x->live) continue;
    free((void *)x->block);
    x->live = false;
    answer = "ok";
  }
  return answer;
}

static const char *operate(const char *op, char *operands) {
  if (strcmp(op, "pm.free") == 0) return release(operands);
  char *word[3] = {strtok(operands, " "), strtok(NULL, " "), strtok(NULL, " ")};
  struct name *x = find(word[0]);
  size_t a = word[1] ? strtoull(word[1], NULL, 10) : 0, b = word[2] ? strtoull(word[2], NULL, 10) : 0;
  if (strcmp(op, "pm.malloc") == 0) return hold(x, malloc(a), a) ? "ok" : "null";
  if (strcmp(op, "pm.calloc") == 0) return hold(x, calloc(a, b), a * b) ? "ok" : "null";
  if (strcmp(op, "pm.eq") == 0) {
    const struct name *y = find(word[1]);
    return !x->block || !y->block ? "skip" : x->block == y->block ? "yes" : "no";
  }
  return x->live ? use(op, x, a, b) : "skip";
}

int main(void) {
  static char line[1 << 20];
  puts("refheap-adapter 1\nname malloc\nversion 1\nprofile blocks\ncapability blocks\n"
       "unsupported pm.mmalloc pm.mfree pm.rmalloc pm.rfree try repeat events\n"
       "unsupported pm.batch pm.pick pm.freebatch pm.freebut pm.freerest\nend");
  while (fflush(stdout) == 0 && fgets(line, sizeof line, stdin) && strcmp(line, "quit\n") != 0) {
    line[strcspn(line, "\n")] = '\0';
    char *operands = line + strcspn(line, " ");
    if (*operands) *operands++ = '\0';
    if (strcmp(line, "end") == 0)
      puts("done");
    else if (strncmp(line, "pm.", 3) == 0)
      puts(operate(line, operands));
    else
      memset(names, 0, sizeof names); /* a trace begins; what the last one left is leaked */
  }
  return 0;
}
