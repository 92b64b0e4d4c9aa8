/*
 * The interpreter on both engines: traces that carry their own expectations,
 * and the engine's failures, on an engine that fails on purpose.
 */
#include "oracle/interpret.h"
#include "oracle/interpret_run.h"
#include "test.h"

static const struct rh_engine *const engines[] = {&rh_engine_runtime, &rh_engine_model};

static struct rh_trace *parse(const char *text) {
  struct rh_diagnostic diagnostic = {0};
  struct rh_trace *trace = rh_trace_parse("test", text, strlen(text), &diagnostic);
  CHECK_TEXT(diagnostic.message, "");
  return trace;
}

static struct rh_profile profile_named(const char *name) {
  struct rh_profile profile;
  char reason[256];
  CHECK(rh_profile_find(name, &profile, reason, sizeof reason));
  return profile;
}

/* Every operation observes exactly what it expects; without an expectation, nothing. */
static void check_operation(const struct rh_engine *engine, const struct rh_trace *trace, const struct rh_op *op,
                            const struct rh_profile *profile, const struct rh_observation *seen) {
  const struct rh_expectation *expected = rh_expectation_select(trace, op, profile->version);
  char wanted[512];
  (void)snprintf(wanted, sizeof wanted, "%.*s", expected ? (int)expected->value_length : 0,
                 expected ? trace->text + expected->value : "");
  if (strcmp(seen->text, wanted) != 0)
    fprintf(stderr, "%s, %s, line %u:\n", engine->name, profile->name, (unsigned)op->line);
  CHECK_TEXT(seen->text, wanted);
}

static void check_trace(const char *profile_name, const char *text) {
  struct rh_trace *trace = parse(text);
  struct rh_profile profile = profile_named(profile_name);
  if (!trace) return;
  for (unsigned i = 0; i < sizeof engines / sizeof *engines; i++) {
    struct rh_run *run = rh_run_new(engines[i], &profile, trace);
    struct rh_observation seen;
    while (rh_run_step(run, &seen))
      check_operation(engines[i], trace, &trace->ops[trace->top[rh_run_position(run) - 1]], &profile, &seen);
    CHECK_INT(rh_run_position(run), trace->ntop);
    rh_run_free(run);
  }
  rh_trace_free(trace);
}

/* Runs up to the operation that ends the run and checks what it says. */
static void check_end(const struct rh_engine *engine, const char *profile_name, const char *text,
                      enum rh_observation_class class, const char *reason) {
  struct rh_trace *trace = parse(text);
  struct rh_profile profile = profile_named(profile_name);
  if (!trace) return;
  struct rh_run *run = rh_run_new(engine, &profile, trace);
  struct rh_observation seen = {.text = ""};
  while (rh_run_step(run, &seen)) continue;
  CHECK_INT(seen.class, class);
  CHECK_TEXT(seen.text, reason);
  rh_run_free(run);
  rh_trace_free(trace);
}

/* --- names and what does not apply --- */

static void unbound_names_are_skipped(void) {
  check_trace("cpython-3.11", "drop A => skip\n"
                              "bind B A => skip\n"
                              "set A.a B => skip\n"
                              "append A 1 => skip\n"
                              "refs A => skip\n"
                              "weak W A cb => skip\n"
                              "deref W => skip\n"
                              "pm.free P => skip\n"
                              "pm.pick P B 0 => skip\n"
                              "new T tuple A => skip\n"
                              "try append A 1 => skip\n"
                              "new A node\n"
                              "drop Z A\n"
                              "refs A => skip\n");
}

static void other_kinds_are_skipped(void) {
  check_trace("cpython-3.11", "new L list\nnew N node\nnew Q deque\nnew I int 7\n"
                              "set L.a N => skip\n"
                              "append N 1 => skip\n"
                              "put L 1 2 => skip\n"
                              "pop Q 0 => skip\n"
                              "insert Q 0 N => skip\n"
                              "len N => skip\n"
                              "cap Q => skip\n"
                              "copy C I => skip\n"
                              "deref N => skip\n");
}

