/* Peer: CPython's allocator of objects (pymalloc), inside the interpreter. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef char *block;

static inline block peer_new(uint32_t bytes) {
  return PyObject_Malloc(bytes);
}

static inline char *peer_bytes(block b) {
  return b;
}

static inline void peer_free(block b) {
  PyObject_Free(b);
}

static inline const char *peer_version(void) {
  static char version[64];
  snprintf(version, sizeof version, "%.*s", (int)strcspn(Py_GetVersion(), " "), Py_GetVersion());
  return version;
}

#include "blocks.h"
