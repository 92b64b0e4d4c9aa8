/*
 * Property: an implementation may write anything into its pipe. Reading its
 * manifest and its answers ends, with the outcome that a second, plain reading
 * of the same bytes gives; every complaint is one clean line; how the bytes are
 * cut into pieces on their way changes nothing; a trace conforms only when each
 * answer is one that `allowed.h` allows.
 *
 * Input: the peer's bytes behind two. The bits of the first say: 1, a legal
 * manifest goes before them; 2, so many predicted answers as the second byte
 * says; 4, the peer stays silent at the end, else it ends; 8, it reads nothing;
 * 16, the manifest lacks a line, which the second byte chooses; 32, one of the
 * answers is another, which the next two bytes choose; 64, the trace is of a
 * process that dies, 128, of one that ends well. What a silent peer has not
 * said when the pipe is empty is late: the time-out is 0, so no clock decides.
 * The second byte also cuts the bytes in pieces.
 *
 * Built with RH_TINY_PIPES too, where the limits of lines and of reading ahead
 * are near.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "allowed.h"
#include "oracle/pipe.h"
#include "programs.h"

enum { FRAGMENTS_MAX = 200, TRACES_MAX = 3, BYTES_MAX = 12000 };

enum { WITH_MANIFEST = 1, WITH_ANSWERS = 2, SILENT = 4, DEAF = 8, LACKING = 16, EDITED = 32, DIES = 64, ENDS = 128 };

/* Every class of observation but the end of a process. */
static const char objects[] = "new A fin\nnew B fin\nset A.a B\nrefs B => 1..2\nrefs C\ndrop A B\nevents\n"
                              "new L list\nappend L None\ncap L\nmark\nyoung\nnew S set\nweak W S\nderef W\n"
                              "events (unordered)\ntry len L\npm.malloc M 16\nsameid X L\nset A.a 5\n";
static const char dying[] = "%env PYTHONMALLOC=debug\n%mined by hand\n%args -Wd\npm.malloc P 16\npm.poke P -1 0\n"
                            "new A list\npm.free P\ndrop A\nlen A\nrefs A\nfatal => \"bad leading pad byte\"\n"
                            "stderr => \"pad\\x20byte\"\nnostderr => \"bad \\x00\"\nstderr\nfatal => \"\"\n";
static const char ending[] = "new A fin\nset A.a A\nlate => []\nnostderr => \"\\\"\\x0a\"\nstderr => \"\"\n";
static const char *const programs[] = {objects, dying, ending};
static const char manifest[] = "refheap-adapter 1\nname peer\nversion 1\nprofile cpython-3.12\nend\n";

/* The same for every input that chooses them. */
static struct rh_trace *trace;
static struct rh_prediction prediction;
static struct rh_profile profile;

static void prepare(unsigned choice) {
  static struct {
    struct rh_trace *trace;
    struct rh_prediction prediction;
  } made[sizeof programs / sizeof *programs], *it;
  struct rh_diagnostic diagnostic;
  profile = fuzz_profile(4);
  it = &made[choice];
  if (it->trace == NULL) {
    it->trace = rh_trace_parse("t", programs[choice], strlen(programs[choice]), &diagnostic);
    if (it->trace == NULL || !rh_predict(it->trace, &profile, RH_ENGINES_RUNTIME, SIZE_MAX, &it->prediction)) abort();
    if (it->prediction.stop != RH_VERDICT_CONFORMS) abort();
    rh_os_ignore_broken_pipes();
  }
  trace = it->trace;
  prediction = it->prediction;
}

/* What became of one session. */
struct outcome {
  enum rh_started started;
  struct rh_text story; /* each trace's verdict and its reasons */
};

/* --- the peer --- */

/* Connects session 0 to a peer that has written all it will ever write, in
 * `pieces` pieces. Our end of its input and, if it stays, of its output. */
