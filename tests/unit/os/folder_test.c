/* Paths are told apart; a folder's names come sorted. */
#include "os/os.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>

static void kinds(void) {
  CHECK_INT(rh_os_path_kind("."), RH_OS_FOLDER);
  CHECK_INT(rh_os_path_kind("/dev/null"), RH_OS_DEVICE);
  CHECK_INT(rh_os_path_kind("/nowhere/at-all"), RH_OS_MISSING);
}

static void names_are_sorted(void) {
  char **names = NULL;
  size_t count = 0;
  CHECK_INT(rh_os_list("/", &names, &count), 0);
  CHECK(count > 2);
  for (size_t i = 0; i < count; i++) {
    CHECK(names[i][0] != '.' || (names[i][1] != '\0' && strcmp(names[i], "..") != 0));
    if (i > 0) CHECK(strcmp(names[i - 1], names[i]) < 0);
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
}

static void missing_folder_is_an_error(void) {
  char **names = NULL;
  size_t count = 1;
  CHECK_INT(rh_os_list("/nowhere/at-all", &names, &count), ENOENT);
  CHECK_INT(count, 0);
}

TEST_MAIN(kinds, names_are_sorted, missing_folder_is_an_error)
