/*
 * Implementations behind a pipe: the protocol, version 1, of
 * specs/interpreting.md, from the driver's side.
 *
 * A session is one implementation process. It declares itself once (its
 * manifest), then is given one trace after another. After a crash, a time-out
 * or a protocol error the process is stopped, and started again for the next
 * trace. Sending and receiving are separate, so that the driver can predict
 * while the implementation works; several sessions may work at a time.
 */
#ifndef RH_ORACLE_PIPE_H
#define RH_ORACLE_PIPE_H

#include "oracle/check.h"
#include "os/os.h"

enum { RH_PROTOCOL_VERSION = 1, RH_MANIFEST_LINES_MAX = 1000 };

/* Groups of operations and kinds; RH_CAN_ALWAYS is in every manifest. */
enum rh_capability {
  RH_CAN_ALWAYS,
#define CAPABILITY(code, word) RH_CAN_##code,
#include "oracle/pipe_capability.def"
  RH_CAPABILITIES
};

/* What an implementation declares. */
struct rh_manifest {
  char name[64], version[64], profile[64];
  uint32_t capabilities; /* set of enum rh_capability, every bit when none was named */
  bool excluded_ops[RH_OPCODE_COUNT];
  bool excluded_kinds[RH_KINDCODE_COUNT];
};

/* How many bytes of a line a message shows: at most 80, and no part of a character. */
int rh_pipe_shown(const char *line);

/* Why an operation must not be put to an implementation: appends the reason and
 * returns true, or returns false. Nested operations count. */
bool rh_manifest_excludes(const struct rh_manifest *manifest, const struct rh_trace *trace, const struct rh_op *op,
                          struct rh_text *reason);

/* Reads one manifest line into *manifest. False, with what is wrong in
 * `message`, for a line that is not legal. `first`: it is the first line; `end`
 * becomes true with the last. */
bool rh_manifest_read(struct rh_manifest *manifest, const char *line, bool first, bool *end, char *message,
                      size_t size);

enum rh_started {
  RH_STARTED,
  RH_START_NO_COMMAND, /* the command cannot be run */
  RH_START_CRASHED,    /* it died before its manifest was complete */
  RH_START_PROTOCOL    /* its manifest is wrong, or did not come in time */
};

/* Several sessions of the same command. */
struct rh_sessions {
  char **argv; /* borrowed, NULL-terminated */
  size_t n;
  uint64_t timeout;             /* nanoseconds for a manifest, and for a trace */
  struct rh_os_child *children; /* [n] */
  struct rh_manifest manifest;  /* of the first start */
  unsigned failed_starts;       /* in a row */
};

enum { RH_FAILED_STARTS_MAX = 3 }; /* in a row; then no further start is tried */

bool rh_sessions_open(struct rh_sessions *sessions, char **argv, size_t n, uint64_t timeout);
void rh_sessions_close(struct rh_sessions *sessions);

/* Starts session i unless it runs. One line about what is wrong in `message`. */
enum rh_started rh_session_start(struct rh_sessions *sessions, size_t i, char *message, size_t size);

/* The same from where the implementation runs: reads the manifest of session i.
 * A peer that was connected (rh_os_connect), not started, is greeted so too. */
enum rh_started rh_session_greet(struct rh_sessions *sessions, size_t i, char *message, size_t size);

/* Queues the first `asked` operations of a trace for session i, which runs and
 * has answered everything before. False, and the session stopped, when out of
 * memory or when the implementation closed its input. */
bool rh_session_ask(struct rh_sessions *sessions, size_t i, const char *id, const struct rh_trace *trace, size_t asked);

/* Receives the answers to what session i was asked. Stops the session unless
 * the end is RH_ANSWERED_ALL. */
void rh_session_receive(struct rh_sessions *sessions, size_t i, size_t asked, struct rh_answers *answers);

#endif