static void paths_lead_through_slots(void) {
  check_trace("cpython-3.11", "new A node\nnew B node\n"
                              "set A.a B\nset A.a.b A\n"
                              "refs A.a => 2\n"
                              "same A.a.b A => yes\n"
                              "refs A.b => skip\n"
                              "refs A.z => skip\n"
                              "unset A.a\n"
                              "set A.z B => AttributeError\n"
                              "del A.b => AttributeError\n"
                              "del A.a\n"
                              "refs A.a.b => skip\n");
}

static void exceptions_change_nothing(void) {
  check_trace("cpython-3.11", "new L list\npop L => IndexError\ntry pop L => IndexError\n"
                              "appendn L 3\npopn L 4 => IndexError\nlen L => 3\ntry popn L 3 => ok\n"
                              "new D dict\nput D L 1 => TypeError\ndelkey D 1 => KeyError\n"
                              "new S set\nadd S L => TypeError\n"
                              "weak W L => TypeError\nderef W => skip\n"
                              "collect 3 => ValueError\ncollect 4294967296 => OverflowError\n"
                              "intern T L => TypeError\nchar C 1114112 => ValueError\n"
                              "new M nones 2\nimul M 9223372036854775807 => MemoryError\nlen M => 2\n");
}

static void binding_precedes_the_old_drop(void) {
  check_trace("cpython-3.11", "new X fin\nnew Y fin\nact X: probe W\nweak W Y\n"
                              "bind X Y\n"
                              "events => [del:X, probe:W=live]\n"
                              "refs Y => 2\n");
}

/* --- actions --- */

static void self_is_borrowed_and_restored(void) {
  check_trace("cpython-3.11", "new self node\nweak V self\n"
                              "act A: len self => ?; drop self; new self node; set self.a self\n"
                              "new A listfin\ndrop A\n"
                              "events => [del:A, len_self=0]\n"
                              "deref V => live\n"
                              "drop self\n"
                              "deref V => dead\n"
                              "collect 2 => 1\n");
}

static void actions_may_resurrect(void) {
  check_trace("cpython-3.11", "act A: bind R self; refs R => ?\nnew A fin\ndrop A\n"
                              "events => [del:A, refs_R=2]\n"
                              "finalized R => yes\nrefs R => 1\ndrop R\nevents => []\n");
}

static void recorded_operations_are_spelled_with_underscores(void) {
  check_trace("cpython-3.11", "new L list\nact A: append L \"a b\" => ?; try pop Z => ?; collect 2 => ?\n"
                              "new A fin\ndrop A\n"
                              "events => [del:A, append_L__a_b_=ok, try_pop_Z=skip, collect_2=0]\n");
}

static void raising_ends_the_action(void) {
  check_trace("cpython-3.11", "act A: raise ValueError; len A => ?\nnew A fin\ndrop A\nevents => [del:A]\n"
                              "hookunraisable\n"
                              "act B: try raise KeyError => ?; raise ValueError; collect 2 => ?\n"
                              "new B fin\ndrop B\n"
                              "events => [del:B, try_raise_KeyError=KeyError, unraisable:ValueError]\n");
}

static void numbered_and_nameless_actions(void) {
  check_trace("cpython-3.11", "act 1: len L => ?\nnew L list\nnew T comb 3\ndrop T\n"
                              "events => [del:2, del:1, len_L=0, del:0]\n"
                              "act nogc: bind R self\nnew N nogcfin\ndrop N\ndrop R\ndrop R\n"
                              "events => [del:nogc, del:nogc, del:nogc]\n");
}

/* Up to 3.11 an allocation collects at once: actions run while a tuple, a copy
 * or a weak reference is being made, and may drop what it is made of. */