static void connect_peer(struct rh_sessions *sessions, const struct rh_text *bytes, size_t pieces, unsigned peer,
                         int kept[2]) {
  int input[2], output[2];
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC | (pieces > 1 ? O_DIRECT : 0)) != 0) abort();
  if (pieces > 1 && fcntl(output[1], F_SETPIPE_SZ, 1 << 20) < 0) abort();
  size_t length = bytes->size / pieces + 1;
  if (pieces > 1 && length > RH_OS_READ_SIZE) length = RH_OS_READ_SIZE; /* what is left of a packet is lost */
  for (size_t at = 0; at < bytes->size; at += length) {
    size_t n = bytes->size - at < length ? bytes->size - at : length;
    if (write(output[1], bytes->bytes + at, n) != (ssize_t)n) abort();
  }
  kept[0] = peer & DEAF ? -1 : input[0];
  kept[1] = peer & SILENT ? output[1] : -1;
  if (peer & DEAF) (void)close(input[0]);
  if (!(peer & SILENT)) (void)close(output[1]);
  if (rh_os_connect(input[1], output[0], &sessions->children[0]) != 0) abort();
}

/* --- a plain reading of the same bytes --- */

struct reading {
  const char *at, *end;
  bool stays;
};

enum read { READ_LINE, READ_END, READ_LATE, READ_OVERLONG };

static enum read read_line(struct reading *reading, const char **line, size_t *n) {
  size_t left = (size_t)(reading->end - reading->at);
  const char *newline = left > 0 ? memchr(reading->at, '\n', left) : NULL;
  if ((newline != NULL ? (size_t)(newline - reading->at) : left) > RH_OS_LINE_MAX) return READ_OVERLONG;
  if (newline == NULL) return reading->stays ? READ_LATE : READ_END;
  *line = reading->at;
  *n = (size_t)(newline - reading->at);
  reading->at = newline + 1;
  return READ_LINE;
}

/* How the answers to one trace end; *good: how many there are before. */
static enum rh_answered expect_answers(struct reading *reading, size_t asked, size_t *good) {
  const char *line = NULL;
  size_t n = 0;
  for (*good = 0;; ++*good) {
    switch (read_line(reading, &line, &n)) {
    case READ_END:
      return RH_ANSWERED_CRASHED;
    case READ_LATE:
      return RH_ANSWERED_TIMEOUT;
    case READ_OVERLONG:
      return RH_ANSWERED_BROKEN;
    case READ_LINE:
      break;
    }
    if (!is_clean_text(line, n)) return RH_ANSWERED_BROKEN;
    if (is_word(line, n, "crashed")) return RH_ANSWERED_CRASHED;
    if (same_text(line, n, "done", 4)) return *good == asked ? RH_ANSWERED_ALL : RH_ANSWERED_MISCOUNTED;
    if (*good == asked) return RH_ANSWERED_MISCOUNTED;
    if (n == 0) return RH_ANSWERED_BROKEN;
  }
}

/* Moves behind the manifest, whose lines the session has accepted or not. */
static enum rh_started expect_manifest(struct reading *reading, bool legal) {
  const char *line = NULL;
  size_t n = 0;
  for (int lines = 0; lines < RH_MANIFEST_LINES_MAX; lines++) {
    enum read read = read_line(reading, &line, &n);
    if (read == READ_END) return RH_START_CRASHED;
    if (read != READ_LINE || !is_clean_text(line, n)) return RH_START_PROTOCOL;
    if (lines == 0 && !same_text(line, n, manifest, strcspn(manifest, "\n"))) return RH_START_PROTOCOL;
    if (same_text(line, n, "end", 3)) return legal ? RH_STARTED : RH_START_PROTOCOL;
  }
  return RH_START_PROTOCOL;
}

/* --- a session --- */

static void check_manifest(const struct rh_manifest *said) {
  const char *const fields[] = {said->name, said->version, said->profile};
  for (size_t i = 0; i < 3; i++) {
    REQUIRE(memchr(fields[i], '\0', sizeof said->name) != NULL, "a field of the manifest does not end");
    check_message(fields[i]);
  }
  REQUIRE(said->capabilities & 1u << RH_CAN_ALWAYS, "a manifest without what every one has");
}

