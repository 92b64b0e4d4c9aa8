/*
 * Sessions: starting an implementation, putting traces to it, taking its
 * answers, and stopping it when it no longer follows the protocol.
 *
 * A session's state is its child alone: pid 0 means "not running".
 */
#define _POSIX_C_SOURCE 200809L
#include "oracle/pipe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t patience = 2000000000u; /* for a process asked to end */

bool rh_sessions_open(struct rh_sessions *sessions, char **argv, size_t n, uint64_t timeout) {
  *sessions = (struct rh_sessions){.argv = argv, .n = n, .timeout = timeout};
  sessions->children = calloc(n, sizeof *sessions->children);
  return sessions->children != NULL;
}

void rh_sessions_close(struct rh_sessions *sessions) {
  for (size_t i = 0; i < sessions->n; i++) {
    struct rh_os_child *child = &sessions->children[i];
    if (rh_os_send(child, "quit\n", 5)) (void)rh_os_wait_io(child, 1, 0);
    (void)rh_os_stop(child, patience);
  }
  free(sessions->children);
  *sessions = (struct rh_sessions){0};
}

/* The next line of session i; the others are served meanwhile. RH_OS_PARTIAL:
 * the deadline passed, or an interrupt was caught. */
static enum rh_os_taken next_line(struct rh_sessions *sessions, size_t i, uint64_t deadline, char **line, size_t *n) {
  struct rh_os_child *child = &sessions->children[i];
  enum rh_os_taken taken = rh_os_take_line(child, line, n);
  while (taken == RH_OS_PARTIAL) {
    bool late = rh_os_interrupted() || rh_os_clock() >= deadline;
    bool moved = rh_os_wait_io(sessions->children, sessions->n, late ? 0 : deadline);
    taken = rh_os_take_line(child, line, n);
    if (late && !moved) break;
  }
  return taken;
}

/* Valid UTF-8 without control characters and surrogates. O(n). */
static bool is_clean(const char *line, size_t n) {
  const unsigned char *bytes = (const unsigned char *)line;
  for (size_t i = 0; i < n;) {
    unsigned char first = bytes[i];
    size_t more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : 3;
    if (first < 0x20 || first == 0x7f || (first >= 0x80 && first < 0xc2) || first > 0xf4 || i + more >= n) return false;
    for (size_t k = 1; k <= more; k++)
      if ((bytes[i + k] & 0xc0) != 0x80) return false;
    if ((first == 0xe0 && bytes[i + 1] < 0xa0) || (first == 0xed && bytes[i + 1] >= 0xa0) ||
        (first == 0xf0 && bytes[i + 1] < 0x90) || (first == 0xf4 && bytes[i + 1] >= 0x90))
      return false;
    i += more + 1;
  }
  return true;
}

static void describe_end(struct rh_os_end end, char *text, size_t size) {
  const char *name = end.signalled ? rh_os_signal_name(end.code) : NULL;
  if (name != NULL) {
    (void)snprintf(text, size, "%s", name);
  } else {
    (void)snprintf(text, size, "%s %d", end.signalled ? "signal" : "exit code", end.code);
  }
}

/* --- starting --- */

static enum rh_started read_manifest(struct rh_sessions *sessions, size_t i, struct rh_manifest *manifest,
                                     char *message, size_t size) {
  uint64_t deadline = rh_os_clock() + sessions->timeout;
  bool end = false;
  for (int lines = 0; !end; lines++) {
    char *line = NULL;
    size_t n = 0;
    enum rh_os_taken taken = next_line(sessions, i, deadline, &line, &n);
    if (taken == RH_OS_END) {
      char how[40];
      describe_end(rh_os_stop(&sessions->children[i], patience), how, sizeof how);
      (void)snprintf(message, size, "manifest: the implementation ended (%s) before 'end'", how);
      return RH_START_CRASHED;
    }
    bool legal = false;
    if (taken == RH_OS_PARTIAL) {
      (void)snprintf(message, size, "manifest: no 'end' within %" PRIu64 " s", sessions->timeout / 1000000000u);
    } else if (taken == RH_OS_OVERLONG || lines == RH_MANIFEST_LINES_MAX) {
      (void)snprintf(message, size, "manifest: too long");
    } else if (!is_clean(line, n)) {
      (void)snprintf(message, size, "manifest: line %d is not clean UTF-8 text", lines + 1);
    } else {
      legal = rh_manifest_read(manifest, line, lines == 0, &end, message, size);
    }
    if (!legal) {
      (void)rh_os_stop(&sessions->children[i], 0);
      return RH_START_PROTOCOL;
    }
  }
  return RH_STARTED;
}

enum rh_started rh_session_greet(struct rh_sessions *sessions, size_t i, char *message, size_t size) {
  struct rh_manifest manifest;
  enum rh_started started = read_manifest(sessions, i, &manifest, message, size);
  if (started != RH_STARTED) {
    sessions->failed_starts++;
    return started;
  }
  sessions->failed_starts = 0;
  if (sessions->manifest.name[0] == '\0') sessions->manifest = manifest;
  return RH_STARTED;
}