static void making_survives_a_collection_on_the_way(void) {
  static const char *const made[] = {"new T tuple X X", "copy T Y", "listcopy T Y", "weak T X", "new T nonetuple 3"};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    char text[512];
    (void)snprintf(text, sizeof text,
                   "act F: drop X Y; new S tuple L L L L L L L L L L L L L L L L L L L L L L L\n"
                   "new X node\nnew Y list\nnew L list\nnew F fin\nset F.a F\nnew K lists 30\ndrop F\n"
                   "threshold 6 100 100\nenable\n%s\nnew Z list\nnew Z list\ndisable\n"
                   "events => [del:F]\nrefs X => skip\nlen S => 23\n",
                   made[i]);
    check_trace("cpython-3.10", text);
  }
}

static void endless_actions_are_given_up(void) {
  const char *deep = "act A: new A fin; drop A\nnew A fin\ndrop A\nevents\n";
  check_end(&rh_engine_runtime, "cpython-3.14", deep, RH_OBSERVE_UNKNOWN, "actions nest too deeply");
  const char *wide = "act A: new B fin; drop B; new B fin; drop B\nact B: new C fin; drop C; new C fin; drop C\n"
                     "act C: new D node; drop D\nrepeat 200000: new A fin; drop A\n";
  check_end(&rh_engine_runtime, "cpython-3.11", wide, RH_OBSERVE_UNKNOWN, "too many operations inside actions");
}

/* --- integers --- */

static void integers_can_be_increased(void) {
  check_trace("cpython-3.11", "incr A 1 => skip\nnew A int 256\nnew B int 256\nsame A B => yes\nincr A 1\nincr B 1\n"
                              "same A B => no\nincr A -1\nconst C 256\nsame A C => yes\nbind D B\nincr D -1\n"
                              "same D C => yes\nnew A list\nincr A 1 => skip\n");
  check_end(&rh_engine_model, "cpython-3.11", "new A int 9223372036854775807\nincr A 1\n", RH_OBSERVE_UNKNOWN,
            "refheap's heap is full"); /* the model leaves large ints to the runtime */
}

/* --- lists of texts --- */

static void events_can_be_digested(void) {
  check_trace("cpython-3.11", "new A fin\nnew B fin\ndrop B A\nevents (digest) => 2:b4114cfd\n"
                              "new A fin\nnew B fin\ndrop B A\nevents (unordered,digest) => 2:1cf007da\n"
                              "events (digest) => 0:00000000\n");
  struct rh_trace *trace = parse("events (unordered)\n");
  struct rh_profile profile = profile_named("cpython-3.11");
  struct rh_run *run = rh_run_new(&rh_engine_model, &profile, trace);
  struct rh_observation seen;
  CHECK(rh_run_step(run, &seen));
  CHECK_INT(seen.class, RH_OBSERVE_MULTISET);
  rh_run_free(run);
  rh_trace_free(trace);
}

static void garbage_is_named(void) {
  check_trace("cpython-3.11", "new A fin\nset A.a A\nnew L list\nappend L L\ndebug SAVEALL\ndrop A L\n"
                              "collect 2 => 2\ngarbage => [A, list]\ncleargarbage\ngarbage => []\n");
}

/* --- the collector's numbers --- */

static void callbacks_may_be_installed_twice(void) {
  check_trace("cpython-3.11", "ncollections => none\ngccb\ngccb\ncollect 1 => 0\nncollections => 1 1\ngccboff\n"
                              "events => [gc:start:1, gc:start:1, gc:stop:1:0:0, gc:stop:1:0:0]\n"
                              "collect => 0\nncollections => 2\n");
}

static void start_up_objects_are_left_out(void) {
  check_trace("cpython-3.11",
              "frozen => 0\nfreeze\nfrozen\nfrozendelta\nnew L nodes 9\nfreeze\n"
              "frozendelta => 10..19\nunfreeze\nfrozen => 0\n"
              "stat 2 collected\nstatmark\ncollect 2 => 0\nstat 2 collections => 1\n"
              "count 0 => 0..12\nstat 5 collected => IndexError\n"
              "stat 2 duration => KeyError\ncount 3 => IndexError\ncount 0\nthreshold => [700, 10, 10]\n");
}

