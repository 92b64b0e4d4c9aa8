/* Which rule and which argument an observation gets. Both engines explain. */
#include "judging.h"
#include "oracle/explain.h"

static const struct rh_engine *engine;

/* Explains the last operation of a trace, observed as `observed` (NULL: as
 * predicted); checks the rule and that the argument contains `words`. */
static void expect(const char *text, const char *observed, const char *rule, const char *words) {
  struct rh_trace *trace = read_trace(text);
  struct rh_profile profile = read_profile("cpython-3.11");
  struct rh_explanation why;
  bool done =
      rh_explain(trace, &profile, engine, trace->ntop - 1, observed, observed != NULL ? strlen(observed) : 0, &why);
  CHECK(done);
  if (done) {
    CHECK_TEXT(why.rule->id, rule);
    bool found = strstr(why.argument.bytes, words) != NULL;
    CHECK(found);
    if (!found) fprintf(stderr, "  in: %s\n  not: %s\n", why.argument.bytes, words);
  }
  rh_explanation_free(&why);
  rh_trace_free(trace);
}

/* The same for an argument that the runtime's notes make; the model makes none. */
static void expect_noted(const char *text, const char *observed, const char *rule, const char *words) {
  expect(text, observed, rule, engine == &rh_engine_model ? "" : words);
}

/* Two orders of release: what the runtime's notes say, and the model's general sentence. */
static void expect_order(const char *text, const char *observed, const char *rule, const char *noted,
                         const char *general) {
  expect(text, observed, rule, engine == &rh_engine_model ? general : noted);
}

static void counts(void) {
  expect("new A list\nnew L list\nappend L A\nbind B A\nrefs A\n", "4", "RC-1", "A, B, L[0]: that makes 3");
  expect("new A node\nset A.a A\nbind B A\ndrop A\nrefs B\n", NULL, "RC-1", "B, B.a: that makes 2");
  expect("new N int 1000003\nimmortal N\n", "yes", "RC-15", "N");
  expect("new N list\nweak W N\n", "ok", "WR-5", "N is of kind list");
  expect("new N node\nstderr => \"x\"\nweak W N\n", NULL, "WR-5",
         "N is of kind node"); /* not of the process at its end */
  expect("new A legacy\nnew B node\nset A.a B\nrefs A.a\n", "3", "RC-1", "B, A.a: that makes 2");
  expect("try count 3\n", "ok", "GEN-3", "there are counters 0, 1 and 2");
  expect("count 3\n", "ok", "GEN-3", "there are counters 0, 1 and 2");
  expect("new L list\ntry pop L\n", "ok", "LANG-1", "raises IndexError");
}

static void reachable(void) {
  static const char text[] = "new R list\nnew A node\nnew B fin\nappend R A\nset A.b B\ndrop A B\nevents\n";
  expect(text, "[del:B]", "RC-3", "B is held by root R through R[0].b, so it may not be freed here");
  expect("new A node\nnew B node\nset A.a B\nweak W B\ndrop B\nderef W\n", "dead", "RC-3", "root A through A.a");
  expect("new A node\nnew B node\nset A.a B\ndrop B\nrefs A.a\n", "skip", "RC-3", "A.a's object is held by root A");
}

static void immediate_death(void) {
  expect("new A fin\ndrop A\nevents\n", NULL, "RC-2", "`drop A` at line 2");
  expect("new A fin\ndrop A\nevents\n", "[]", "FIN-1", "in `drop A` at line 2, del:A: the last reference to A");
  expect_noted("new L list\nnew A fin\nappend L A\ndrop A\ndrop L\nevents\n", "[]", "FIN-1",
               "A goes as item 0 of the 1 of L");
  expect("new A fin\nweak W A\ndrop A\nderef W\n", "live", "RC-2", "`drop A` at line 3");
}

static void garbage(void) {
  static const char cycle[] = "new A fin\nset A.a A\nweak W A\ndrop A\n";
  char text[256];
  snprintf(text, sizeof text, "%scollect\nevents\n", cycle);
  expect(text, "[]", "GC-2", "in `collect` at line 5, del:A: ");
  expect_noted(text, "[]", "GC-2", "A is number 1 of the 1 on the list of the unreachable");
  snprintf(text, sizeof text, "%sevents\n", cycle);
  expect(text, "[del:A]", "GC-2", "no collection has found it");
  snprintf(text, sizeof text, "%sderef W\n", cycle);
  expect(text, "dead", "GC-2", "no collection has found it yet");
  snprintf(text, sizeof text, "%scollect\n", cycle);
  expect(text, "0", "GC-2", "1 is held by garbage alone: fin A (count 1, from itself); it ran the finalizer of A");
  expect(text, "5", "GC-1", "of the 2 tracked objects of generations 0 to 2");
  snprintf(text, sizeof text, "%scollect\nderef W\n", cycle);
  expect(text, "live", "GC-2", "`collect` at line 5");
  snprintf(text, sizeof text, "%scollect 3\n", cycle);
  expect(text, "0", "GC-14", "no generation 3");
}

