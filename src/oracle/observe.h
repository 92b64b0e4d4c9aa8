/*
 * What an operation may observe: the text the oracle expects and how a text
 * that was observed elsewhere is compared with it (specs/trace-language.md,
 * section "Observations").
 */
#ifndef RH_ORACLE_OBSERVE_H
#define RH_ORACLE_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rh_observation_class {
  RH_OBSERVE_NOTHING,     /* the operation observes nothing; over the pipe: `ok` */
  RH_OBSERVE_SKIP,        /* unbound name or wrong kind: exactly `skip` */
  RH_OBSERVE_EXACT,       /* exactly `text` */
  RH_OBSERVE_RELATION,    /* any of `alternatives`; `text` joins them with ` or ` */
  RH_OBSERVE_MULTISET,    /* a list with the items of `text` in any order */
  RH_OBSERVE_WINDOW,      /* an integer in low..high, which is also `text` */
  RH_OBSERVE_DIED,        /* the process died of this operation or before it: `died`, or `died` and how */
  RH_OBSERVE_END,         /* how the process ended and what it wrote; see below */
  RH_OBSERVE_OPAQUE,      /* anything: recorded, never judged; `text` is empty */
  RH_OBSERVE_UNSUPPORTED, /* outside what refheap knows: `text` is the reason */
  RH_OBSERVE_UNKNOWN      /* refheap gave up (a work limit): `text` is the reason */
};

enum { RH_ALTERNATIVES_MAX = 3 };

/* RH_OBSERVE_END. `text` is what a trace may record: the text asked for, quoted,
 * when the question is answered with yes. An answer is `ended "OUTPUT"` or
 * `died HOW "OUTPUT"`: `died` must be as predicted, and the text asked for,
 * alternatives[0], must occur in OUTPUT exactly if `occurs`. */

/* `text` and `alternatives` are borrowed from the run; see rh_run_step. */
struct rh_observation {
  enum rh_observation_class class;
  const char *text; /* NUL-terminated, never NULL */
  size_t size;
  bool is_exception; /* `text` is the name of the exception the operation raises */
  bool died, occurs; /* of END */
  int64_t low, high;
  unsigned nalternatives;
  const char *alternatives[RH_ALTERNATIVES_MAX];
};

/* Is `text`, observed elsewhere, allowed? UNSUPPORTED and UNKNOWN allow
 * everything: nobody may be judged by them. O(n), multisets O(n log n) and
 * allocating. */
bool rh_observation_allows(const struct rh_observation *observation, const char *text, size_t size);

/* May a trace record `text`? What is allowed, and for integers also a range
 * `a..b` that has a value in common with what is allowed. */
bool rh_observation_records(const struct rh_observation *observation, const char *text, size_t size);

/* Decodes a quoted text of printable ASCII and of the escapes \" \\ \n \t \r
 * \xHH, into at most n bytes at `bytes`. Returns how many there are, -1 for any other text. */
ptrdiff_t rh_text_decode(const char *quoted, size_t n, char *bytes);

/* Splits `[a, b]` or `[]` into its items: calls item() for each in order.
 * False when the text is no list. */
bool rh_list_items(const char *text, size_t size, void (*item)(void *context, const char *bytes, size_t n),
                   void *context);

#endif
