/* Which traces to judge: files, folders, generated ones. */
#define _POSIX_C_SOURCE 200809L
#include "oracle/suite.h"

#include "os/os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDER_DEPTH_MAX = 32 };

static bool ends_with(const char *name, const char *ending) {
  size_t n = strlen(name), m = strlen(ending);
  return n > m && strcmp(name + n - m, ending) == 0;
}

static bool is_trace_name(const char *name) {
  return ends_with(name, ".trace") || ends_with(name, ".jsonl") || ends_with(name, ".bin");
}

static bool lacks_memory(const char *path, char *message, size_t size) {
  (void)snprintf(message, size, "%s: no memory for the list of traces", path);
  return false;
}

static bool add_file(struct rh_suite *suite, const char *path, char *message, size_t size) {
  if (suite->nfiles == suite->room) {
    size_t room = suite->room * 2 + 64;
    char **files = realloc(suite->files, room * sizeof *files);
    if (files != NULL) {
      suite->files = files;
      suite->room = room;
    }
  }
  char *copy = suite->nfiles < suite->room ? strdup(path) : NULL;
  if (copy == NULL) return lacks_memory(path, message, size);
  suite->files[suite->nfiles++] = copy;
  return true;
}

static bool add_folder(struct rh_suite *suite, const char *folder, int depth, char *message, size_t size);

static bool add_entry(struct rh_suite *suite, const char *folder, const char *name, int depth, char *message,
                      size_t size) {
  size_t room = strlen(folder) + strlen(name) + 2;
  char *path = malloc(room);
  if (path == NULL) return lacks_memory(folder, message, size);
  bool slash = ends_with(folder, "/") || strcmp(folder, "/") == 0;
  (void)snprintf(path, room, "%s%s%s", folder, slash ? "" : "/", name);
  bool added = true;
  if (rh_os_path_kind(path) == RH_OS_FOLDER) {
    added = add_folder(suite, path, depth + 1, message, size);
  } else if (is_trace_name(name)) {
    added = add_file(suite, path, message, size);
  }
  free(path);
  return added;
}

static bool add_folder(struct rh_suite *suite, const char *folder, int depth, char *message, size_t size) {
  char **names = NULL;
  size_t count = 0;
  int error = depth > FOLDER_DEPTH_MAX ? ELOOP : rh_os_list(folder, &names, &count);
  bool added = error == 0;
  if (!added) (void)snprintf(message, size, "%s: %s", folder, strerror(error));
  for (size_t i = 0; i < count; i++) {
    added = added && add_entry(suite, folder, names[i], depth, message, size);
    free(names[i]);
  }
  free(names);
  return added;
}

bool rh_suite_add(struct rh_suite *suite, const char *path, char *message, size_t size) {
  size_t before = suite->nfiles;
  if (rh_os_path_kind(path) != RH_OS_FOLDER) return add_file(suite, path, message, size);
  if (!add_folder(suite, path, 0, message, size)) return false;
  if (suite->nfiles > before) return true;
  (void)snprintf(message, size, "%s: no trace in this folder (*.trace, *.jsonl, *.bin)", path);
  return false;
}

size_t rh_suite_size(const struct rh_suite *suite) {
  return suite->nfiles + suite->generated;
}

bool rh_suite_read(struct rh_suite *suite, struct rh_diagnostic *diagnostic, const char **file) {
  *diagnostic = (struct rh_diagnostic){.message = "no memory"};
  *file = "suite";
  suite->loaded = calloc(suite->nfiles + 1, sizeof(struct rh_trace *));
  if (suite->loaded == NULL) return false;
  for (size_t i = 0; i < suite->nfiles; i++) {
    *file = suite->files[i];
    suite->loaded[i] = rh_trace_load(suite->files[i], diagnostic);
    if (suite->loaded[i] == NULL) return false;
  }
  return true;
}

struct rh_trace *rh_suite_take(struct rh_suite *suite, size_t i, const struct rh_profile *profile) {
  if (i < suite->nfiles) {
    struct rh_trace *trace = suite->loaded[i];
    suite->loaded[i] = NULL;
    return trace;
  }
  return rh_generate(&(struct rh_generate_options){.seed = suite->seed + (i - suite->nfiles),
                                                   .operations = suite->operations,
                                                   .mix = suite->mix,
                                                   .profile = profile});
}

void rh_suite_free(struct rh_suite *suite) {
  for (size_t i = 0; i < suite->nfiles; i++) {
    if (suite->loaded != NULL) rh_trace_free(suite->loaded[i]);
    free(suite->files[i]);
  }
  free(suite->loaded);
  free(suite->files);
  *suite = (struct rh_suite){0};
}