/* What was sent is the trace, cut to what is asked. */
static void check_sent(int from, size_t asked) {
  static char bytes[1 << 14];
  ssize_t n = read(from, bytes, sizeof bytes);
  struct rh_text expected = {0};
  rh_text_puts(&expected, "trace t\n");
  for (size_t i = 0; i < trace->nheaders; i++) {
    const char *key = rh_trace_text(trace, trace->headers[i].key);
    if (strcmp(key, "mined") == 0) continue;
    rh_text_printf(&expected, "header %s %s\n", key, rh_trace_text(trace, trace->headers[i].value));
  }
  for (size_t i = 0; i < asked; i++) {
    rh_op_print(trace, &trace->ops[trace->top[i]], false, &expected);
    rh_text_puts(&expected, "\n");
  }
  rh_text_puts(&expected, "end\n");
  REQUIRE(n >= 0 && same_text(bytes, (size_t)n, expected.bytes, expected.size), "sent %.*s", (int)n, bytes);
  rh_text_free(&expected);
}

static void check_answers(const struct rh_answers *answers, size_t asked, enum rh_answered end, size_t good) {
  REQUIRE(answers->end == end, "answers ended as %d, not %d", (int)answers->end, (int)end);
  REQUIRE(answers->n == good && good <= asked, "%zu answers of %zu, not %zu", answers->n, asked, good);
  bool has_reason = answers->reason.size > 0;
  REQUIRE(has_reason == (end != RH_ANSWERED_ALL), "a reason, or none");
  if (has_reason) check_message(answers->reason.bytes);
}

/* The verdict against the answers one by one. */
static void check_judgement(const struct rh_judgement *judgement, const struct rh_answers *answers, size_t asked) {
  REQUIRE(judgement->verdict != RH_VERDICT_INTERNAL && judgement->verdict != RH_VERDICT_UNDEFINED, "%s",
          rh_verdict_name(judgement->verdict));
  bool has_reason = judgement->verdict != RH_VERDICT_CONFORMS && judgement->verdict != RH_VERDICT_DIVERGES;
  REQUIRE(has_reason == (judgement->reason.size > 0), "%s: a reason, or none", rh_verdict_name(judgement->verdict));
  if (has_reason) check_message(judgement->reason.bytes);
  bool miscounted = answers->end == RH_ANSWERED_MISCOUNTED;
  REQUIRE(!miscounted || judgement->verdict == RH_VERDICT_PROTOCOL, "miscounted: %s",
          rh_verdict_name(judgement->verdict));
  size_t good = 0;
  for (bool fine = !miscounted; fine && good < answers->n; good += fine) {
    const struct rh_observation *predicted = &prediction.observations[good];
    const struct rh_expectation *recorded =
        rh_expectation_select(trace, &trace->ops[trace->top[good]], profile.version);
    const char *answer = answers->text.bytes + answers->offsets[good];
    size_t n = strlen(answer);
    int64_t low, high, value;
    enum allowed allowed = may_answer(predicted, answer, n);
    if (recorded != NULL && is_range(rh_trace_text(trace, recorded->value), recorded->value_length, &low, &high) &&
        is_integer(answer, n, &value) && low <= value && value <= high)
      allowed = ALLOWED_YES;
    bool dead = predicted->class == RH_OBSERVE_DIED || (predicted->class == RH_OBSERVE_END && predicted->died);
    bool unforeseen = is_word(answer, n, "died") && !dead;
    fine = allowed != ALLOWED_NO && !is_word(answer, n, "unsupported");
    if (allowed == ALLOWED_NO && !is_word(answer, n, "unsupported"))
      REQUIRE(judgement->verdict == (unforeseen ? RH_VERDICT_CRASHED : RH_VERDICT_DIVERGES),
              "'%s' to operation %zu: %s", answer, good + 1, rh_verdict_name(judgement->verdict));
  }
  /* A process that dies as predicted says no more. */
  bool dies = answers->end == RH_ANSWERED_CRASHED && good == answers->n && good < asked &&
              prediction.observations[good].class == RH_OBSERVE_DIED;
  good += dies;
  REQUIRE(miscounted || judgement->judged == good, "%" PRIu64 " judged, not %zu", judgement->judged, good);
  if (judgement->verdict == RH_VERDICT_CONFORMS)
    REQUIRE(dies || (answers->end == RH_ANSWERED_ALL && good == answers->n), "conforms, but it does not");
}

