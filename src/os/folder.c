/* What a path names, and the sorted contents of a folder. */
#define _DEFAULT_SOURCE
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum rh_os_kind rh_os_path_kind(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return RH_OS_MISSING;
  if (S_ISDIR(status.st_mode)) return RH_OS_FOLDER;
  return S_ISREG(status.st_mode) ? RH_OS_FILE : RH_OS_DEVICE;
}

static int by_bytes(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool append_name(char ***names, size_t *count, size_t *room, const char *name) {
  if (*count == *room) {
    size_t larger = *room * 2 + 16;
    char **grown = realloc(*names, larger * sizeof *grown);
    if (grown == NULL) return false;
    *names = grown;
    *room = larger;
  }
  char *copy = strdup(name);
  if (copy == NULL) return false;
  (*names)[(*count)++] = copy;
  return true;
}

int rh_os_list(const char *folder, char ***names, size_t *count) {
  size_t room = 0;
  bool enough = true;
  *names = NULL;
  *count = 0;
  DIR *directory = opendir(folder);
  if (directory == NULL) return errno;
  for (struct dirent *entry = readdir(directory); enough && entry != NULL; entry = readdir(directory)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    enough = append_name(names, count, &room, entry->d_name);
  }
  (void)closedir(directory);
  if (*count > 0) qsort(*names, *count, sizeof **names, by_bytes);
  return enough ? 0 : ENOMEM;
}
