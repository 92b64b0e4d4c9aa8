/*
 * Child processes over two pipes. Our ends never block: rh_os_wait_io polls
 * and moves as much as fits in both directions, so neither side can wait for
 * the other for ever because a pipe is full.
 */
#define _GNU_SOURCE
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void close_end(int *descriptor) {
  if (*descriptor >= 0) (void)close(*descriptor);
  *descriptor = -1;
}

/* Writing end blocking for the child's side, ours not. */
static int open_pipe(int ends[2], int ours) {
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  return fcntl(ends[ours], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

static int start(char *const argv[], int its_input, int its_output, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  (void)sigfillset(&all);
  (void)sigemptyset(&none);
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    (void)posix_spawn_file_actions_adddup2(&actions, its_input, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, its_output, STDOUT_FILENO);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    error = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
  }
  (void)posix_spawn_file_actions_destroy(&actions);
  return error;
}

int rh_os_spawn(char *const argv[], struct rh_os_child *child) {
  int to[2] = {-1, -1}, from[2] = {-1, -1};
  pid_t pid = 0;
  int error = open_pipe(to, 1);
  if (error == 0) error = open_pipe(from, 0);
  if (error == 0) error = start(argv, to[0], from[1], &pid);
  close_end(&to[0]);
  close_end(&from[1]);
  if (error != 0) {
    close_end(&to[1]);
    close_end(&from[0]);
    return error;
  }
  *child = (struct rh_os_child){.pid = pid, .input = to[1], .output = from[0]};
  return 0;
}

int rh_os_connect(int input, int output, struct rh_os_child *child) {
  *child = (struct rh_os_child){.pid = -1, .input = input, .output = output};
  if (fcntl(input, F_SETFL, O_NONBLOCK) == 0 && fcntl(output, F_SETFL, O_NONBLOCK) == 0) return 0;
  int error = errno;
  (void)rh_os_stop(child, 0);
  return error;
}

bool rh_os_send(struct rh_os_child *child, const char *bytes, size_t n) {
  if (child->pid == 0 || child->input < 0) return false;
  size_t left = child->nsending - child->sent;
  char *all = malloc(left + n + 1);
  if (all == NULL) return false;
  if (left > 0) memcpy(all, child->sending + child->sent, left);
  memcpy(all + left, bytes, n);
  free(child->sending);
  child->sending = all;
  child->sent = 0;
  child->nsending = left + n;
  return true;
}

static bool write_some(struct rh_os_child *child) {
  ssize_t n = write(child->input, child->sending + child->sent, child->nsending - child->sent);
  if (n > 0) {
    child->sent += (size_t)n;
    return true;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  child->sent = child->nsending = 0;
  close_end(&child->input);
  return true;
}

/* Room for RH_OS_READ_SIZE more bytes and a NUL; taken bytes are moved out first. */
static bool make_room(struct rh_os_child *child) {
  if (child->room - child->nreceived > RH_OS_READ_SIZE) return true;
  if (child->taken > 0) {
    memmove(child->received, child->received + child->taken, child->nreceived - child->taken);
    child->nreceived -= child->taken;
    child->taken = 0;
    if (child->room - child->nreceived > RH_OS_READ_SIZE) return true;
  }
  size_t room = child->room * 2 + (size_t)2 * RH_OS_READ_SIZE;
  char *received = realloc(child->received, room);
  if (received == NULL) return false;
  child->received = received;
  child->room = room;
  return true;
}

static bool read_some(struct rh_os_child *child) {
  ssize_t n = make_room(child) ? read(child->output, child->received + child->nreceived, RH_OS_READ_SIZE) : 0;
  if (n > 0) {
    child->nreceived += (size_t)n;
    return true;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  close_end(&child->output);
  return true;
}

static bool wants_write(const struct rh_os_child *child) {
  return child->pid != 0 && child->input >= 0 && child->sent < child->nsending;
}

static bool wants_read(const struct rh_os_child *child) {
  return child->pid != 0 && child->output >= 0 && child->nreceived - child->taken < RH_OS_BUFFERED_MAX;
}

/* Of one poll: at most a second, because an interrupt may come just before it. */
static int milliseconds_until(uint64_t deadline) {
  if (rh_os_interrupted()) return 0;
  uint64_t now = rh_os_clock();
  if (now >= deadline) return 0;
  uint64_t left = (deadline - now) / 1000000u + 1;
  return left < 1000 ? (int)left : 1000;
}

bool rh_os_wait_io(struct rh_os_child *children, size_t n, uint64_t deadline) {
  struct pollfd *ends = calloc(2 * n + 1, sizeof *ends);
  if (ends == NULL) return false;
  bool waiting = false, moved = false;
  for (size_t i = 0; i < n; i++) {
    ends[2 * i] = (struct pollfd){.fd = wants_write(&children[i]) ? children[i].input : -1, .events = POLLOUT};
    ends[2 * i + 1] = (struct pollfd){.fd = wants_read(&children[i]) ? children[i].output : -1, .events = POLLIN};
    waiting = waiting || ends[2 * i].fd >= 0 || ends[2 * i + 1].fd >= 0;
  }
  while (waiting && !moved) {
    int patience = milliseconds_until(deadline);
    int ready = poll(ends, (nfds_t)(2 * n), patience);
    if (ready <= 0 && patience == 0) break;
    for (size_t i = 0; ready > 0 && i < n; i++) {
      if (ends[2 * i].fd >= 0 && ends[2 * i].revents != 0 && write_some(&children[i])) moved = true;
      if (ends[2 * i + 1].fd >= 0 && ends[2 * i + 1].revents != 0 && read_some(&children[i])) moved = true;
    }
  }
  free(ends);
  return moved;
}

enum rh_os_taken rh_os_take_line(struct rh_os_child *child, char **line, size_t *length) {
  size_t left = child->nreceived - child->taken;
  char *begin = left > 0 ? child->received + child->taken : NULL;
  char *end = left > 0 ? memchr(begin, '\n', left) : NULL;
  size_t n = end != NULL ? (size_t)(end - begin) : left;
  if (n > RH_OS_LINE_MAX) return RH_OS_OVERLONG;
  if (end != NULL) {
    *end = '\0';
    *line = begin;
    *length = n;
    child->taken += n + 1;
    return RH_OS_LINE;
  }
  return child->pid != 0 && child->output >= 0 ? RH_OS_PARTIAL : RH_OS_END;
}

static bool ended(pid_t pid, int options, struct rh_os_end *end) {
  int status = 0;
  pid_t got = 0;
  do {
    got = waitpid(pid, &status, options);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return false;
  if (got == pid && WIFSIGNALED(status)) *end = (struct rh_os_end){.signalled = true, .code = WTERMSIG(status)};
  if (got == pid && WIFEXITED(status)) *end = (struct rh_os_end){.code = WEXITSTATUS(status)};
  return true;
}

static struct rh_os_end end_process(pid_t pid, uint64_t patience) {
  struct rh_os_end end = {0};
  uint64_t deadline = rh_os_clock() + patience;
  uint64_t pause = 100000;
  bool over = ended(pid, WNOHANG, &end);
  while (!over && rh_os_clock() < deadline) {
    (void)nanosleep(&(struct timespec){.tv_nsec = (long)pause}, NULL);
    if (pause < 10000000u) pause *= 2;
    over = ended(pid, WNOHANG, &end);
  }
  /* The group too: an implementation may run each trace in a process of its own. */
  (void)kill(-pid, SIGKILL);
  if (!over) (void)ended(pid, 0, &end);
  return end;
}

struct rh_os_end rh_os_stop(struct rh_os_child *child, uint64_t patience) {
  struct rh_os_end end = {0};
  if (child->pid == 0) return end;
  close_end(&child->input);
  close_end(&child->output);
  if (child->pid > 0) end = end_process(child->pid, patience);
  free(child->sending);
  free(child->received);
  *child = (struct rh_os_child){0};
  return end;
}

const char *rh_os_signal_name(int number) {
  static const struct {
    int number;
    const char *name;
  } names[] = {
      {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGHUP, "SIGHUP"},   {SIGILL, "SIGILL"},
      {SIGINT, "SIGINT"},   {SIGKILL, "SIGKILL"}, {SIGPIPE, "SIGPIPE"}, {SIGSEGV, "SIGSEGV"}, {SIGSYS, "SIGSYS"},
      {SIGTERM, "SIGTERM"}, {SIGTRAP, "SIGTRAP"}, {SIGXCPU, "SIGXCPU"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].number == number) return names[i].name;
  return NULL;
}

static volatile sig_atomic_t interrupted;

static void note_interrupt(int number) {
  (void)number;
  interrupted = 1;
}

void rh_os_catch_interrupts(void) {
  struct sigaction action = {.sa_handler = note_interrupt};
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
}

bool rh_os_interrupted(void) {
  return interrupted != 0;
}

void rh_os_ignore_broken_pipes(void) {
  (void)signal(SIGPIPE, SIG_IGN);
}

bool rh_os_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}
