/*
 * Property: a suite, checked or put to an implementation, ends with the exit
 * code and the report that its verdicts make: in each format a document that
 * its readers accept (reports.h), with the verdicts that the traces deserve one
 * by one. A file that is no trace ends it with one complaint and no report.
 * Known answers: the report, or the complaint.
 *
 * Input: the bits of the first byte say: 1, the suite is put to an
 * implementation, else checked; 2 and 4, the format; 8, verbose; 16, progress
 * is shown; 32, the implementation stays silent at its end, else it ends; 64,
 * its manifest is illegal; 128, what is checked is given as a folder,
 * and an implementation leaves out some operations. The next four bytes: the profile; the seed of the
 * generated traces; how many, and of how many operations; what else goes wrong
 * (enum trouble): odd, an allocation fails, and if 2 is in it, all behind that
 * one; then it is enough that what is said is sound. Behind them: of a
 * check, a file, judged under every profile if the second byte is 224 or more;
 * else two bytes for each trace, which spoil what the implementation says. It
 * has written everything before it is asked, so no process is started and no
 * clock decides. RH_FUZZ_PRINT=1 prints the report and the verdicts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "allowed.h"
#include "answers.h"
#include "failing_memory.h"
#include "oracle/pipe.h"
#include "oracle/suite_judge.h"
#include "programs.h"
#include "reports.h"
#include "trace_roundtrip.h"

enum {
  TESTED = 1,
  FORMAT = 2,
  VERBOSE = 8,
  PROGRESS = 16,
  SILENT = 32,
  ILLEGAL = 64,
  IN_FOLDER = 128,
  LEAVES_OUT = 128
};
enum {
  LEVELS_READ = 33, /* so many folders one within the other are looked into */
  LEVELS_BROKEN = 39,
  LEVELS = 40,
  HEADER = 5,
  EVERYWHERE = 0xe0,
  TRACES_MAX = 4,
  OPERATIONS_LEAST = 3,
  OPERATIONS_MORE = 24,
  FILE_OPERATIONS_MAX = 60,
  FILE_NUMBER = 300 /* of the file that is checked: its name is in reports */
};

static const struct known_answer known[] = {
#include "answers/suite.def"
};

/* Where a sanitizer is linked in, it says elsewhere what it has to say. */
__attribute__((weak)) void __sanitizer_set_report_fd(void *fd); // NOLINT(bugprone-reserved-identifier)

/* What an implementation says wrong about one trace, two bytes for each. */
enum spoil { FINE, CUT, OTHER, UNSUPPORTED, ONE_MORE, ONE_LESS, CRASHED, UNCLEAN, SPOILS };

/* Of an even last byte of the header; the rest of it says of which start on a process does not start, or is deaf. */
enum trouble { NO_TROUBLE, NO_COMMAND, DEAF, SHORT_MANIFEST, OTHER_PROFILE, NO_PROFILE, NO_FILE, TROUBLES };

static struct {
  const uint8_t *spoils; /* behind them nothing is spoilt */
  size_t nspoils;
  unsigned options;
  struct rh_suite suite;
  struct rh_profile profile;
  size_t next; /* trace that the next process is asked first */
  int kept[2 * (TRACES_MAX + 2)];
  size_t nkept;
  struct rh_counts expected;
  char file[40]; /* that is checked */
  size_t levels; /* of folders around it */
  bool open;     /* a trace of which allowed.h does not know what it deserves */
  enum trouble trouble;
  unsigned starts, sound_starts;
  bool fails; /* an allocation */
  uint64_t granted, refused_up_to;
} world;

int start_peer(char *const argv[], struct rh_os_child *child);
int list_folder(const char *path, char ***names, size_t *n);
enum rh_os_kind folder_or_file(const char *path);
struct rh_trace *load_from_folder(const char *path, struct rh_diagnostic *diagnostic);

/* --- the implementation --- */

static enum spoil spoil_of(size_t i, uint8_t *place) {
  *place = 2 * i + 1 < world.nspoils ? world.spoils[2 * i + 1] : 0;
  return 2 * i < world.nspoils ? (enum spoil)(world.spoils[2 * i] % SPOILS) : FINE;
}

static void put_right(struct rh_text *bytes, const struct rh_observation *predicted) {
  const char *answer = rh_observation_recorded(predicted);
  if (predicted->class == RH_OBSERVE_WINDOW) {
    rh_text_printf(bytes, "%" PRId64, predicted->low);
  } else if (predicted->class == RH_OBSERVE_RELATION) {
    rh_text_puts(bytes, predicted->alternatives[0]);
  } else {
    rh_text_puts(bytes, answer != NULL ? answer : "ok");
  }
}

