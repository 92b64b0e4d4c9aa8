/*
 * Peer: what one writes by hand in C: a count in each node, nodes from malloc,
 * an explicit list of work. Nodes have the three references of the other
 * benchmarks' nodes.
 */
#include "cascade.h"

#include "bench.h"
#include <stdlib.h>

enum { REFERENCES = 3 };

struct node {
  uint64_t count;
  struct node *to[REFERENCES];
};

static struct node *first;
static uint64_t freed, expected;

void peer_start(void) {
}

static struct node *new_node(void) {
  struct node *node = calloc(1, sizeof *node);
  if (node == NULL) bench_fail("out of memory");
  node->count = 1;
  return node;
}

void peer_chain(const uint32_t *order, uint32_t n) {
  struct node **node = bench_memory(n * sizeof(struct node *));
  for (uint32_t i = 0; i < n; i++) node[i] = new_node();
  for (uint32_t k = 0; k + 1 < n; k++) node[order[k]]->to[0] = node[order[k + 1]];
  first = node[order[0]];
  expected = n;
  bench_memory_free(node, n * sizeof(struct node *));
}

/* A node has at most REFERENCES - 1 more references than the one that is
 * followed; in a chain the list of work never holds more than these. */
void peer_release(void) {
  struct node *work[REFERENCES * 2];
  int n = 0;
  work[n++] = first;
  while (n > 0) {
    struct node *node = work[--n];
    if (--node->count != 0) continue;
    for (int i = 0; i < REFERENCES; i++)
      if (node->to[i] != NULL) work[n++] = node->to[i];
    free(node);
    freed++;
  }
}

void peer_finish(void) {
  if (freed != expected) bench_fail("nodes are left");
  freed = 0;
}
