/*
 * The leanest container CPython can have: a native type with GRAPH_SLOTS
 * references and nothing else, tracked by its collector.
 */
#ifndef PYTHON_NODE_H
#define PYTHON_NODE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "graphs.h"

struct node {
  PyObject_HEAD PyObject *slot[GRAPH_SLOTS];
};

void node_start(void); /* once */
PyObject *node_new(void);

#endif