/* What is said to operation `at`; false if it is the last the process says. */
static bool put_answer(struct rh_text *bytes, const struct rh_prediction *prediction, size_t at, enum spoil spoil,
                       uint8_t place) {
  static const char *const others[] = {"0", "-1", "[]", "ok", "skip", "TypeError", "[\"<&>\", a # b]", "\\\"\xc3\xa9"};
  bool here = at == place % prediction->n;
  if (spoil == OTHER && here) {
    rh_text_puts(bytes, others[place / 4 % (sizeof others / sizeof *others)]);
  } else if (spoil == UNSUPPORTED && here) {
    rh_text_puts(bytes, place & 0x80 ? "unsupported \"a\" & <b> # c" : "unsupported");
  } else if (spoil == UNCLEAN && here) {
    rh_text_puts(bytes, place & 0x80 ? "\x01" : "");
  } else if (spoil == CRASHED && here) {
    rh_text_puts(bytes, "crashed SIGSEGV");
  } else if (spoil == CUT && here) {
    return false;
  } else {
    put_right(bytes, &prediction->observations[at]);
  }
  rh_text_puts(bytes, "\n");
  return spoil != UNCLEAN && spoil != CRASHED ? true : !here;
}

/* All that is said about one trace; false if the process ends with it. */
static bool put_trace(struct rh_text *bytes, const struct rh_prediction *prediction, enum spoil spoil, uint8_t place) {
  size_t n = prediction->n - (spoil == ONE_LESS && prediction->n > 0);
  for (size_t at = 0; at < n; at++)
    if (!put_answer(bytes, prediction, at, spoil, place)) return false;
  if (spoil == ONE_MORE) rh_text_puts(bytes, "1\n");
  rh_text_puts(bytes, "done\n");
  return spoil != ONE_MORE && (spoil != ONE_LESS || prediction->n == 0);
}

/* What the trace deserves, when this is said about it. */
static enum rh_verdict deserved(const struct rh_prediction *prediction, enum spoil spoil, uint8_t place) {
  struct rh_text said = {0};
  enum rh_verdict verdict = prediction->stop;
  if (prediction->n == 0) return spoil == ONE_MORE ? RH_VERDICT_PROTOCOL : verdict;
  const struct rh_observation *predicted = &prediction->observations[place % prediction->n];
  for (size_t i = 0; i < prediction->n; i++)
    world.open |= may_answer(&prediction->observations[i], "", 0) == ALLOWED_OPEN;
  switch (spoil) {
  case FINE:
  case SPOILS:
    break;
  case OTHER:
    (void)put_answer(&said, prediction, place % prediction->n, spoil, place);
    if (may_answer(predicted, said.bytes, said.size - 1) == ALLOWED_NO) verdict = RH_VERDICT_DIVERGES;
    break;
  case UNSUPPORTED:
    verdict = RH_VERDICT_UNSUPPORTED;
    break;
  case CRASHED:
    verdict = RH_VERDICT_CRASHED;
    break;
  case CUT:
    verdict = world.options & SILENT ? RH_VERDICT_PROTOCOL : RH_VERDICT_CRASHED;
    break;
  case ONE_MORE:
  case ONE_LESS:
  case UNCLEAN:
    verdict = RH_VERDICT_PROTOCOL;
    break;
  }
  rh_text_free(&said);
  return verdict;
}

/* What the manifest says of operations, one of two; and whether it leaves out this one, or one inside it. */
static const char *left_out(void) {
  if (!(world.options & LEAVES_OUT)) return "";
  return world.suite.seed % 2 ? "unsupported operation collect\nunsupported kind list\n"
                              : "capability objects collection finalizers weakrefs introspection growth interning\n"
                                "capability blocks pools faults tracing process\n";
}

static bool is_left_out(const struct rh_trace *trace, const struct rh_op *op) {
  bool by_word = op->code == RH_OP_COLLECT || (op->code == RH_OP_NEW && op->kind == RH_NEW_LIST);
  bool by_count = op->code == RH_OP_REFS || op->code == RH_OP_RAWLOCALREFS || op->code == RH_OP_IMMORTAL;
  bool out = world.suite.seed % 2 ? by_word : by_count;
  for (uint32_t i = 0; i < op->nchildren; i++) out = out || is_left_out(trace, &trace->ops[op->first_child + i]);
  return out;
}