/* Puts the trace to the peer and judges what it said. */
static void judge_trace(struct rh_sessions *sessions, struct reading *reading, int from, struct rh_text *story) {
  struct rh_text excluded = {0};
  struct rh_answers answers = {0};
  struct rh_judgement judgement = {0};
  size_t asked = 0, good = 0;
  while (asked < prediction.n &&
         !rh_manifest_excludes(&sessions->manifest, trace, &trace->ops[trace->top[asked]], &excluded))
    asked++;
  if (!rh_session_ask(sessions, 0, "t", trace, asked)) {
    REQUIRE(from < 0 && sessions->children[0].pid == 0, "nothing was sent to a peer that reads");
    rh_text_free(&excluded);
    return;
  }
  if (from >= 0) check_sent(from, asked);
  enum rh_answered end = expect_answers(reading, asked, &good);
  rh_session_receive(sessions, 0, asked, &answers);
  check_answers(&answers, asked, end, good);
  REQUIRE((sessions->children[0].pid != 0) == (end == RH_ANSWERED_ALL), "a peer that runs, or does not");
  rh_judge_answers(trace, profile.version, &prediction, asked, excluded.bytes != NULL ? excluded.bytes : "", &answers,
                   &judgement);
  check_judgement(&judgement, &answers, asked);
  rh_text_printf(story, "%s %" PRId64 " %s %s\n", rh_verdict_name(judgement.verdict), judgement.position,
                 judgement.observed.size > 0 ? judgement.observed.bytes : "",
                 judgement.reason.size > 0 ? judgement.reason.bytes : "");
  rh_judgement_free(&judgement);
  rh_answers_free(&answers);
  rh_text_free(&excluded);
}

static void hold_session(const struct rh_text *bytes, size_t pieces, unsigned peer, struct outcome *outcome) {
  struct rh_sessions sessions;
  char message[256] = "";
  int kept[2];
  if (!rh_sessions_open(&sessions, NULL, 1, 0)) abort();
  connect_peer(&sessions, bytes, pieces, peer, kept);
  outcome->started = rh_session_greet(&sessions, 0, message, sizeof message);
  struct reading reading = {bytes->bytes, bytes->bytes + bytes->size, (peer & SILENT) != 0};
  bool illegal = outcome->started == RH_START_PROTOCOL;
  REQUIRE(outcome->started == expect_manifest(&reading, !illegal) || illegal, "the manifest: %d: %s",
          (int)outcome->started, message);
  REQUIRE((outcome->started == RH_STARTED) == (sessions.children[0].pid != 0), "a peer that runs, or does not");
  if (outcome->started == RH_STARTED) {
    check_manifest(&sessions.manifest);
  } else {
    check_message(message);
    rh_text_puts(&outcome->story, message);
  }
  for (int i = 0; i < TRACES_MAX && sessions.children[0].pid != 0; i++)
    judge_trace(&sessions, &reading, kept[0], &outcome->story);
  rh_sessions_close(&sessions);
  if (kept[0] >= 0) (void)close(kept[0]);
  if (kept[1] >= 0) (void)close(kept[1]);
}

/* --- what the peer says --- */

static void put_manifest(struct rh_text *bytes, unsigned lacking) {
  unsigned i = 0;
  for (const char *line = manifest; *line != '\0'; i++) {
    size_t n = strcspn(line, "\n") + 1;
    if (i != lacking) rh_text_append(bytes, line, n);
    line += n;
  }
}