static void finalizers(void) {
  expect("act A: bind R self\nnew A fin\ndrop A\nevents\ndrop R\nevents\n", "[del:A]", "FIN-2",
         "A's finalizer already ran during `drop A` at line 3");
  expect("new A fin\ndrop A\nevents\n", "[del:A, del:A]", "FIN-2", "already ran");
  expect("hookunraisable\nact A: raise ValueError\nnew A fin\ndrop A\nevents\n", "[del:A]", "FIN-6", "ValueError left");
}

static void callbacks(void) {
  static const char text[] = "new A node\nweak V A cb\nweak W A cb\ndrop A\nevents\n";
  expect(text, "[cb:V, cb:W]", "WR-2", "in `drop A` at line 4, cb:W: ");
  expect_noted(text, "[cb:V, cb:W]", "WR-2",
               "the 2 with callbacks are called, the newest first, which is W; then cb:V");
  expect(text, "[cb:W]", "WR-3", "V");
  expect("new A node\nweak W A cb\nevents\n", "[cb:W]", "RC-3", "root A");
  expect("new A node\nweak W A cb\ndrop W\ndrop A\nevents\n", "[cb:W]", "WR-4",
         engine == &rh_engine_model ? "W was gone" : "W went while A lived");
  expect("new A node\nweak W A cb\ndrop A\nevents\nevents\n", "[cb:W]", "WR-3", "called back during `drop A`");
  expect("new A fin\nweak W A cb\ndrop A\nevents\n", "[cb:W, del:A]", "FIN-5", "; then cb:W: ");
}

static void orders(void) {
  static const char head[] = "new X fin\nnew Y fin\n";
  char text[256];
  snprintf(text, sizeof text, "%snew C list\nappend C X\nappend C Y\ndrop X Y\ndrop C\nevents\n", head);
  expect_order(text, "[del:X, del:Y]", "RC-5", "C lets go of what it held from the last item",
               "the order in which a list releases");
  snprintf(text, sizeof text, "%snew C tuple X Y\ndrop X Y\ndrop C\nevents\n", head);
  expect_order(text, "[del:X, del:Y]", "RC-6", "Y goes as item 1 of the 2 of C", "a tuple");
  snprintf(text, sizeof text, "%snew C dict\nput C 1 X\nput C 2 Y\ndrop X Y\ndrop C\nevents\n", head);
  expect_order(text, "[del:Y, del:X]", "RC-7", "X goes as the value of entry 0 of C", "a dict");
  snprintf(text, sizeof text, "%snew C deque\nappend C X\nappend C Y\ndrop X Y\ndrop C\nevents\n", head);
  expect_order(text, "[del:Y, del:X]", "RC-8", "from the leftmost item", "a deque");
  snprintf(text, sizeof text, "%snew C node\nset C.b Y\nset C.a X\ndrop X Y\ndrop C\nevents\n", head);
  expect_order(text, "[del:Y, del:X]", "RC-9", "X goes as slot a of C; then del:Y: Y goes as slot b", "a node");
  snprintf(text, sizeof text, "%sset X.a Y\nset Y.a X\ndrop X Y\ncollect\nevents\n", head);
  expect_order(text, "[del:Y, del:X]", "FIN-8", "X is number 1 of the 2 on the list of the unreachable; then",
               "the collection found X");
  snprintf(text, sizeof text, "%sdrop Y\ndrop X\nevents\n", head);
  expect(text, "[del:X, del:Y]", "RC-2", "in `drop Y` at line 3, del:Y: ");
}

/* Faults seen through what an action recorded, or through what did not die. */
static void answers(void) {
  if (engine == &rh_engine_model) return; /* makes no notes */
  expect_noted("act A: probe V\nnew A fin\nweak V A\ndrop A\nevents\n", "[del:A, probe:V=dead]", "FIN-5",
               "V still refers to A and is cleared when the finalizer of A has returned");
  expect_noted("cbact W: probe V\nnew A node\nweak V A\nweak W A cb\ndrop A\nevents\n", "[cb:W, probe:V=live]", "WR-3",
               "V was cleared");
  expect_noted("cbact W: refs self => ?\nnew A node\nweak W A cb\ndrop A\nevents\n", "[cb:W, refs_self=2]", "RC-1",
               "1 name, `self` not counted, and 0 references");
  expect_noted("act B: drop X\nnew L list\nnew A fin\nnew B fin\nappend L A\nappend L B\nnew X fin\ndrop A B\ndrop L\n"
               "events\n",
               "[del:B, del:A, del:X]", "RC-11", "X goes, at once, inside the finalizer or callback of B");
  expect_noted("new A legacy\nset A.a A\nweak W A cb\ndrop A\ncollect\nevents\n", "[cb:W]", "LEG-2",
               "it is left alone");
  expect_noted("act A: bind R self\nnew A fin\nweak V A\ndrop A\nderef V\n", "dead", "FIN-4", "it is held by root R");
}