/* A trace and what is asked of it: all before the first operation that is left out. */
static struct rh_trace *generate(size_t i, struct rh_prediction *prediction) {
  struct rh_trace *trace = rh_suite_take(&world.suite, i, &world.profile);
  if (trace == NULL || !rh_predict(trace, &world.profile, RH_ENGINES_RUNTIME, SIZE_MAX, prediction)) abort();
  for (size_t at = 0; world.options & LEAVES_OUT && at < prediction->n; at++) {
    if (!is_left_out(trace, &trace->ops[trace->top[at]])) continue;
    prediction->n = at;
    prediction->stop = RH_VERDICT_UNSUPPORTED;
  }
  return trace;
}

static bool has_trouble(enum trouble trouble) {
  return world.trouble == trouble && world.starts >= world.sound_starts;
}

/* Of the trace that is asked next. */
static void expect_of_next(enum rh_verdict verdict) {
  if (world.next == world.suite.generated) return;
  world.expected.of[verdict]++;
  world.next++;
}

/* All that one process says: about the traces from world.next on, up to the first that ends it. */
static void put_session(struct rh_text *bytes) {
  const char *profile = world.trouble == OTHER_PROFILE ? "cpython-0" : world.profile.name;
  rh_text_printf(bytes, "refheap-adapter 1\nname peer\nversion 1\nprofile %s\n", profile);
  if (has_trouble(SHORT_MANIFEST)) return;
  rh_text_printf(bytes, "%s%send\n", left_out(), world.options & ILLEGAL ? "capability none\n" : "");
  bool goes_on = true, deaf = has_trouble(DEAF);
  for (size_t said = 0; goes_on && world.next < world.suite.generated && !(deaf && said == 1); world.next++, said++) {
    struct rh_prediction prediction;
    uint8_t place;
    enum spoil spoil = spoil_of(world.next, &place);
    struct rh_trace *trace = generate(world.next, &prediction);
    world.expected.of[deserved(&prediction, spoil, place)]++;
    goes_on = put_trace(bytes, &prediction, spoil, place);
    rh_prediction_free(&prediction);
    rh_trace_free(trace);
  }
  if (deaf && goes_on) expect_of_next(RH_VERDICT_PROTOCOL); /* it hears of no other */
}

static int start(struct rh_os_child *child) {
  int input[2], output[2];
  struct rh_text bytes = {0};
  bool deaf = has_trouble(DEAF), cut = has_trouble(SHORT_MANIFEST);
  if (has_trouble(NO_COMMAND)) {
    expect_of_next(RH_VERDICT_PROTOCOL);
    return ENOENT;
  }
  put_session(&bytes);
  if (cut) expect_of_next(world.options & SILENT ? RH_VERDICT_PROTOCOL : RH_VERDICT_CRASHED);
  world.starts++;
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) abort();
  if (fcntl(output[1], F_SETPIPE_SZ, 1 << 20) < 0) abort();
  if (write(output[1], bytes.bytes, bytes.size) != (ssize_t)bytes.size) abort();
  rh_text_free(&bytes);
  if (deaf) {
    (void)close(input[0]);
  } else {
    world.kept[world.nkept++] = input[0];
  }
  if (world.options & SILENT) {
    world.kept[world.nkept++] = output[1];
  } else {
    (void)close(output[1]);
  }
  return rh_os_connect(input[1], output[0], child);
}

/* From here on memory is short, if it is. */
static void begin_shortage(void) {
  if (world.fails) failing_memory_plan(world.granted, world.refused_up_to);
}

/* Takes the place of rh_os_spawn. What the implementation needs, it has. */
int start_peer(char *const argv[], struct rh_os_child *child) {
  REQUIRE(strcmp(argv[0], "peer") == 0 && world.nkept + 2 <= sizeof world.kept / sizeof *world.kept, "too many starts");
  failing_memory_pause(true);
  int error = start(child);
  failing_memory_pause(false);
  return error;
}

/* --- what is said on standard error --- */

static int errors_file(void) {
  static int file = -1;
  if (file < 0) file = memfd_create("errors", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0) abort();
  return file;
}

static int hear(void) {
  int before = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (before < 0 || dup2(errors_file(), 2) != 2) abort();
  if (__sanitizer_set_report_fd != NULL)
    __sanitizer_set_report_fd((void *)(intptr_t)before); // NOLINT(performance-no-int-to-ptr)
  return before;
}

