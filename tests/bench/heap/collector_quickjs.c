/* Peer: QuickJS, reference counts and trial deletion, on objects with GRAPH_SLOTS properties. */
#include "collector.h"

#include "bench.h"
#include <quickjs.h>
#include <stddef.h>

static JSRuntime *runtime;
static JSContext *context;
static JSAtom slots[GRAPH_SLOTS];
static JSValue held;

void peer_start(void) {
  static const char *const names[GRAPH_SLOTS] = {"a", "b", "c"};
  runtime = JS_NewRuntime();
  context = runtime == NULL ? NULL : JS_NewContext(runtime);
  if (context == NULL) bench_fail("no QuickJS context");
  JS_SetGCThreshold(runtime, SIZE_MAX);
  for (int i = 0; i < GRAPH_SLOTS; i++) slots[i] = JS_NewAtom(context, names[i]);
}

const char *peer_version(void) {
#ifdef BENCH_QUICKJS_VERSION
  return BENCH_QUICKJS_VERSION;
#else
  return "?";
#endif
}

static JSValue new_node(void) {
  JSValue node = JS_NewObject(context);
  if (JS_IsException(node)) bench_fail("out of memory");
  for (int i = 0; i < GRAPH_SLOTS; i++) JS_SetProperty(context, node, slots[i], JS_NULL);
  return node;
}

uintptr_t peer_build(const struct graph *graph) {
  uint32_t n = graph->n;
  JSValue *node = bench_memory(n * sizeof *node);
  for (uint32_t i = 0; i < n; i++) node[i] = new_node();
  for (uint32_t i = 0; i < GRAPH_SLOTS * n; i++) {
    if (graph->to[i] == GRAPH_NONE) continue;
    JSValue to = JS_DupValue(context, node[graph->to[i]]);
    JS_SetProperty(context, node[i / GRAPH_SLOTS], slots[i % GRAPH_SLOTS], to);
  }
  held = node[0];
  for (uint32_t i = 1; i < n; i++) JS_FreeValue(context, node[i]);
  bench_memory_free(node, n * sizeof *node);
  return 1;
}

void peer_release(uintptr_t root) {
  if (root == 1) JS_FreeValue(context, held);
}

int64_t peer_collect(void) {
  JS_RunGC(runtime);
  return COLLECTED_UNKNOWN;
}

void peer_reset(void) {
}
