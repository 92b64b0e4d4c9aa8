/* Children: both directions at once without deadlock, deadlines, ends. */
#define _POSIX_C_SOURCE 200809L
#include "os/os.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const uint64_t second = 1000000000u;

/* The next line within ten seconds. */
static enum rh_os_taken next_line(struct rh_os_child *child, char **line, size_t *length) {
  uint64_t deadline = rh_os_clock() + 10 * second;
  enum rh_os_taken taken = rh_os_take_line(child, line, length);
  while (taken == RH_OS_PARTIAL && rh_os_wait_io(child, 1, deadline)) taken = rh_os_take_line(child, line, length);
  return taken;
}

static void lines_come_back(void) {
  char *argv[] = {"cat", NULL};
  struct rh_os_child child;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  CHECK(rh_os_send(&child, "one\n", 4));
  CHECK(rh_os_send(&child, "\ntwo", 4));
  char *line = NULL;
  size_t length = 0;
  CHECK_INT(next_line(&child, &line, &length), RH_OS_LINE);
  CHECK_TEXT(line, "one");
  CHECK_INT(next_line(&child, &line, &length), RH_OS_LINE);
  CHECK_INT(length, 0);
  CHECK_INT(rh_os_take_line(&child, &line, &length), RH_OS_PARTIAL);
  CHECK(!rh_os_wait_io(&child, 1, 0) || rh_os_take_line(&child, &line, &length) == RH_OS_PARTIAL);
  struct rh_os_end end = rh_os_stop(&child, 10 * second);
  CHECK(!end.signalled);
  CHECK_INT(end.code, 0);
  CHECK_INT(child.pid, 0);
}

/* Megabytes in both directions: neither side may wait for the other. */
static void full_pipes_do_not_block(void) {
  enum { LINES = 400000 };
  char *argv[] = {"cat", NULL};
  struct rh_os_child child;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  char *all = malloc((size_t)LINES * 16);
  CHECK(all != NULL);
  size_t n = 0;
  for (int i = 0; i < LINES; i++) n += (size_t)sprintf(all + n, "line %d\n", i);
  CHECK(rh_os_send(&child, all, n));
  free(all);
  int good = 0;
  for (int i = 0; i < LINES; i++) {
    char expected[32], *line = NULL;
    size_t length = 0;
    sprintf(expected, "line %d", i);
    if (next_line(&child, &line, &length) != RH_OS_LINE) break;
    good += strcmp(line, expected) == 0;
  }
  CHECK_INT(good, LINES);
  (void)rh_os_stop(&child, 10 * second);
}

static void silence_meets_the_deadline(void) {
  char *argv[] = {"sleep", "100", NULL};
  struct rh_os_child child;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  uint64_t start = rh_os_clock();
  CHECK(!rh_os_wait_io(&child, 1, start + second / 10));
  CHECK(rh_os_clock() - start >= second / 10);
  CHECK(rh_os_clock() - start < 5 * second);
  struct rh_os_end end = rh_os_stop(&child, 0);
  CHECK(end.signalled);
  CHECK_INT(end.code, SIGKILL);
  CHECK_TEXT(rh_os_signal_name(end.code), "SIGKILL");
}

static void death_is_the_end(void) {
  char *argv[] = {"sh", "-c", "echo last; printf lost; kill -ABRT $$", NULL};
  struct rh_os_child child;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  char *line = NULL;
  size_t length = 0;
  CHECK_INT(next_line(&child, &line, &length), RH_OS_LINE);
  CHECK_TEXT(line, "last");
  CHECK_INT(next_line(&child, &line, &length), RH_OS_END);
  struct rh_os_end end = rh_os_stop(&child, 10 * second);
  CHECK(end.signalled);
  CHECK_INT(end.code, SIGABRT);
}

static void writing_to_the_dead_is_harmless(void) {
  char *argv[] = {"true", NULL};
  struct rh_os_child child;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  char *line = NULL;
  size_t length = 0;
  CHECK_INT(next_line(&child, &line, &length), RH_OS_END);
  /* A moment may pass between the two ends closing. */
  uint64_t deadline = rh_os_clock() + 10 * second;
  bool accepted = true;
  while (accepted && rh_os_clock() < deadline) {
    accepted = rh_os_send(&child, "x\n", 2);
    (void)rh_os_wait_io(&child, 1, rh_os_clock() + second / 100);
  }
  CHECK(!accepted);
  struct rh_os_end end = rh_os_stop(&child, 10 * second);
  CHECK_INT(end.code, 0);
}

