/* A CPython inside this process. */
#include "embedded_python.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct object;      /* PyObject */
typedef long ssize; /* Py_ssize_t */
_Static_assert(sizeof(ssize) == sizeof(void *), "a machine of another kind");

static struct {
  void (*initialize)(int);
  struct object *(*import)(const char *);
  struct object *(*call)(struct object *, const char *, const char *, ...);
  int (*as_bytes)(struct object *, char **, ssize *);
  void (*drop)(struct object *);
  void (*print_error)(void);
} python;

static struct object *module, *answer;

static _Noreturn void give_up(const char *what, const char *why) {
  fprintf(stderr, "cpython: %s: %s\n", what, why);
  exit(2);
}

static const char *environment(const char *name) {
  const char *value = getenv(name);
  if (value == NULL) give_up(name, "not set; start this program with PYTHON fuzz/with_python.py PROGRAM");
  return value;
}

/* Stores the address of a function: no cast leads from an object to one. */
static void find(void *library, const char *name, void *pointer) {
  void *found = dlsym(library, name);
  if (found == NULL) give_up(name, dlerror());
  memcpy(pointer, &found, sizeof found);
}

static void load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL); /* extension modules look for its symbols among all */
  if (library == NULL) give_up(path, dlerror());
  find(library, "Py_InitializeEx", &python.initialize);
  find(library, "PyImport_ImportModule", &python.import);
  find(library, "PyObject_CallMethod", &python.call);
  find(library, "PyBytes_AsStringAndSize", &python.as_bytes);
  find(library, "Py_DecRef", &python.drop);
  find(library, "PyErr_Print", &python.print_error);
}

void embedded_python_start(const char *name) {
  load(environment("RH_LIBPYTHON"));
  python.initialize(0);
  module = python.import(name);
  if (module == NULL) {
    python.print_error();
    give_up(name, "this module cannot be imported");
  }
  (void)unsetenv("PYTHONHOME"); /* processes that are started later find their own */
  (void)unsetenv("PYTHONPATH");
}

struct embedded_text embedded_python_call(const char *function, const char *argument) {
  char *bytes = NULL;
  ssize size = 0;
  if (answer != NULL) python.drop(answer);
  answer = python.call(module, function, argument != NULL ? "y" : NULL, argument);
  if (answer == NULL || python.as_bytes(answer, &bytes, &size) != 0) {
    python.print_error();
    give_up(function, "the adapter failed");
  }
  return (struct embedded_text){bytes, (size_t)size};
}
