/*
 * A CPython inside this process: the library that with_python.py names, loaded
 * when the first input comes. A dozen functions of its C interface are called,
 * that every version from 3.9 on has, and found by name, so no version is
 * chosen when this is built.
 *
 * Whatever goes wrong in here is no finding: it ends the process with one line
 * and exit code 2.
 */
#ifndef RH_FUZZ_EMBEDDED_PYTHON_H
#define RH_FUZZ_EMBEDDED_PYTHON_H

#include <stddef.h>

struct embedded_text {
  const char *bytes; /* NUL-terminated; valid until the next call */
  size_t size;
};

/* Starts the interpreter and imports the module of this name. */
void embedded_python_start(const char *name);

/* Calls a function of that module, which takes nothing (NULL) or bytes and gives bytes. */
struct embedded_text embedded_python_call(const char *function, const char *argument);

#endif
