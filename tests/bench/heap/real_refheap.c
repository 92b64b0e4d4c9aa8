/*
 * Times full collections of the heap of a real program, as tests/adapters/heapsnap.py
 * took it (format HG1, specs/interpreting.md): its objects, its edges, and as
 * many references from outside as its counts say. Nothing of it is garbage.
 *
 * usage: real_refheap SNAPSHOT NAME REPEATS
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "core/collect.h"
#include "core/object.h"
#include "refheap.h"

enum { NAME_MAX = 255, IMMORTAL = 500000000 };

struct object {
  uint32_t handle, first, edges; /* edges targets[first] and on */
  uint64_t count;                /* less those of the edges: from outside */
};

struct heap {
  uint32_t n, edges, tracked;
  struct object *objects;
  uint32_t *targets;
};

static uint64_t read_number(FILE *file) {
  unsigned long long number;
  if (fscanf(file, "%llu", &number) != 1) bench_fail("the snapshot has no number where one is expected");
  return number;
}

static uint32_t read_below(FILE *file, uint32_t limit) {
  uint64_t number = read_number(file);
  if (number >= limit) bench_fail("a number of the snapshot is out of range");
  return (uint32_t)number;
}

/* One line: ID TYPE FLAGS REFCOUNT SIZE N TARGET... */
static void read_object(FILE *file, struct heap *heap, uint32_t id, uint32_t *filled) {
  char kind[NAME_MAX + 1], flags[8];
  struct object *object = &heap->objects[id];
  if (read_number(file) != id || fscanf(file, "%255s %7s", kind, flags) != 2) bench_fail("not an object of a snapshot");
  object->count = read_number(file);
  (void)read_number(file);
  object->edges = read_below(file, heap->edges - *filled + 1);
  object->first = *filled;
  for (uint32_t i = 0; i < object->edges; i++) heap->targets[(*filled)++] = read_below(file, heap->n);
  object->handle = rh_object_new(object->edges);
  if (object->handle == 0) bench_fail("the heap is full");
  if (strchr(flags, 'g') == NULL) return;
  rh_gc_track(object->handle);
  heap->tracked++;
}

static struct heap read_heap(const char *path) {
  FILE *file = fopen(path, "r");
  unsigned n, edges;
  if (file == NULL || fscanf(file, "HG1 %u %u", &n, &edges) != 2) bench_fail("not a snapshot");
  struct heap heap = {.n = n, .edges = edges};
  heap.objects = bench_memory((n + 1) * sizeof *heap.objects);
  heap.targets = bench_memory((edges + 1) * sizeof *heap.targets);
  uint32_t filled = 0;
  for (uint32_t id = 0; id < n; id++) read_object(file, &heap, id, &filled);
  fclose(file);
  return heap;
}

static void connect(struct heap *heap) {
  for (uint32_t id = 0; id < heap->n; id++) {
    struct object *object = &heap->objects[id];
    for (uint32_t i = 0; i < object->edges; i++) {
      struct object *to = &heap->objects[heap->targets[object->first + i]];
      if (to->count > 0) to->count--;
      rh_object_retain(to->handle);
      if (rh_slot_swap(object->handle, i, to->handle) != 0) bench_fail("a slot was refused");
    }
  }
}

/* Of an object with a count that is none, or that native code uses without
 * counting, the reference of this program stays. */
static void hold_from_outside(const struct object *object) {
  if (object->count > IMMORTAL) {
    rh_object_immortalize(object->handle);
    return;
  }
  for (uint64_t i = 1; i < object->count; i++) rh_object_retain(object->handle);
  if (object->count == 0) rh_object_release(object->handle);
}

int bench_main(int argc, char **argv) {
  if (argc != 4) bench_fail("usage: SNAPSHOT NAME REPEATS");
  back_tables();
  struct heap heap = read_heap(argv[1]);
  connect(&heap);
  for (uint32_t id = 0; id < heap.n; id++) hold_from_outside(&heap.objects[id]);
  uint32_t repeats = bench_number(argv[3]);
  for (uint32_t i = 0; i < repeats; i++) {
    double start = bench_cpu();
    uint32_t found = rh_gc_collect(2);
    double ns = bench_cpu() - start;
    if (found != 0) bench_fail("found garbage in a snapshot that holds none");
    bench_print(&(struct bench_result){
        .subject = "real", .name = argv[2], .n = heap.tracked, .repeat = i, .ns = ns / heap.tracked});
  }
  return 0;
}
