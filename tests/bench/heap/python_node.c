/* See python_node.h. */
#include "python_node.h"

#include "bench.h"

static int traverse(PyObject *self, visitproc visit, void *arg) {
  struct node *node = (struct node *)self;
  for (int i = 0; i < GRAPH_SLOTS; i++) Py_VISIT(node->slot[i]);
  return 0;
}

static int clear(PyObject *self) {
  struct node *node = (struct node *)self;
  for (int i = 0; i < GRAPH_SLOTS; i++) Py_CLEAR(node->slot[i]);
  return 0;
}

/* A long chain of nodes would be freed by recursion, but for the trashcan. */
static void dealloc(PyObject *self) {
  PyObject_GC_UnTrack(self);
  Py_TRASHCAN_BEGIN(self, dealloc) clear(self);
  PyObject_GC_Del(self);
  Py_TRASHCAN_END
}

static PyTypeObject node_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "bench.Node",
    .tp_basicsize = sizeof(struct node),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
};

void node_start(void) {
  if (PyType_Ready(&node_type) != 0) bench_fail("PyType_Ready failed");
}

PyObject *node_new(void) {
  struct node *node = PyObject_GC_New(struct node, &node_type);
  if (node == NULL) bench_fail("out of memory");
  for (int i = 0; i < GRAPH_SLOTS; i++) node->slot[i] = NULL;
  PyObject_GC_Track(node);
  return (PyObject *)node;
}