/* The model has none of these. */
static void instances(void) {
  if (engine == &rh_engine_model) return;
  expect("new A obj\ntry del A.x\n", "ok", "OBJ-5", "the instance has no such attribute");
  expect("new A class\nreferents A\n", "3", "CLS-1", "the tuple of its bases");
  expect("new A closure\ndrop A\ncollect\n", "0", "FUN-2", "1 function, 1 tuple and 1 cell");
  expect("exccycle\ncollect\n", "1", "FUN-6", "1 exception, 1 traceback and 1 frame");
  expect("new A obj\nnew B obj\nnew X fin\nnew Y fin\nset B.p 1\nset A.q X\nset A.p Y\ndrop X Y\ndrop A\nevents\n",
         "[del:X, del:Y]", "OBJ-4", "first used the names, p, q; it stored q, p itself");
}

static void other_rules(void) {
  expect_noted("new A list\nappend A None\ncap A\n", "5", "LST-1", "(1 + 1 div 8 + 6) rounded down");
  expect_noted("new A list\nsizeof A\n", "1", "SIZ-4", "A: 16 bytes for the collector, 40 for the list and 8 * 0");
  expect_noted("const A True\nsizeof A\n", "1", "SIZ-2", "A: bit length 1, so 1 of the digits");
  expect_noted("const A False\nsizeof A\n", "1", "SIZ-2", "A: zero counts as one digit");
  expect_noted("new A int 5\nnew B int 5\nsame A B\n", "no", "INT-1", "5 is in -5..256, so it is the cached object");
  expect_noted("new A int 5\nnew B str \"text\"\nsame A B\n", "yes", "FL-6", "of different kinds, int and str");
  expect("new A list\nbind B A\nsame A B\n", "no", "RC-1", "A and B lead to one list");
  expect("new A list\ntry intern B A\n", "ok", "INT-6", "A leads to an object of kind list");
  expect("new A tuple\ntracked A\n", "yes", "TRK-2", "A is the empty tuple");
  expect("threshold\n", "1", "GEN-4", "thresholds");
  expect("new A list\ngen A\n", "2", "GEN-1", "A is in generation 0");
  expect("new A list\npop A\n", "ok", "LANG-1", "raises IndexError");
  expect("refs A\n", "1", "LANG-1", "a name is not bound");
  expect("pm.malloc P 8\npm.realloc P 5000\n", "null", "BLK-5", "5000 bytes do not fit the 16 of the block's class");
  expect("pm.malloc P 0\n", "null", "BLK-6", "gets a block");
  expect("pm.malloc P 9223372036854775808\n", "ok", "BLK-7", "more than 2**63 - 1");
  expect("pm.malloc P 8\npm.fill P 1 8\npm.bytes P 0 1\n", "02", "BLK-3",
         "bytes 0 to 7 are written with 0x01, in `pm.fill P 1 8`");
  expect("pm.malloc P 8\npm.fill P 1 8\npm.realloc P 800\npm.bytes P 0 1\n", "02", "BLK-4", "`pm.realloc P 800`");
}

/* Of bytes observed otherwise the first that differs counts, back to who wrote it. */
static void contents(void) {
  static const char written[] = "pm.malloc P 8\npm.fill P 1 8\npm.poke P 3 2\n";
  char text[256];
  snprintf(text, sizeof text, "%spm.bytes P 0 8\n", written);
  expect(text, "0101010901010101", "BLK-3", "bytes 3 to 3 are written with 0x02, in `pm.poke P 3 2`");
  expect(text, "0101010201010109", "BLK-3", "bytes 0 to 7 are written with 0x01, in `pm.fill P 1 8`");
  expect(text, NULL, "BLK-3", "line 2; bytes 3 to 3 are written with 0x02, in `pm.poke P 3 2` at line 3; bytes 0 to 7");
  snprintf(text, sizeof text, "%spm.realloc P 80\npm.realloc P 800\npm.bytes P 3 1\n", written);
  expect(text, NULL, "BLK-4", "in `pm.realloc P 800` at line 5; bytes 3 to 3 are written with 0x02");
}