/* --- blocks --- */

static const char *const pool_trace = "pm.drain 512\npm.malloc P 512 => ok\npm.off P => 48\n"
                                      "pm.malloc Q 500 => ok\npm.delta P Q => 512\npm.samepool P Q => yes\n"
                                      "pm.free P\npm.free P => skip\npm.malloc R 512 => ok\npm.eq R P => yes\n"
                                      "pm.poolbatch B 512\npm.poolbatch C 512\npm.pick X B 2\npm.pick Y C 4\n"
                                      "pm.free X\npm.free Y\npm.malloc U 512 => ok\npm.malloc V 512 => ok\n"
                                      "pm.eq U Y => yes\npm.eq V X => yes\npm.eq U V => no\n"
                                      "pm.pick Z B 99 => IndexError\npm.freebatch B\npm.freebatch B => skip\n";

static void pools_of_both_sizes(void) {
  check_trace("cpython-3.9", pool_trace);
  check_trace("cpython-3.11", pool_trace);
  check_trace("cpython-3.9", "pm.perpool 512 => 7\n");
  check_trace("cpython-3.11", "pm.perpool 512 => 31\npm.perpool 0 => ZeroDivisionError\n");
}

static void contents_and_results(void) {
  check_trace("cpython-3.11", "pm.malloc P 20 => ok\npm.bytes P 0 4\npm.fill P 255 4\npm.bytes P 0 4 => ffffffff\n"
                              "pm.poke P 2 1\npm.bytes P 0 4 => ffff01ff\npm.bytes P 2 4\n"
                              "pm.fill P 1 21 => ValueError\npm.bytes P -1 1 => ValueError\n"
                              "pm.calloc C 4 4 => ok\npm.bytes C 12 4 => 00000000\n"
                              "pm.realloc P 32 => same\npm.realloc P 16 => moved\npm.bytes P 0 4 => ffff01ff\n"
                              "pm.malloc Q 9223372036854775808 => null\npm.calloc Q 4611686018427387904 4 => null\n"
                              "pm.free Q => skip\npm.identity => yes\n");
}

static void relations_no_rule_decides(void) {
  check_end(&rh_engine_model, "cpython-3.11", "pm.malloc P 512\npm.off P\n", RH_OBSERVE_WINDOW, "48..15408");
  check_end(&rh_engine_model, "cpython-3.11", "pm.malloc P 512\npm.free P\npm.malloc Q 512\npm.eq P Q\n",
            RH_OBSERVE_RELATION, "yes or no");
  check_end(&rh_engine_model, "cpython-3.11", "pm.malloc P 1000\npm.realloc P 2000\n", RH_OBSERVE_RELATION,
            "same or moved");
}

static void arenas_are_windows(void) {
  check_trace("cpython-3.11", "pm.drainpools\npm.snap\npm.arenabatch B 3\npm.arenas current => -1..7\n"
                              "pm.blocks 31 => 5952\npm.freebatch B rev\npm.arenas reclaimed => -2..6\n"
                              "blocks.mark\npm.batch C 100 20\nblocks => 18..34\nnew L list\nblocks => -595..637\n"
                              "pm.blocks 31 => -304..304\n");
}

/* --- what is not known --- */

static void reasons(void) {
  const struct rh_engine *engine = &rh_engine_model;
  check_end(engine, "cpython-3.11", "const X len\n", RH_OBSERVE_UNSUPPORTED, "literal len");
  check_end(engine, "cpython-3.11", "const X [1, len]\n", RH_OBSERVE_UNSUPPORTED, "literal [1, len]");
  check_end(engine, "cpython-3.11", "const X {1, 2, 3, 4, 5}\n", RH_OBSERVE_UNSUPPORTED, "literal {1, 2, 3, 4, 5}");
  check_end(engine, "cpython-3.11", "%env PYTHONHOME=nowhere\nevents\n", RH_OBSERVE_UNSUPPORTED, "header env");
  check_end(engine, "cpython-3.11", "new X list (fail_nth=1)\n", RH_OBSERVE_UNSUPPORTED, "attribute fail_nth");
  check_end(engine, "cpython-3.11", "act A: const X len\nnew A fin\ndrop A\n", RH_OBSERVE_UNSUPPORTED, "literal len");
}