static size_t heard(int before, char *text, size_t room) {
  ssize_t n = pread(2, text, room, 0);
  if (n < 0 || dup2(before, 2) != 2) abort();
  if (__sanitizer_set_report_fd != NULL)
    __sanitizer_set_report_fd((void *)(intptr_t)2); // NOLINT(performance-no-int-to-ptr)
  (void)close(before);
  return (size_t)n;
}

/* --- the suite --- */

static enum rh_exit exit_of(const struct rh_counts *counts) {
  const uint64_t *of = counts->of;
  if (of[RH_VERDICT_INTERNAL] > 0) return RH_EXIT_INTERNAL;
  if (of[RH_VERDICT_DIVERGES] > 0) return RH_EXIT_DIVERGES;
  if (of[RH_VERDICT_CRASHED] > 0) return RH_EXIT_CRASHED;
  if (of[RH_VERDICT_PROTOCOL] > 0) return RH_EXIT_PROTOCOL;
  return of[RH_VERDICT_CONFORMS] > 0 ? RH_EXIT_CONFORMS : RH_EXIT_NOT_JUDGED;
}

static bool begins(const char *text, const char *end, const char *with) {
  return (size_t)(end - text) >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* Behind what is said of how far it is: lines, or one line that is cleared in the end. */
static const char *behind_progress(const char *text, const char *end) {
  static const char said[] = "refheap: judged ", clear[] = "\r\033[K";
  while (world.options & PROGRESS && begins(text, end, said)) {
    text = memchr(text, '\n', (size_t)(end - text));
    REQUIRE(text != NULL, "how far it is, and no end of the line");
    text++;
  }
  while (world.options & PROGRESS && begins(text, end, said + strlen("refheap: "))) {
    text = memchr(text, '\r', (size_t)(end - text));
    REQUIRE(text != NULL && begins(text, end, clear), "how far it is, and no end");
    text += strlen(clear);
  }
  return text;
}

static void check_complaint(const char *text, size_t n) {
  REQUIRE(n > 1 && text[n - 1] == '\n' && is_clean_text(text, n - 1), "no complaint, or not one line: %.*s", (int)n,
          text);
}

static void print(const struct rh_counts *counts, int nsaid, const char *said, int nwritten, const char *written) {
  fprintf(stderr, "%.*s%.*s\n", nsaid, said, nwritten, written);
  for (int verdict = 0; verdict < RH_VERDICTS; verdict++) {
    if (counts->of[verdict] == 0) continue;
    fprintf(stderr, "  %s: %" PRIu64 "\n", rh_verdict_name((enum rh_verdict)verdict), counts->of[verdict]);
  }
}

/* `complains`: the suite must not be judged to its end. */
static void run(struct rh_judging *judging, bool complains) {
  static char *const argv[] = {"peer", NULL};
  char *written = NULL, said[4096];
  size_t size = 0;
  judging->report.out = open_memstream(&written, &size);
  if (judging->report.out == NULL) abort();
  int before = hear();
  begin_shortage();
  enum rh_exit code = world.options & TESTED ? rh_suite_test(&world.suite, judging, (char **)argv)
                                             : rh_suite_check(&world.suite, judging);
  (void)failing_memory_end();
  size_t n = heard(before, said, sizeof said - 1);
  const char *behind = behind_progress(said, said + n);
  (void)fclose(judging->report.out);
  if (getenv("RH_FUZZ_PRINT")) print(&judging->report.counts, (int)n, said, (int)size, written);
  if (world.fails && failing_memory_refused() > 0) {
    said[n] = '\0';
    REQUIRE(code != RH_EXIT_SYSTEM || strstr(behind, "out of memory\n") != NULL, "no memory, and no complaint");
  } else if (complains) {
    REQUIRE(code == RH_EXIT_USAGE || code == RH_EXIT_PROTOCOL || code == RH_EXIT_CRASHED,
            "exit code %d after a complaint", (int)code);
    check_complaint(behind, (size_t)(said + n - behind));
    answer_bytes(behind, (size_t)(said + n - behind));
  } else {
    const struct rh_counts *counts = &judging->report.counts;
    REQUIRE(behind == said + n, "a complaint: %.*s", (int)n, said);
    REQUIRE(code == exit_of(counts), "exit code %d, not %d", (int)code, (int)exit_of(counts));
    REQUIRE(world.open || memcmp(counts, &world.expected, sizeof *counts) == 0, "other verdicts than deserved");
    check_report(judging->report.format, judging->report.verbose, written, size, counts);
    answer_bytes(written, size);
  }
  free(written);
}

static void test_suite(struct rh_judging *judging, const uint8_t *data, size_t size) {
  world.spoils = data + HEADER;
  world.nspoils = size - HEADER;
  world.profile = fuzz_profile(data[1]);
  world.suite.generated = 1 + data[3] % TRACES_MAX;
  if (world.trouble == NO_PROFILE) judging->profile = "cpython";
  bool first = world.sound_starts == 0;
  bool introduced = !(world.options & ILLEGAL) && world.trouble != OTHER_PROFILE && world.trouble != NO_PROFILE &&
                    !(first && (world.trouble == NO_COMMAND || world.trouble == SHORT_MANIFEST));
  run(judging, !introduced);
  for (size_t i = 0; i < world.nkept; i++) (void)close(world.kept[i]);
}

/* --- checking --- */

/* The folder, which is imagined: world.levels folders one within the other, and in the last a text and, perhaps, the file.
 * The last of LEVELS_BROKEN cannot be read. */
static const char *name_in_folder(void) {
  static const char *const names[] = {"log.trace", "log.jsonl", "log.bin", "log"};
  return names[world.levels % 4];
}

static bool is_imagined(const char *path) {
  return strncmp(path, "traces", 6) == 0;
}

static void *sure(void *memory) {
  if (memory == NULL) abort();
  return memory;
}

/* Takes the place of rh_os_list. */
int list_folder(const char *path, char ***names, size_t *n) {
  size_t level = 0;
  for (const char *at = path; (at = strstr(at, "/in")) != NULL; at++) level++;
  if (level == LEVELS_READ - 1 && world.levels == LEVELS_BROKEN) return EACCES;
  *n = level < world.levels ? 1 : 2;
  *names = sure(malloc(2 * sizeof **names));
  (*names)[0] = sure(strdup(level < world.levels ? "in" : "notes"));
  if (*n == 2) (*names)[1] = sure(strdup(name_in_folder()));
  return 0;
}

/* Takes the place of rh_os_path_kind. */
enum rh_os_kind folder_or_file(const char *path) {
  const char *slash = strrchr(path, '/');
  bool folder = is_imagined(path) && (slash == NULL || slash[1] == '\0' || strcmp(slash, "/in") == 0);
  return folder ? RH_OS_FOLDER : RH_OS_FILE;
}

/* Takes the place of rh_trace_load. */
struct rh_trace *load_from_folder(const char *path, struct rh_diagnostic *diagnostic) {
  return rh_trace_load(is_imagined(path) ? world.file : path, diagnostic);
}

/* Adds the file, or the folder that it is in; false if there must be, and is, a complaint instead. */
static bool add(unsigned options) {
  char message[256];
  bool in_folder = options & IN_FOLDER, found = world.levels < LEVELS_READ && world.levels % 4 != 3;
  const char *path = !in_folder ? world.file : world.levels & 8 ? "traces/" : "traces";
  begin_shortage();
  bool added = rh_suite_add(&world.suite, path, message, sizeof message);
  (void)failing_memory_end();
  bool enough = !world.fails || failing_memory_refused() == 0;
  REQUIRE(added == (found || !in_folder) || !enough, "%s, %zu levels: %s", path, world.levels,
          added ? "is added" : message);
  if (!added) check_message(message);
  return added;
}

/* The file as the suite finds it. */
static void write_file(const uint8_t *bytes, size_t size) {
  static int file = -1;
  if (file < 0) file = fcntl(memfd_create("trace", MFD_CLOEXEC), F_DUPFD_CLOEXEC, FILE_NUMBER);
  if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, bytes, size, 0) != (ssize_t)size) abort();
  (void)snprintf(world.file, sizeof world.file, "/proc/self/fd/%d", file);
}