static void statistics(void) {
  expect("pm.snap\npm.malloc P 600\npm.realloc P 512\npm.blocks 31\n", "1", "BLK-12", "now with 512 bytes, in");
  expect("pm.snap\npm.rmalloc P 512\npm.blocks 31\n", "1", "BLK-14", "the raw domain has no pools");
  expect("pm.malloc P 8\npm.free P\npm.free P\n", "ok", "BLK-8", "in `pm.free P` at line 2");
  if (engine == &rh_engine_model) return; /* it traces nothing */
  expect("tm.start\ntm.mark\npm.malloc P 8\ntm.clear\ntm.delta\n", NULL, "TM-5", "in `tm.clear` at line 4");
  expect("tm.start 7\ntm.start 3\ntm.stop\ntm.limit\n", "3", "TM-4", "7 frames of each trace, in `tm.start 7`");
}

static void debug_hooks(void) {
  static const char dead[] = "%env PYTHONMALLOC=debug\npm.malloc P 8\npm.poke P 8 1\npm.free P\n";
  char text[256];
  expect(dead, "ok", "ALH-5", "the byte at p+8 is 0x01");
  snprintf(text, sizeof text, "%spm.free P\n", dead);
  expect(text, "ok", "ALH-7", "in `pm.free P` at line 4; the process died there");
}

/* Room and sizes: only the runtime notes what decided. */
static void rooms(void) {
  expect("new A list\nextendn A 3\ncap A\n", "8", "LST-3", "a known number of items, 3: room for 4");
  expect("new A nones 100\npopn A 50\ncap A\n", "60", "LST-1", "100 >= 50 >= 100 div 2");
  expect("new A nones 100\npopn A 50\ncap A\n", "60", "LST-1", "before: a repetition of 100 items");
  expect("new A list\ngrowth A append 20\n", "[0:0, 1:4, 4:8]", "LST-1", "from 4 to 8 slots at step 5");
  expect("new A list\nsizeof A\n", "64", "LST-1", "no array");
  expect("new A list\nsizeof A\n", "57", "SIZ-4", "no array");
  expect("new A listfin\nappend A None\nsizeof A\n", "72", "LST-1", "(1 + 1 div 8 + 6) rounded down");
  expect("new A listfin\nsizeof A\n", "56", "SIZ-5", "subclass of list");
  expect("new A strdict 1\nsizeof A\n", "224", "DCT-5", "5 * 16 for the usable entries");
  expect("new A strdict 1\nsizeof A\n", "192", "SIZ-6", "64 + 32 bytes");
  expect("new A strdict 1\nsizeof A\n", "272", "DCT-1", "the first insertion makes a table of 8 slots");
  expect("new A dict\ngrowth A puts 6\n", "[0:64, 1:224]", "DCT-5", "at step 1");
  expect("new A dict\ngrowth A puts 6\n", "[0:64, 1:184, 5:272]", "DCT-1", "3 slots for each in use (5)");
  expect("new A intset 4\ndiscardrange A 0 4\nsizeof A\n", "728", "DCT-6", "as it is");
}

static void tracking(void) {
  static const char dict[] = "new A dict\nnew L list\nput A 1 L\n";
  char text[256];
  snprintf(text, sizeof text, "%stracked A\n", dict);
  expect(text, "no", "TRK-3", "`put A 1 L` at line 3");
  snprintf(text, sizeof text, "%sdelkey A 1\ncollect 1\ntracked A\n", dict);
  expect(text, "no", "TRK-4", "only a full collection");
  expect("new A nonetuple 2\ncollect\ntracked A\n", "yes", "TRK-2", "`collect` at line 2");
  expect("new A nonetuple 2\ncollect\ngen A\n", "1", "TRK-5", "untracked the tuple");
}

static void faults(void) {
  expect("nomem 1 2\npm.malloc P 8\npm.malloc Q 8\n", "ok", "FLT-1", "`nomem 1 2` at line 1");
  expect("nomem 1 2\ntry pm.batch P 8 2\n", "ok", "FLT-1", "allocation number 1: it fails");
}

static void with_runtime(void) {
  engine = &rh_engine_runtime;
}

static void with_model(void) {
  engine = &rh_engine_model;
}

/* An operation behind the unsupported one has no explanation. */
static void beyond_knowledge(void) {
  struct rh_trace *trace = read_trace("const C len\nrefs C\n");
  struct rh_profile profile = read_profile("cpython-3.11");
  struct rh_explanation why;
  CHECK(!rh_explain(trace, &profile, engine, 1, "1", 1, &why));
  rh_explanation_free(&why);
  rh_trace_free(trace);
}

static void rules_are_found(void) {
  CHECK(rh_rule_find("RC-1") != NULL);
  CHECK(rh_rule_find("LANG-1") != NULL);
  CHECK(rh_rule_find("RC-0") == NULL);
}

#define EVERY                                                                                                          \
  counts, reachable, immediate_death, garbage, finalizers, callbacks, orders, answers, instances, other_rules,         \
      contents, statistics, debug_hooks, beyond_knowledge
TEST_MAIN(rules_are_found, with_runtime, EVERY, rooms, tracking, faults, with_model, EVERY, faults)
