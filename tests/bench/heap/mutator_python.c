/* Peer: CPython through its C API, on the leanest objects it can have (python_node.h). */
#include "python_node.h"

#include "bench.h"
#include "mutator.h"

_Static_assert((int)MUTATOR_SLOTS == (int)GRAPH_SLOTS, "one kind of node");

static PyObject **variable;
static uint32_t variables;

void peer_start(void) {
  node_start();
}

void peer_fill(uint32_t roots) {
  variables = roots;
  variable = bench_memory(roots * sizeof(PyObject *));
  for (uint32_t i = 0; i < roots; i++) variable[i] = node_new();
}

static inline void store(const struct step *step) {
  PyObject **slot = &((struct node *)variable[step->x])->slot[step->slot];
  PyObject *old = *slot;
  *slot = Py_NewRef(variable[step->y]);
  Py_XDECREF(old);
}

static inline void assign(uint32_t x, PyObject *value) {
  PyObject *old = variable[x];
  variable[x] = value;
  Py_DECREF(old);
}

void peer_steps(const struct step *step, uint32_t n) {
  for (uint32_t i = 0; i < n; i++, step++) {
    if (step->kind == STEP_STORE)
      store(step);
    else if (step->kind == STEP_NEW)
      assign(step->x, node_new());
    else
      assign(step->x, Py_NewRef(variable[step->y]));
  }
}

void peer_finish(void) {
  for (uint32_t i = 0; i < variables; i++) Py_DECREF(variable[i]);
  bench_memory_free(variable, variables * sizeof(PyObject *));
  (void)PyGC_Collect();
}