enum rh_started rh_session_start(struct rh_sessions *sessions, size_t i, char *message, size_t size) {
  if (sessions->children[i].pid != 0) return RH_STARTED;
  if (sessions->failed_starts >= RH_FAILED_STARTS_MAX) {
    (void)snprintf(message, size, "the implementation did not start %d times in a row", RH_FAILED_STARTS_MAX);
    return RH_START_PROTOCOL;
  }
  int error = rh_os_spawn(sessions->argv, &sessions->children[i]);
  if (error == 0) return rh_session_greet(sessions, i, message, size);
  (void)snprintf(message, size, "cannot run '%s': %s", sessions->argv[0], strerror(error));
  sessions->failed_starts++;
  return RH_START_NO_COMMAND;
}

/* --- asking --- */

static void put_headers(const struct rh_trace *trace, struct rh_text *out) {
  for (size_t i = 0; i < trace->nheaders; i++) {
    const char *key = rh_trace_text(trace, trace->headers[i].key);
    if (strcmp(key, "env") == 0 || strcmp(key, "args") == 0)
      rh_text_printf(out, "header %s %s\n", key, rh_trace_text(trace, trace->headers[i].value));
  }
}

bool rh_session_ask(struct rh_sessions *sessions, size_t i, const char *id, const struct rh_trace *trace,
                    size_t asked) {
  struct rh_text out = {0};
  rh_text_printf(&out, "trace %s\n", id);
  put_headers(trace, &out);
  for (size_t k = 0; k < asked; k++) {
    rh_op_print(trace, &trace->ops[trace->top[k]], false, &out);
    rh_text_puts(&out, "\n");
  }
  rh_text_puts(&out, "end\n");
  bool sent = rh_os_send(&sessions->children[i], out.bytes, out.size);
  rh_text_free(&out);
  if (sent) {
    (void)rh_os_wait_io(&sessions->children[i], 1, 0);
  } else {
    (void)rh_os_stop(&sessions->children[i], 0);
  }
  return sent;
}

/* --- receiving --- */

static void end_answers(struct rh_answers *answers, enum rh_answered end, const char *format, const char *detail) {
  answers->end = end;
  rh_text_printf(&answers->reason, format, detail);
}

/* Takes one line into the answers; false when it ends them. */
static bool take_answer(struct rh_answers *answers, size_t asked, const char *line, size_t n) {
  bool all = answers->n == asked;
  if (!is_clean(line, n)) {
    end_answers(answers, RH_ANSWERED_BROKEN, "%s", "an answer is not clean UTF-8 text");
  } else if (strncmp(line, "crashed", 7) == 0 && (line[7] == ' ' || line[7] == '\0')) {
    end_answers(answers, RH_ANSWERED_CRASHED, "%s", n > 8 ? line + 8 : "crashed");
  } else if (strcmp(line, "done") == 0) {
    char counts[80];
    (void)snprintf(counts, sizeof counts, "%zu of %zu", answers->n, asked);
    if (all) {
      end_answers(answers, RH_ANSWERED_ALL, "%s", "");
    } else {
      end_answers(answers, RH_ANSWERED_MISCOUNTED, "'done' after %s answers", counts);
    }
  } else if (all) {
    answers->end = RH_ANSWERED_MISCOUNTED;
    rh_text_printf(&answers->reason, "expected 'done' after the last answer, got '%.*s'", rh_pipe_shown(line), line);
  } else if (n == 0) {
    end_answers(answers, RH_ANSWERED_BROKEN, "%s", "an answer is empty");
  } else if (!rh_answers_add(answers, line, n)) {
    end_answers(answers, RH_ANSWERED_BROKEN, "%s", "no memory for the answers");
  } else {
    return true;
  }
  return false;
}

void rh_session_receive(struct rh_sessions *sessions, size_t i, size_t asked, struct rh_answers *answers) {
  struct rh_os_child *child = &sessions->children[i];
  uint64_t deadline = rh_os_clock() + sessions->timeout;
  enum rh_os_taken taken = RH_OS_LINE;
  bool more = true;
  while (more && taken == RH_OS_LINE) {
    char *line = NULL;
    size_t n = 0;
    taken = next_line(sessions, i, deadline, &line, &n);
    if (taken == RH_OS_LINE) more = take_answer(answers, asked, line, n);
  }
  char how[40];
  if (taken == RH_OS_END) {
    describe_end(rh_os_stop(child, patience), how, sizeof how);
    end_answers(answers, RH_ANSWERED_CRASHED, "%s", how);
  } else if (taken == RH_OS_PARTIAL) {
    (void)snprintf(how, sizeof how, "%" PRIu64, sessions->timeout / 1000000000u);
    end_answers(answers, RH_ANSWERED_TIMEOUT, "no answer within %s s", how);
  } else if (taken == RH_OS_OVERLONG)
    end_answers(answers, RH_ANSWERED_BROKEN, "%s", "an answer is too long");
  if (answers->end != RH_ANSWERED_ALL) (void)rh_os_stop(child, 0);
}
