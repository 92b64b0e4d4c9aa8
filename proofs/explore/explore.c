/*
 * Goes through every state of the object heap that any sequence of moves can
 * reach, whatever its length, breadth first: the shipped object.c and collect.c
 * at the capacities of RH_MICRO. In every state and after every move the walk
 * of object_check.c must find nothing, and the heap must be what the
 * independent reading (oracle.h) says.
 *
 * usage: explore [--moves]
 *   prints what was explored, or the shortest way to a broken rule; with
 *   --moves only how many moves there are
 * exit status: 0 all states fine, 1 a rule is broken, 2 out of memory
 */
#include "moves.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How a state was first reached. States are numbered in that order. */
struct node {
  struct state state;
  uint32_t from;
  uint16_t move;
};

static struct node *nodes;
static uint32_t nnodes, room;
static uint32_t *table; /* number of a state plus one, by hash; 0: free */
static uint32_t mask;

/* ---- the states seen ---- */

static void *sized(void *old, size_t n, size_t size) {
  void *p = realloc(old, n * size);
  if (p != NULL) return p;
  fprintf(stderr, "explore: out of memory after %u states\n", nnodes);
  exit(2);
}

static uint32_t hash(const struct state *s) {
  uint64_t h = 1469598103934665603u;
  const unsigned char *p = (const unsigned char *)s;
  for (size_t k = 0; k < sizeof *s; k++) h = (h ^ p[k]) * 1099511628211u;
  return (uint32_t)(h ^ (h >> 29));
}

/* Where the state is in the table, or would be. */
static uint32_t find(const struct state *s) {
  uint32_t k = hash(s) & mask;
  while (table[k] != 0 && memcmp(&nodes[table[k] - 1].state, s, sizeof *s) != 0) k = (k + 1) & mask;
  return k;
}

static void grow(void) {
  room = room == 0 ? 1u << 16 : 2 * room;
  mask = 2 * room - 1;
  nodes = sized(nodes, room, sizeof *nodes);
  table = sized(table, mask + (size_t)1, sizeof *table);
  memset(table, 0, (mask + (size_t)1) * sizeof *table);
  for (uint32_t n = 0; n < nnodes; n++) table[find(&nodes[n].state)] = n + 1;
}

static void add(const struct state *s, uint32_t from, uint32_t move) {
  if (nnodes == room) grow();
  uint32_t k = find(s);
  if (table[k] != 0) return;
  nodes[nnodes] = (struct node){*s, from, (uint16_t)move};
  table[k] = ++nnodes;
}

/* ---- a trace ---- */

/* Renames the letters as the objects were renamed; an object that was not there before gets the next one. */
static void rename_letters(char name[RH_OBJECTS], const struct state *after, const uint8_t to[RH_OBJECTS], char *next) {
  char old[RH_OBJECTS];
  memcpy(old, name, RH_OBJECTS);
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    bool live = after->count[to[o] - 1] != 0;
    name[to[o]] = live ? old[o] : '-';
    if (live && old[o] == '-') name[to[o]] = (*next)++;
  }
}

static void print_trace(uint32_t n, uint32_t last, bool with_last) {
  char name[RH_OBJECTS], next = 'a';
  uint32_t length = 0;
  memset(name, '-', RH_OBJECTS);
  for (uint32_t k = n; k != 0; k = nodes[k].from) length++;
  uint16_t *path = sized(NULL, length + (size_t)1, sizeof *path);
  path[length] = (uint16_t)last;
  for (uint32_t k = n, i = length; k != 0; k = nodes[k].from) path[--i] = nodes[k].move;
  struct state s;
  moves_start(&s);
  for (uint32_t i = 0; i < length + with_last; i++) {
    uint8_t to[RH_OBJECTS];
    struct state after;
    const char *why;
    char before = next;
    printf("  %2u. ", i + 1);
    moves_print(stdout, path[i], name);
    if (i < length) {
      moves_make(&s, path[i], &after, to, &why);
      rename_letters(name, &after, to, &next);
      s = after;
    }
    if (next != before) printf(": %c", before);
    printf("\n");
  }
  free(path);
}

static int broken(const char *why, uint32_t n, uint32_t last, bool with_last) {
  printf("broken: %s\nafter, from an empty heap (a, b, ...: objects as they are made):\n", why);
  print_trace(n, last, with_last);
  return 1;
}

/* ---- the search ---- */

static int explore(void) {
  uint64_t transitions = 0;
  uint32_t depth = 0, end = 1;
  struct state start;
  moves_start(&start);
  add(&start, 0, 0);
  for (uint32_t n = 0; n < nnodes; n++) {
    if (n == end) {
      depth++;
      end = nnodes;
    }
    const char *why = moves_refused(&nodes[n].state);
    if (why != NULL) return broken(why, n, 0, false);
    for (uint32_t m = 0; m < moves_count(); m++) {
      struct state after;
      uint8_t to[RH_OBJECTS];
      if (!moves_make(&nodes[n].state, m, &after, to, &why)) continue;
      if (why != NULL) return broken(why, n, m, true);
      transitions++;
      add(&after, n, m);
    }
  }
  printf("explore: %u states, %llu transitions, depth %u; %d objects, external references <= %d, %.1f s\n", nnodes,
         (unsigned long long)transitions, depth, OBJECTS, EXTERNAL, (double)clock() / CLOCKS_PER_SEC);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 1) return explore();
  if (argc == 2 && strcmp(argv[1], "--moves") == 0) return printf("%u\n", moves_count()) < 0;
  fprintf(stderr, "usage: explore [--moves]\n");
  return 2;
}