/* How a process may have ended. */
static const char *other_end(unsigned choice) {
  static const char *const other[] = {"ended",
                                      "ended \"\"",
                                      "ended \"x\"",
                                      "ended \"a\\n\\t\\r\\\\ \\\"\\x0a\"",
                                      "died",
                                      "died SIGABRT \"Debug memory: bad leading pad byte\\n\"",
                                      "died \"bad \\x00\"",
                                      "died exit code 1 \"\"",
                                      "diedd \"\"",
                                      "ended \"\\xg0\"",
                                      "ended \"\\x0g\"",
                                      "ended \"\\x0\"",
                                      "ended \"\\xA0\"",
                                      "ended \"\\q\"",
                                      "ended \"\\\"",
                                      "ended \"\xc3\xa9\"",
                                      "ended \"a\" \"",
                                      "ended \"a",
                                      "ended \"",
                                      "end"};
  return other[choice % (sizeof other / sizeof *other)];
}

/* `edit`: which answer, and what it is instead; NULL: none. */
static void put_answers(struct rh_text *bytes, unsigned n, const uint8_t *edit) {
  static const char *const other[] = {"-9..9",
                                      "0..0",
                                      "",
                                      "died",
                                      "died SIGSEGV",
                                      "crashed",
                                      "crashed ",
                                      "unsupported",
                                      "unsupported x",
                                      "ok",
                                      "skip",
                                      "1",
                                      "01",
                                      "-0",
                                      "[]",
                                      "[del:B, del:A]",
                                      "ended \"",
                                      "done",
                                      "x\xed\xa0\x80",
                                      "\xc0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\x7f",
                                      "5\n6",
                                      "moved"};
  for (unsigned i = 0; i < n; i++) {
    size_t at = i % (prediction.n + 1);
    if (edit != NULL && i == edit[0] % n) {
      bool ends = at < prediction.n && prediction.observations[at].class == RH_OBSERVE_END;
      rh_text_puts(bytes, ends ? other_end(edit[1]) : other[edit[1] % (sizeof other / sizeof *other)]);
    } else if (at == prediction.n) {
      rh_text_puts(bytes, "done");
    } else if (prediction.observations[at].class == RH_OBSERVE_WINDOW) {
      rh_text_printf(bytes, "%" PRId64, prediction.observations[at].low);
    } else {
      const char *answer = rh_observation_recorded(&prediction.observations[at]);
      rh_text_puts(bytes, answer != NULL ? answer : "ok");
    }
    rh_text_puts(bytes, "\n");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_text bytes = {0};
  struct outcome whole = {0}, cut = {0};
  if (size < 2) return 0;
  prepare(data[0] & DIES ? 1 : data[0] & ENDS ? 2 : 0);
  if (data[0] & WITH_MANIFEST) put_manifest(&bytes, data[0] & LACKING ? data[1] % 5 : 5);
  bool edited = (data[0] & EDITED) && size >= 4;
  size_t begin = edited ? 4 : 2, own = size - begin;
  if (data[0] & WITH_ANSWERS) put_answers(&bytes, data[1] % 64, edited ? data + 2 : NULL);
  rh_text_append(&bytes, (const char *)data + begin, own < BYTES_MAX ? own : BYTES_MAX);
  hold_session(&bytes, 1, data[0], &whole);
  if (getenv("RH_FUZZ_PRINT") && whole.story.size > 0) fprintf(stderr, "%s", whole.story.bytes);
  hold_session(&bytes, 2 + data[1] % (FRAGMENTS_MAX - 2), data[0], &cut);
  REQUIRE(whole.started == cut.started &&
              same_text(whole.story.bytes, whole.story.size, cut.story.bytes, cut.story.size),
          "in pieces it is another story: %s", cut.story.size > 0 ? cut.story.bytes : "");
  rh_text_free(&whole.story);
  rh_text_free(&cut.story);
  rh_text_free(&bytes);
  return 0;
}