static enum rh_verdict judge(const struct rh_trace *trace, const struct rh_profile *profile) {
  struct rh_prediction prediction = {0};
  struct rh_judgement judgement = {0};
  const char *ranges;
  enum rh_verdict verdict = RH_VERDICT_UNSUPPORTED;
  if (rh_trace_applies(trace, profile->version, &ranges)) {
    if (!rh_predict(trace, profile, RH_ENGINES_RUNTIME, SIZE_MAX, &prediction)) abort();
    rh_judge_recorded(trace, profile->version, &prediction, &judgement);
    verdict = judgement.verdict;
  }
  rh_judgement_free(&judgement);
  rh_prediction_free(&prediction);
  return verdict;
}

/* Under every profile: a divergence anywhere decides, then a conformance, then that refheap gave up. */
static enum rh_verdict judge_everywhere(const struct rh_trace *trace) {
  struct rh_counts met = {{0}};
  for (size_t i = 0; i < rh_profile_changes(); i++) {
    struct rh_profile profile;
    rh_profile_change(i, &profile);
    met.of[judge(trace, &profile)]++;
  }
  if (met.of[RH_VERDICT_DIVERGES] > 0) return RH_VERDICT_DIVERGES;
  if (met.of[RH_VERDICT_CONFORMS] > 0) return RH_VERDICT_CONFORMS;
  return met.of[RH_VERDICT_UNKNOWN] > 0 ? RH_VERDICT_UNKNOWN : RH_VERDICT_UNSUPPORTED;
}

