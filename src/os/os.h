/*
 * The operating system, behind one narrow header: memory, the clock, child
 * processes talked to over pipes, the terminal. Nothing else of refheap calls
 * the system directly, except for files, which go through <stdio.h>.
 *
 * No function here prints or ends the process. Descriptors are opened
 * close-on-exec. Not safe to call from several threads on the same child.
 */
#ifndef RH_OS_OS_H
#define RH_OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- memory --- */

enum { RH_OS_HUGE = 1 << 21 }; /* bytes */

/* Maps `bytes` > 0 of zeroed, readable and writable memory, page-aligned.
 * NULL when the system has none. Untouched pages cost nothing. */
void *rh_os_map(size_t bytes);
/* Gives a whole mapping back: `memory` and `bytes` as at rh_os_map. */
void rh_os_unmap(void *memory, size_t bytes);
/* Gives the pages of a page-aligned part of a mapping back: the system takes
 * them when it is short of memory, and until then they are still there for who
 * uses them again, without a page fault. The addresses stay valid; what stood
 * there may be lost, page by page, until it is written to again. False when
 * the system refuses: contents unchanged. */
bool rh_os_release(void *memory, size_t bytes);

/* Asks the system to back this memory by pages of RH_OS_HUGE bytes, which a
 * random access finds faster. Not its first part, up to where such a page may
 * begin: small heaps stay small. A hint: memory and contents stay what they are. */
void rh_os_prefer_huge(void *memory, size_t bytes);

/* --- time --- */

/* Nanoseconds of a clock that never goes back. */
uint64_t rh_os_clock(void);

/* --- child processes --- */

/* One child with its standard input and output connected to us. Zeroed, it is
 * "no child": every function below accepts that and does nothing. */
struct rh_os_child {
  int pid;                       /* process id, also its process group; 0: no child; -1: no process of ours */
  int input, output;             /* our ends of its stdin and stdout; -1: closed */
  char *sending;                 /* bytes to write, owned */
  size_t sent, nsending;         /* sending[sent .. nsending) is still to go */
  char *received;                /* bytes read, owned */
  size_t taken, nreceived, room; /* received[taken .. nreceived) not taken yet */
};

/* RH_TINY_PIPES: so small that a fuzzer reaches every limit. */
#ifdef RH_TINY_PIPES
enum { RH_OS_LINE_MAX = 1 << 8, RH_OS_BUFFERED_MAX = 1 << 9, RH_OS_READ_SIZE = 1 << 6 };
#else
enum {
  RH_OS_LINE_MAX = 1 << 24,     /* bytes; a longer line from a child is RH_OS_OVERLONG */
  RH_OS_BUFFERED_MAX = 1 << 25, /* bytes read ahead of what was taken */
  RH_OS_READ_SIZE = 1 << 16     /* bytes read at a time */
};
#endif

enum rh_os_taken {
  RH_OS_LINE,     /* a whole line was taken */
  RH_OS_PARTIAL,  /* no whole line yet: wait */
  RH_OS_END,      /* the child closed its output; what it wrote after its last newline is lost */
  RH_OS_OVERLONG, /* more than RH_OS_LINE_MAX bytes without a newline */
};

/* Starts argv[0] (searched in PATH) with `argv`, which ends with NULL; its
 * standard error is ours, its signals are at their defaults, it leads a process
 * group. Returns 0 and fills *child, or the system's error number. */
int rh_os_spawn(char *const argv[], struct rh_os_child *child);

/* Makes *child of a peer that is no process of ours: what it reads, written to
 * `input`, and what it writes, read from `output`. Both are taken over. Such a
 * peer ends with exit code 0. Returns 0, or the system's error number. */
int rh_os_connect(int input, int output, struct rh_os_child *child);

/* Queues bytes for the child's input; they are written by rh_os_wait_io. False
 * when memory runs out or the input is closed. O(n). */
bool rh_os_send(struct rh_os_child *child, const char *bytes, size_t n);

/* Waits until at least one of n children could be written to or read from, and
 * does it, or until `deadline` (rh_os_clock; 0: do not wait). A child whose
 * read-ahead is full is not read. False when nothing moved, which is also so soon
 * after an interrupt that is caught. Writing to a child
 * that closed its input drops what is queued. */
bool rh_os_wait_io(struct rh_os_child *children, size_t n, uint64_t deadline);

/* Takes the next line without its newline; *line is NUL-terminated (a NUL byte
 * within stays) and valid until the next call for this child. */
enum rh_os_taken rh_os_take_line(struct rh_os_child *child, char **line, size_t *length);

/* True while bytes are queued or a line could still come. */
bool rh_os_child_open(const struct rh_os_child *child);

/* How a child ended. */
struct rh_os_end {
  bool signalled;
  int code; /* exit code, or signal number */
};

/* Closes the pipes, waits at most `patience` nanoseconds for the child to end by
 * itself, kills its process group otherwise, and frees what it holds; *child
 * is zeroed. */
struct rh_os_end rh_os_stop(struct rh_os_child *child, uint64_t patience);

/* The name of a signal, "SIGSEGV", or NULL. */
const char *rh_os_signal_name(int number);

/* --- this process --- */

/* From now on writing to a closed pipe is an error result, not a signal. */
void rh_os_ignore_broken_pipes(void);
/* From now on SIGINT and SIGTERM do not end the process: waiting ends
 * (rh_os_wait_io), and rh_os_interrupted says that one came. */
void rh_os_catch_interrupts(void);
bool rh_os_interrupted(void);
/* Is this descriptor (1: output, 2: errors) a terminal? */
bool rh_os_terminal(int descriptor);

/* --- folders --- */

enum rh_os_kind { RH_OS_MISSING, RH_OS_FILE, RH_OS_FOLDER, RH_OS_DEVICE };
/* What a path names (links followed; pipes count as devices). */
enum rh_os_kind rh_os_path_kind(const char *path);
/* The names in a folder except "." and "..", sorted bytewise, each owned by the
 * caller, as is the array. Returns 0, or the system's error number. */
int rh_os_list(const char *folder, char ***names, size_t *count);

#endif
