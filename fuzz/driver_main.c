/*
 * A driver for any fuzz target without a fuzzer, for any compiler: replays
 * inputs, or makes random ones. A failure is what the target says, then a line
 * that names the input; the program ends as the target ended it.
 *
 * usage: TARGET FILE|FOLDER...          replays files, and all files of folders
 *        TARGET N SEED [FOLDER...]      N random inputs; see random_inputs.c
 *        TARGET -                       replays standard input
 */
#include "driver.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where a sanitizer is linked in, it calls back before it ends the program. */
__attribute__((weak)) void
__sanitizer_set_death_callback(void (*callback)(void)); // NOLINT(bugprone-reserved-identifier)

static const char *under_way; /* the path that is replayed */
static unsigned long long replayed;

static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return; /* nobody is left to tell */
}

static void name_input(void) {
  if (under_way == NULL) return;
  say("while replaying ");
  say(under_way);
  say("\n");
  under_way = NULL;
}

static void name_input_on_signal(int number) {
  (void)signal(number, SIG_DFL);
  name_input();
  (void)raise(number);
}

void *driver_grown(void *array, size_t size) {
  array = realloc(array, size);
  if (array == NULL) abort();
  return array;
}

void driver_run(const uint8_t *bytes, size_t size) {
  uint8_t *exact = driver_grown(NULL, size ? size : 1);
  if (size) memcpy(exact, bytes, size);
  (void)LLVMFuzzerTestOneInput(exact, size);
  free(exact);
}

static void fail(const char *path) {
  fprintf(stderr, "%s: %s\n", path, strerror(errno));
  exit(2);
}

static bool is_folder(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) fail(path);
  return S_ISDIR(status.st_mode);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_with(const char *name, const char *suffix) {
  size_t n = strlen(name), m = strlen(suffix);
  return n >= m && strcmp(name + n - m, suffix) == 0;
}

char **driver_list(const char *folder, const char *suffix, size_t *n) {
  char **paths = NULL;
  *n = 0;
  DIR *entries = opendir(folder);
  if (entries == NULL) fail(folder);
  for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
    if (entry->d_name[0] == '.' || !ends_with(entry->d_name, suffix)) continue;
    size_t size = strlen(folder) + strlen(entry->d_name) + 2;
    char *path = driver_grown(NULL, size);
    snprintf(path, size, "%s/%s", folder, entry->d_name);
    if (is_folder(path)) {
      free(path);
      continue;
    }
    paths = driver_grown(paths, (*n + 1) * sizeof *paths);
    paths[(*n)++] = path;
  }
  closedir(entries);
  if (*n) qsort(paths, *n, sizeof *paths, by_name);
  return paths;
}

static void replay_stream(FILE *file, const char *path) {
  uint8_t *bytes = NULL, block[4096];
  size_t size = 0, n;
  while ((n = fread(block, 1, sizeof block, file)) > 0) {
    bytes = driver_grown(bytes, size + n);
    memcpy(bytes + size, block, n);
    size += n;
  }
  if (ferror(file)) fail(path);
  under_way = path;
  driver_run(bytes, size);
  under_way = NULL;
  replayed++;
  free(bytes);
}

static void replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path);
  replay_stream(file, path);
  fclose(file);
}

static void replay(const char *path) {
  if (strcmp(path, "-") == 0) {
    replay_stream(stdin, path);
    return;
  }
  if (!is_folder(path)) {
    replay_file(path);
    return;
  }
  size_t n = 0;
  char **paths = driver_list(path, "", &n);
  for (size_t i = 0; i < n; i++) {
    replay_file(paths[i]);
    free(paths[i]);
  }
  free(paths);
}

static bool is_number(const char *text) {
  return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

int main(int argc, char **argv) {
  if (argc < 2 || (is_number(argv[1]) && (argc < 3 || !is_number(argv[2])))) {
    fprintf(stderr, "usage: %s FILE|FOLDER...\n       %s N SEED [FOLDER...]\n", argv[0], argv[0]);
    return 2;
  }
  if (is_number(argv[1])) {
    driver_run_random(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10), argv + 3, argc - 3);
    return 0;
  }
  (void)signal(SIGABRT, name_input_on_signal);
  if (__sanitizer_set_death_callback != NULL) __sanitizer_set_death_callback(name_input);
  for (int i = 1; i < argc; i++) replay(argv[i]);
  if (replayed == 0) {
    fprintf(stderr, "%s: no input to replay\n", argv[0]);
    return 2;
  }
  printf("%llu inputs replayed: no failure\n", replayed);
  return 0;
}