/* --- an engine that fails --- */

static uint32_t fail_object(int kind, uint32_t label) {
  (void)kind, (void)label;
  return 0;
}

static int64_t fail_size(uint32_t o) {
  (void)o;
  return RH_UNSUPPORTED;
}

static int fail_append(uint32_t o, uint32_t v) {
  (void)o, (void)v;
  return RH_MEMORY_ERROR;
}

static void failures_of_the_engine_judge_nobody(void) {
  struct rh_engine broken = rh_engine_model;
  broken.new_object = fail_object;
  check_end(&broken, "cpython-3.11", "new X node\n", RH_OBSERVE_UNKNOWN, "refheap's heap is full");
  check_end(&broken, "cpython-3.11", "new X nodes 3\n", RH_OBSERVE_UNKNOWN, "refheap's heap is full");
  broken = rh_engine_model;
  broken.append = fail_append;
  check_end(&broken, "cpython-3.11", "new X list\nappendn X 2\n", RH_OBSERVE_UNKNOWN, "refheap's heap is full");
  check_end(&broken, "cpython-3.11", "new X comb 3\n", RH_OBSERVE_UNKNOWN, "refheap's heap is full");
  broken.size_of = fail_size;
  check_end(&broken, "cpython-3.11", "new X list\nsizeof X\n", RH_OBSERVE_UNSUPPORTED,
            "a result no rule predicts: sizeof");
}

/* --- families --- */

static void other_families_promise_less(void) {
  check_end(&rh_engine_model, "rc-gc", "new A list\ncap A\n", RH_OBSERVE_OPAQUE, "");
  check_end(&rh_engine_model, "rc-gc", "new A node\nrefs A\n", RH_OBSERVE_EXACT, "1");
  check_end(&rh_engine_model, "rc-gc", "new A fin\ndrop A\nevents\n", RH_OBSERVE_MULTISET, "[del:A]");
  check_end(&rh_engine_model, "rc-gc", "collect 1\n", RH_OBSERVE_UNSUPPORTED, "operation collect");
  check_end(&rh_engine_model, "gc", "new A node\nweak W A\ndrop A\nderef W\n", RH_OBSERVE_RELATION, "live or dead");
  check_end(&rh_engine_model, "gc", "new A node\nweak W A\ndrop A\ncollect\nderef W\n", RH_OBSERVE_EXACT, "dead");
  check_end(&rh_engine_model, "gc", "new A node\nweak W A\nderef W\n", RH_OBSERVE_EXACT, "live");
  check_end(&rh_engine_model, "gc", "new A fin\ndrop A\nevents\n", RH_OBSERVE_UNSUPPORTED,
            "events before a full collection");
  check_end(&rh_engine_model, "blocks", "pm.malloc P 10\npm.realloc P 10\n", RH_OBSERVE_RELATION, "same or moved");
  check_end(&rh_engine_model, "blocks", "new A node\n", RH_OBSERVE_UNSUPPORTED, "operation new");
}

TEST_MAIN(unbound_names_are_skipped, other_kinds_are_skipped, paths_lead_through_slots, exceptions_change_nothing,
          binding_precedes_the_old_drop, self_is_borrowed_and_restored, actions_may_resurrect,
          recorded_operations_are_spelled_with_underscores, raising_ends_the_action, numbered_and_nameless_actions,
          endless_actions_are_given_up, making_survives_a_collection_on_the_way, integers_can_be_increased,
          events_can_be_digested, garbage_is_named, callbacks_may_be_installed_twice, start_up_objects_are_left_out,
          pools_of_both_sizes, contents_and_results, relations_no_rule_decides, arenas_are_windows, reasons,
          failures_of_the_engine_judge_nobody, other_families_promise_less)