static void endless_line_is_refused(void) {
  char *argv[] = {"sh", "-c", "tr '\\0' x </dev/zero", NULL};
  struct rh_os_child child;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  char *line = NULL;
  size_t length = 0;
  CHECK_INT(next_line(&child, &line, &length), RH_OS_OVERLONG);
  (void)rh_os_stop(&child, 0);
}

/* However the line was cut into pieces on its way: the limit is one of the line. */
static void a_long_line_is_refused(void) {
  char *argv[] = {"sh", "-c", "head -c $((16777216 + $0)) /dev/zero | tr '\\0' x; echo", "0", NULL};
  struct rh_os_child child;
  char *line = NULL;
  size_t length = 0;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  CHECK_INT(next_line(&child, &line, &length), RH_OS_LINE);
  CHECK_INT(length, RH_OS_LINE_MAX);
  (void)rh_os_stop(&child, 0);
  argv[3] = "1";
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  CHECK_INT(next_line(&child, &line, &length), RH_OS_OVERLONG);
  (void)rh_os_stop(&child, 0);
}

static void a_peer_is_no_process(void) {
  int input[2], output[2];
  struct rh_os_child child;
  char *line = NULL, byte = 0;
  size_t length = 0;
  CHECK(pipe(input) == 0 && pipe(output) == 0);
  CHECK_INT(rh_os_connect(input[1], output[0], &child), 0);
  CHECK_INT(rh_os_take_line(&child, &line, &length), RH_OS_PARTIAL);
  CHECK_INT(write(output[1], "hello\n", 6), 6);
  CHECK_INT(next_line(&child, &line, &length), RH_OS_LINE);
  CHECK_TEXT(line, "hello");
  CHECK(rh_os_send(&child, "!", 1) && rh_os_wait_io(&child, 1, 0));
  CHECK(read(input[0], &byte, 1) == 1 && byte == '!');
  struct rh_os_end end = rh_os_stop(&child, second);
  CHECK(!end.signalled && end.code == 0);
  CHECK_INT(child.pid, 0);
  CHECK_INT(read(input[0], &byte, 1), 0); /* our end is closed */
  (void)close(input[0]);
  (void)close(output[1]);
}

static void unknown_command_is_an_error(void) {
  char *argv[] = {"/nowhere/at-all", NULL};
  struct rh_os_child child = {0};
  CHECK_INT(rh_os_spawn(argv, &child), ENOENT);
  CHECK_INT(child.pid, 0);
  CHECK(!rh_os_send(&child, "x", 1));
  CHECK_INT(rh_os_stop(&child, second).code, 0);
}

static void whole_group_is_stopped(void) {
  char *argv[] = {"sh", "-c", "sleep 100 & echo $!; wait", NULL};
  struct rh_os_child child;
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  char *line = NULL;
  size_t length = 0;
  CHECK_INT(next_line(&child, &line, &length), RH_OS_LINE);
  pid_t grandchild = (pid_t)strtol(line, NULL, 10);
  CHECK(grandchild > 1 && kill(grandchild, 0) == 0);
  (void)rh_os_stop(&child, 0);
  /* Dead, or a zombie nobody reaps: in either case it no longer runs. */
  char command[64];
  sprintf(command, "ps -o stat= -p %ld | grep -qv Z", (long)grandchild);
  CHECK(system(command) != 0);
}

/* The last test: an interrupt that came is not forgotten. */
static void an_interrupt_ends_waiting(void) {
  char *argv[] = {"sh", "-c", "kill -INT $PPID; sleep 100", NULL};
  struct rh_os_child child;
  rh_os_catch_interrupts();
  CHECK(!rh_os_interrupted());
  uint64_t begin = rh_os_clock();
  CHECK_INT(rh_os_spawn(argv, &child), 0);
  CHECK(!rh_os_wait_io(&child, 1, begin + 60 * second));
  CHECK(rh_os_interrupted());
  CHECK(rh_os_clock() - begin < 50 * second);
  (void)rh_os_stop(&child, 0);
}

static void setup(void) {
  rh_os_ignore_broken_pipes();
}

TEST_MAIN(setup, lines_come_back, full_pipes_do_not_block, silence_meets_the_deadline, death_is_the_end,
          writing_to_the_dead_is_harmless, endless_line_is_refused, a_long_line_is_refused, a_peer_is_no_process,
          unknown_command_is_an_error, whole_group_is_stopped, an_interrupt_ends_waiting)
