/* Peer: CPython's collector, through its C API, on the leanest objects it can have (python_node.h). */
#include "python_node.h"

#include "bench.h"
#include "collector.h"

static PyObject *gc;

void peer_start(void) {
  node_start();
  gc = PyImport_ImportModule("gc");
  if (gc == NULL) bench_fail("no module gc");
}

const char *peer_version(void) {
  static char version[64];
  snprintf(version, sizeof version, "%.*s", (int)strcspn(Py_GetVersion(), " "), Py_GetVersion());
  return version;
}

uintptr_t peer_build(const struct graph *graph) {
  uint32_t n = graph->n;
  PyObject **node = bench_memory(n * sizeof(PyObject *));
  for (uint32_t i = 0; i < n; i++) node[i] = node_new();
  for (uint32_t i = 0; i < GRAPH_SLOTS * n; i++) {
    if (graph->to[i] != GRAPH_NONE)
      ((struct node *)node[i / GRAPH_SLOTS])->slot[i % GRAPH_SLOTS] = Py_NewRef(node[graph->to[i]]);
  }
  uintptr_t root = (uintptr_t)node[0];
  for (uint32_t i = 1; i < n; i++) Py_DECREF(node[i]);
  bench_memory_free(node, n * sizeof(PyObject *));
  return root;
}

void peer_release(uintptr_t root) {
  Py_DECREF((PyObject *)root);
}

int64_t peer_collect(void) {
  return PyGC_Collect();
}

void peer_reset(void) {
}

static long long call(const char *name, const char *format, int argument) {
  PyObject *result = PyObject_CallMethod(gc, name, format, argument);
  if (result == NULL) bench_fail("a function of module gc failed");
  long long number = result == Py_None ? 0 : PyLong_AsLongLong(result);
  Py_DECREF(result);
  return number;
}

int64_t peer_collect_young(void) {
  return call("collect", "i", 0);
}

void peer_freeze(void) {
  (void)call("freeze", NULL, 0);
}

void peer_thaw(void) {
  (void)call("unfreeze", NULL, 0);
}
