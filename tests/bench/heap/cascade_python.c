/* Peer: CPython's tuples, the leanest chain it can have without a type of one's own. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "bench.h"
#include "cascade.h"

static PyObject *first, *last;

void peer_start(void) {
}

static PyObject *new_link(void) {
  PyObject *link = PyTuple_New(1);
  if (link == NULL) bench_fail("out of memory");
  return link;
}

void peer_chain(const uint32_t *order, uint32_t n) {
  PyObject **link = bench_memory(n * sizeof(PyObject *));
  for (uint32_t i = 0; i < n; i++) link[i] = new_link();
  first = link[order[0]];
  for (uint32_t k = 0; k + 1 < n; k++) PyTuple_SET_ITEM(link[order[k]], 0, link[order[k + 1]]);
  last = PyFloat_FromDouble(0.5);
  PyTuple_SET_ITEM(link[order[n - 1]], 0, Py_NewRef(last));
  bench_memory_free(link, n * sizeof(PyObject *));
}

void peer_release(void) {
  Py_CLEAR(first);
}

void peer_finish(void) {
  if (Py_REFCNT(last) != 1) bench_fail("the end of the chain is still held");
  Py_CLEAR(last);
}