/* False if a complaint must come instead of a judgement. */
static bool judge_file(const struct rh_trace *trace, const char *asked_for) {
  const char *name = asked_for != NULL ? asked_for : rh_trace_header(trace, "profile");
  struct rh_profile profile;
  char reason[256];
  if (name == NULL) {
    world.expected.of[judge_everywhere(trace)]++;
  } else if (rh_profile_find(name, &profile, reason, sizeof reason)) {
    world.expected.of[judge(trace, &profile)]++;
  } else {
    return false;
  }
  return true;
}

static void check_suite(struct rh_judging *judging, const uint8_t *data, size_t size) {
  struct rh_diagnostic diagnostic;
  world.profile = fuzz_profile_or_family(data[1]);
  if (data[1] < EVERYWHERE) judging->profile = world.profile.name;
  world.levels = data[2] % LEVELS;
  write_file(data + HEADER, size - HEADER);
  if (world.trouble == NO_FILE) (void)snprintf(world.file, sizeof world.file, "/proc/self/fd/none");
  struct rh_trace *trace = rh_trace_load(world.file, &diagnostic);
  bool fits = trace == NULL || (!is_large(trace) && trace->nops <= FILE_OPERATIONS_MAX);
  world.suite.generated = data[3] % 2;
  if (fits && add(data[0])) {
    bool judged = trace != NULL && judge_file(trace, judging->profile);
    world.expected.of[RH_VERDICT_UNSUPPORTED] += world.suite.generated; /* nothing is recorded */
    run(judging, !judged);
  }
  rh_trace_free(trace);
}

static void choose_format(unsigned i, enum rh_format *format) {
  static const char *const names[] = {"text", "json", "junit", "tap"};
  REQUIRE(!rh_format_find("yaml", format), "a format that there is not");
  REQUIRE(rh_format_find(names[i], format), "no format %s", names[i]);
}

static void choose_trouble(unsigned choice) {
  world.fails = choice & 1;
  world.granted = choice / 4;
  world.refused_up_to = choice & 2 ? UINT64_MAX : world.granted + 1;
  world.trouble = choice & 1 ? NO_TROUBLE : (enum trouble)(choice / 2 % TROUBLES);
  world.sound_starts = choice / 2 / TROUBLES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEADER) return 0;
  if (!READS_JSON && !(data[0] & TESTED) && size > HEADER && data[HEADER] == '{') return 0;
  struct rh_judging judging = {.engines = RH_ENGINES_RUNTIME, .jobs = 1};
  choose_format(data[0] / FORMAT % 4, &judging.report.format);
  judging.report.engines = data[2] & 1 ? RH_ENGINES_RUNTIME : RH_ENGINES_MODEL;
  judging.report.verbose = data[0] & VERBOSE;
  judging.progress = (struct rh_progress){.on = data[0] & PROGRESS, .terminal = data[2] & 2};
  memset(&world, 0, sizeof world);
  world.options = data[0];
  choose_trouble(data[4]);
  world.suite = (struct rh_suite){.seed = data[2],
                                  .operations = OPERATIONS_LEAST + data[3] / TRACES_MAX % OPERATIONS_MORE,
                                  .mix = (enum rh_mix)(data[2] % 3)};
  rh_os_ignore_broken_pipes();
  if (data[0] & TESTED) {
    test_suite(&judging, data, size);
  } else {
    check_suite(&judging, data, size);
  }
  rh_suite_free(&world.suite);
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
