#!/usr/bin/env python3
"""The parts of ci/fuzz that need no fuzzer: telling failures apart, making inputs small, finding numbers in logs, the
report, coverage as sets, the choice of a corpus, programs to measure speed with, and OSS-Fuzz's rules."""
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
import unittest.mock
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "fuzz" / "campaign"))
import answers  # noqa: E402
import campaign  # noqa: E402
import common  # noqa: E402
import corpus  # noqa: E402
import coverage  # noqa: E402
import engines  # noqa: E402
import exercised  # noqa: E402
import main  # noqa: E402
import oss_fuzz  # noqa: E402
import oss_fuzz_project  # noqa: E402
import pythons  # noqa: E402
import report  # noqa: E402
import speed  # noqa: E402
import triage  # noqa: E402
import unreached  # noqa: E402

ABORT = """INFO: Seed: 1
INFO: Loaded 1 modules   (1199 inline 8-bit counters): 1199 [0x1, 0x2),
build/fuzz/fuzz/core_fuzzer: Running 1 inputs 1 time(s) each.
Running: input
core: record 12: a count differs
==77== ERROR: libFuzzer: deadly signal
    #0 0x55 in __sanitizer_print_stack_trace (core_fuzzer+0x1)
    #8 0x56 in require /x/refheap/fuzz/core_fuzzer.c:33:3
    #9 0x57 in check_object /x/refheap/fuzz/core_fuzzer.c:41:3
SUMMARY: libFuzzer: deadly signal
"""
ASAN = """==5==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602 at pc 0x55
READ of size 1 at 0x602 thread T0
    #0 0x4 in __asan_memcpy (core_fuzzer+0x4)
    #1 0x5 in read_number /x/refheap/src/trace/decode.c:88:12
    #2 0x6 in LLVMFuzzerTestOneInput /x/refheap/fuzz/trace_binary_fuzzer.c:9:3
SUMMARY: AddressSanitizer: heap-buffer-overflow src/trace/decode.c:88:12 in read_number
"""
UBSAN = """src/core/run.c:40:9: runtime error: shift exponent 77 is too large for 64-bit type 'uint64_t'
    #0 0x5 in rh_run_split /x/refheap/src/core/run.c:40:9
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior src/core/run.c:40:9 in
"""
LEAK = """==9==ERROR: LeakSanitizer: detected memory leaks
Direct leak of 8 byte(s) in 1 object(s) allocated from:
    #0 0x4 in malloc (x+0x4)
    #1 0x5 in rh_trace_new /x/refheap/src/trace/build.c:12:10
SUMMARY: AddressSanitizer: 8 byte(s) leaked in 1 allocation(s).
"""


class Classify(unittest.TestCase):
    def test_success_is_no_failure(self):
        self.assertIsNone(triage.classify("1 inputs replayed: no failure\n", 0))

    def test_line_of_the_target_counts_under_every_build(self):
        plain = "core: record 3: a count differs\nwhile replaying x\n"
        self.assertEqual(triage.classify(ABORT, 77), "core: record N: a count differs")
        self.assertEqual(triage.classify(plain, -6), triage.classify(ABORT, 77))

    def test_other_sentence_is_another_failure(self):
        self.assertNotEqual(triage.classify(ABORT, 77), triage.classify(ABORT.replace("count", "length"), 77))

    def test_versions_of_a_profile_are_one_failure(self):
        said = "engines: cpython-{}: operation {}: counts differ\n"
        self.assertEqual(triage.classify(said.format("3.9", 4), -6), triage.classify(said.format("3.14", 17), -6))

    def test_sanitizers_by_kind_and_innermost_function_of_ours(self):
        self.assertEqual(triage.classify(ASAN, 1), "AddressSanitizer: heap-buffer-overflow in read_number")
        self.assertEqual(triage.classify(UBSAN, 1),
                         "UndefinedBehaviorSanitizer: shift exponent N is too large for N-bit type 'uintN_t' in rh_run_split")
        self.assertEqual(triage.classify(LEAK, 1), "LeakSanitizer: leak in rh_trace_new")
        deeper = ASAN.replace("read_number", "read_name")
        self.assertNotEqual(triage.classify(ASAN, 1), triage.classify(deeper, 1))

    def test_time_memory_and_signals(self):
        self.assertEqual(triage.classify("", "timeout"), "time-out")
        self.assertEqual(triage.classify("==1== ERROR: libFuzzer: out-of-memory\nSUMMARY: libFuzzer: out-of-memory\n", 71), "out of memory")
        self.assertEqual(triage.classify("", -11), "signal SIGSEGV")
        self.assertTrue(triage.is_vague(triage.classify("", -11)))
        self.assertEqual(triage.classify("", 9), "exit code 9")

    def test_operation_is_the_last_that_was_printed(self):
        text = "   0 new 1 2 3 (0 live)\n   1 collect 0 0 0 (1 live)\ncore: record 1: a count differs\n"
        self.assertEqual(triage.last_operation(text), "collect")
        self.assertEqual(triage.bucket(common.Target("core", "-"), "r", "collect"), "core: r (at collect)")
        self.assertEqual(triage.bucket(common.Target("core_tiny", "-"), "core: r", ""), "core_tiny: r")


class Speed(unittest.TestCase):
    def test_programs_are_many_and_of_the_length_and_the_same_each_time(self):
        found = list(speed.programs("core"))
        self.assertEqual(found, list(speed.programs("core")))
        self.assertGreater(len(set(found)), speed.INPUTS * 9 // 10)
        for program in found:
            self.assertEqual(len(program) % speed.RECORD, 0)
            self.assertLessEqual(abs(len(program) // speed.RECORD - speed.OPERATIONS), speed.SPREAD)

    def test_the_median_of_the_rounds_meets_a_goal_or_not(self):
        builds = [unittest.mock.Mock(preset=preset) for preset in ("fuzz", "fuzz-plain")]
        speeds = {"fuzz": iter((9000, 9000, 10000, 20000, 30000)), "fuzz-plain": iter((60000, 49999, 1, 49999, 60000))}
        with unittest.mock.patch.object(speed, "run", lambda build, name, seed: (next(speeds[build.preset]), 90)):
            sanitized, plain = speed.measure(builds, "core", lambda line: None)
        self.assertEqual((sanitized["median"], sanitized["met"]), (10000, True))
        self.assertEqual((plain["median"], plain["lowest"], plain["met"]), (49999, 1, False))

    def test_targets_whose_inputs_are_no_records_are_wrong_usage(self):
        with self.assertRaises(common.Usage):
            speed.command(types.SimpleNamespace(target=["engines"], jobs=1, out="."), print)


class Shrink(unittest.TestCase):
    def test_records_that_do_not_matter_go_and_bytes_become_zero(self):
        data = bytes(range(1, 101))

        def fails(candidate):
            records = [candidate[i:i + 4] for i in range(0, len(candidate), 4)]
            return any(r[:1] == b"\x09" for r in records) and any(r[1:2] == b"\x3e" for r in records)
        small = triage.shrink(data, common.Target("core", "-"), fails)
        self.assertEqual(small, bytes([9, 0, 0, 0, 0, 0x3e, 0, 0]))

    def test_head_of_a_binary_trace_stays(self):
        small = triage.shrink(b"\x05abcdefgh", common.Target("engines", "1"), lambda d: d[:1] == b"\x05" and b"g" in d[1:])
        self.assertEqual(small, b"\x05g")

    def test_text_by_lines_then_bytes(self):
        small = triage.shrink(b"new A\nnew B\nbad line\nnew C\n", common.Target("trace_text", "text"), lambda d: b"bad" in d)
        self.assertEqual(small, b"bad")

    def test_ends_with_the_time(self):
        data = bytes(1000)
        self.assertEqual(triage.shrink(data, common.Target("core", "-"), lambda d: True, 0), data)


class Findings(unittest.TestCase):
    """Triage with a target that is a shell script: it fails if its input has a 1, or a 2, somewhere."""

    def test_failures_become_findings(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "fuzz").mkdir()
            program = folder / "fuzz" / "core_fuzzer"
            program.write_text("#!/bin/sh\nfor n in 1 2; do\n  if grep -q $n \"$1\"; then echo \"   0 op_$n 0 0 0\"; "
                               "echo \"core: record $n: kind $(echo $n | tr 12 ab)\"; exit 1; fi\ndone\n")
            program.chmod(0o755)
            build = types.SimpleNamespace(preset="replay", folder=folder, program=lambda _: program)
            target, saved = common.Target("core", "-"), []
            for i, data in enumerate((b"aaaabbb1ccc2", b"zz1z", b"2222yyyy", b"fine")):
                path = folder / f"crash-{i}"
                path.write_bytes(data)
                saved.append((target, path, "libFuzzer", False))
            findings, lost = triage.triage(saved, [build], build, folder / "out", lambda line: None)
            self.assertEqual(sorted((f["reason"], f["count"], f["size"]) for f in findings),
                             [("core: record N: kind a", 2, 4), ("core: record N: kind b", 1, 4)])
            self.assertEqual([line.split(":")[0] for line in lost], ["core"])
            for finding in findings:
                place = folder / "out" / "findings" / pathlib.Path(finding["folder"]).name
                self.assertEqual(sorted(p.name for p in place.iterdir()), ["how.txt", "input", "output.txt", "readable.txt"])
                self.assertTrue((place / "how.txt").read_text().startswith("cmake --preset replay && "))
                self.assertIn("op_", (place / "readable.txt").read_text())


    def test_time_is_that_of_the_processor(self):
        with tempfile.TemporaryDirectory() as name:
            program = pathlib.Path(name) / "program"
            build, kept = types.SimpleNamespace(program=lambda _: program), triage.CPU_SECONDS
            triage.CPU_SECONDS = 1
            try:
                for script, code in (("while :; do :; done", "timeout"), ("sleep 2", 0)):
                    program.write_text(f"#!/bin/sh\n{script}\n")
                    program.chmod(0o755)
                    self.assertEqual(triage.run(build, common.Target("core", "-"), "x")[1], code)
            finally:
                triage.CPU_SECONDS = kept


class Logs(unittest.TestCase):
    def test_pulse_of_libfuzzer(self):
        log = (b"#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 30Mb\n"
               b"#4096\tpulse  cov: 120 ft: 400 corp: 33/2048b lim: 80 exec/s: 2048 rss: 40Mb\n")
        self.assertEqual(engines.parse_pulse(log), {"executions": 4096, "edges": 120, "features": 400, "inputs": 33, "speed": 2048})
        self.assertEqual(engines.parse_pulse(log + b"stat::number_of_executed_units: 5000\n")["executions"], 5000)
        self.assertEqual(engines.parse_pulse(b"")["executions"], 0)

    def test_statistics_of_afl(self):
        stats = engines.parse_stats("execs_done        : 97657\nstability         : 100.00%\n")
        self.assertEqual((stats["execs_done"], stats["stability"]), ("97657", "100.00%"))


class Orphans(unittest.TestCase):
    def test_what_a_worker_leaves_behind_ends(self):
        engines.adopt_orphans()
        left = subprocess.run(["sh", "-c", "setsid sleep 100 >/dev/null & echo $!"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertTrue(pathlib.Path(f"/proc/{int(left.stdout)}").exists())
        engines.end_orphans([])
        self.assertFalse(pathlib.Path(f"/proc/{int(left.stdout)}").exists())


class Coverage(unittest.TestCase):
    LCOV = "SF:/x/src/core/a.c\nDA:1,5\nDA:2,0\nDA:3,0\nend_of_record\nSF:/usr/x.h\nDA:1,1\nend_of_record\n"
    TWICE = [[1, 7, 1, 9, 5, 0, 0, 0, 4], [1, 7, 1, 9, 0, 0, 0, 0, 4]]  # the same condition, in two copies of a function

    def parsed(self, name="src/core/a.c"):
        uses = [{"filenames": [f"/x/{name}", f"/x/{name}"], "source_region": [at, 2, at, 3],
                 "branches": [[20, 5, 20, 6, 0, 4 * at, 1, 0, 4]]} for at in (0, 1)]  # of one macro
        exported = {"data": [{"files": [{"filename": f"/x/{name}", "branches": self.TWICE, "expansions": uses},
                                        {"filename": "/usr/x.h", "branches": [], "expansions": []}]}]}
        return coverage.parse(self.LCOV.replace("src/core/a.c", name), exported, "/x")

    def test_files_outside_of_the_tree_are_left_out(self):
        self.assertEqual(self.parsed(), {"src/core/a.c": ({1: 5, 2: 0, 3: 0}, {
            (1, 7, True): 5, (1, 7, False): 0, (20, 5, True): 0, (20, 5, False): 4})})

    def test_what_a_harness_demands_is_no_branch(self):
        self.assertEqual(self.parsed("fuzz/a.h")["fuzz/a.h"][1], {(1, 7, True): 5, (1, 7, False): 0})

    def test_targets_add_up_and_what_is_missing_is_named(self):
        other = {"src/core/a.c": ({1: 0, 2: 4, 3: 0}, {(20, 5, True): 1, (1, 7, False): 0})}
        both = coverage.united([self.parsed(), other])
        self.assertEqual(coverage.summed(both, "src/core"), {"lines": {"reached": 2, "all": 3}, "branches": {"reached": 3, "all": 4}})
        self.assertEqual(coverage.missed(both), {"src/core/a.c": {"lines": "3", "branches": "1"}})

    def test_annotations_are_no_code(self):
        self.assertEqual(coverage.annotations("a;\n  /*@ loop x;\n y */\nb; /*@ c */\n  //@ d\ne;\n/*@ f */\ng;\n"), {2, 3, 5, 7})

    def test_walks_of_the_heap_are_left_out(self):
        judging = coverage.judging("a\n#ifdef RH_CHECKS\nb\n#if X\nc\n#endif\nd\n#endif\ne\n#ifdef RH_TINY\nf\n#endif\n")
        self.assertEqual(judging, {3, 5, 7})
        self.assertEqual(coverage.without(judging, ({1: 0, 3: 0}, {(5, 1, True): 0, (9, 1, True): 0})), ({1: 0}, {(9, 1, True): 0}))

    def test_ranges(self):
        self.assertEqual(coverage.ranges([3, 1, 2, 7]), "1-3, 7")
        self.assertEqual(coverage.ranges([]), "")


class Unreached(unittest.TestCase):
    LIST = "# why\n[memory] When malloc fails.\nsrc/a.c\n    take: return false;\n[words] Nobody says so.\nverdict\n    internal\n"

    def place(self, function, text):
        return unreached.Place("src/a.c", function, text, 7)

    def test_list_is_read(self):
        entries, words = unreached.read_list(self.LIST)
        self.assertEqual(entries, [unreached.Entry("src/a.c", "take", "return false;", 4)])
        self.assertEqual(words, {"verdict": {"internal": 7}})

    def test_list_without_sense_is_refused_with_its_place(self):
        for text, line in (("src/a.c\n", 1), ("[memory]\n", 1), ("[a] b\n    f: x\n", 2), ("[a] b\nsrc/a.c\n    x\n", 3)):
            with self.assertRaisesRegex(common.Usage, f"unreached.txt:{line}:1: expected"):
                unreached.read_list(text)

    def test_a_place_needs_an_entry_and_an_entry_a_place(self):
        entries, _ = unreached.read_list(self.LIST)
        listed, other, elsewhere = self.place("take", "return false;"), self.place("take", "x++;"), self.place("give", "return false;")
        self.assertEqual(unreached.compare([listed], entries), ([], []))
        self.assertEqual(unreached.compare([listed, other, elsewhere], entries), ([other, elsewhere], []))
        self.assertEqual(unreached.compare([], entries), ([], entries))

    def test_stars(self):
        entries, _ = unreached.read_list("[a] b\nsrc/*\n    take: *\n    *: x++;\n")
        self.assertEqual(unreached.compare([self.place("take", "y"), self.place("give", "x++;")], entries), ([], []))

    def test_functions(self):
        source = "#include <a.h>\nstatic int f(int a,\n             int b) {\n  g(a);\n}\nint x;\nint g(int a) { return a; }".split("\n")
        self.assertEqual(unreached.functions_of(source), ["", "f", "f", "f", "f", "", "g"])

    def test_form_of_the_list(self):
        self.assertEqual(unreached.as_list([self.place("take", "a"), self.place("take", "a"), self.place("give", "b")]),
                         ["src/a.c", "    take: a", "    give: b"])


class Exercised(unittest.TestCase):
    PRINTED = ("  RC-2: freed\nnew A list\n  LANG-1 0 : nothing.\ntry len A\n  OBJ-4 2 0: its length.\nrefs B\n  LANG-1 1 skip: none.\n")
    OBSERVATIONS = ["NOTHING", "SKIP", "EXACT"]

    def test_what_is_skipped_is_not_exercised(self):
        self.assertEqual(exercised.read_explanations(self.PRINTED, self.OBSERVATIONS), {
            "operation": {"new", "try", "len"}, "kind": {"list"}, "observation": {"NOTHING", "SKIP", "EXACT"},
            "rule": {"RC-2", "LANG-1", "OBJ-4"}})

    def test_tables_are_read_to_their_ends(self):
        words = exercised.words()
        self.assertEqual((words["observation"][0], words["observation"][-1]), ("NOTHING", "UNKNOWN"))
        self.assertEqual((words["verdict"][0], words["verdict"][-1]), ("conforms", "internal"))
        for sort, table, macro in (("operation", "src/trace/ops.def", "OP("), ("kind", "src/trace/kinds.def", "KIND("),
                                   ("rule", "src/rules/rules.def", "RULE(")):
            rows = [line for line in (ROOT / table).read_text().splitlines() if line.startswith(macro)]
            self.assertEqual(len(words[sort]), len(rows), table)

    def test_exceptions_are_needed_and_exist(self):
        known, met = {"verdict": ["a", "b"]}, {"verdict": {"a"}}
        for exceptions, good in (({"b": 1}, True), ({}, False), ({"b": 1, "a": 2}, False), ({"b": 1, "c": 2}, False)):
            self.assertEqual(exercised.check_words(known, met, {"verdict": exceptions}, lambda line: None), good)


class Corpus(unittest.TestCase):
    def test_choice_covers_everything_with_few_and_small_files(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = {}
            for name, size in (("large", 9), ("small", 3), ("rest", 5), ("none", 1)):
                paths[name] = pathlib.Path(folder) / name
                paths[name].write_bytes(bytes(size))
            maps = {paths["large"]: {1, 2}, paths["small"]: {1, 2}, paths["rest"]: {2, 3}, paths["none"]: {2}}
            self.assertEqual(corpus.cover(maps), [paths["small"], paths["rest"]])

    def test_words_come_before_edges_and_edges_before_how_often(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: pathlib.Path(folder) / name for name in ("often", "rare", "same")}
            for path in paths.values():
                path.write_bytes(b"x")
            words = {paths["often"]: set(), paths["rare"]: set(), paths["same"]: {"refs"}}
            edges = {paths["often"]: {1}, paths["rare"]: {1, 2}, paths["same"]: {1}}
            self.assertEqual(corpus.choose([words]), [paths["same"]])
            self.assertEqual(corpus.choose([words, edges]), [paths["same"], paths["rare"]])
            self.assertEqual(corpus.choose([words, edges, {**words, paths["often"]: {3}}]), [paths["same"], paths["rare"], paths["often"]])

    def test_committed_corpus_is_small(self):
        total = 0
        names = {folder.name for kind in ("corpus", "regress") for folder in (common.FUZZ / kind).iterdir()}
        for folder in (folder for name in sorted(names) for folder in common.committed(name)):
            files = common.files_in(folder)
            self.assertLessEqual(len(files), corpus.FILES_MAX, folder)
            for path in files:
                self.assertLessEqual(path.stat().st_size, corpus.BYTES_MAX, path)
                total += path.stat().st_size
        self.assertLess(total, corpus.TOTAL_MAX)


class Answers(unittest.TestCase):
    def test_digest(self):
        for data, found in ((b"", "cbf29ce484222325"), (b"a", "af63dc4c8601ec8c"), (b"foobar", "85944171f73967e8")):  # FNV-1a's own
            self.assertEqual(answers.digest(data), found)

    def test_each_committed_input_has_one(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "corpus" / "core").mkdir(parents=True)
            (folder / "corpus" / "core" / "input").write_bytes(b"a")
            target = common.Target("core", "-")
            with unittest.mock.patch.object(common, "FUZZ", folder), unittest.mock.patch.object(answers, "FOLDER", folder):
                self.assertEqual(answers.problems(target), [])  # it gives no answers
                (folder / "core.def").write_text("ANSWER(0xaf63dc4c8601ec8c, 0x0000000000000001)\n")
                self.assertEqual(answers.problems(target), [])
                (folder / "core.def").write_text("ANSWER(0x0000000000000007, 0x0000000000000001)\n")
                self.assertEqual(len(answers.problems(target)), 2)  # an input without, an answer to none


class Report(unittest.TestCase):
    def example(self):
        finding = {"target": "core", "reason": "core: record N: a count differs", "bucket": "core: ...", "preset": "replay",
                   "says": "core: ...", "size": 8, "size_found": 80, "count": 2, "found_by": "libFuzzer", "folder": "build/campaign/findings/core-1",
                   "reproduce": "build/replay/fuzz/core_fuzzer build/campaign/findings/core-1/input", "readable_lines": ["   0 new 1 0 0"]}
        worker = {"key": "core/afl/main", "executions": 1000, "seconds": 2.0, "edges": 30, "inputs": 4, "speed": 500, 
                  "stability": "100.00%", "failures": 1}
        layers = {"src/core": {"lines": {"reached": 9, "all": 10}, "branches": {"reached": 3, "all": 4}}}
        return {"targets": ["core"], "engines": ["afl"], "jobs": 1, "interrupted": False, "findings": [finding], "lost": [], "broken": [],
                "totals": {"executions": 1000, "worker_seconds": 2.0, "seconds": 2.0, "runs": 1, "workers": 1}, "workers": [worker],
                "corpus": {"core": {"inputs": 4, "bytes": 99, "new": 4}}, "conditions": {"needs": "clang-19 and llvm-19"},
                "coverage": {"layers": layers, "targets": {"core": layers}, "missed": {"src/core/a.c": {"lines": "3", "branches": ""}},
                             "failed": []}, "operations": {"core": {"new": 7, "clear": 1}}}

    def test_page_has_every_part(self):
        page = report.markdown(self.example())
        for part in ("# Fuzz campaign: 1 findings", "build/replay/fuzz/core_fuzzer build/campaign/findings/core-1/input", "0 new 1 0 0",
                     "| 100.00% |", "90.0 % (9/10)", "75.0 % (3/4)", "it needs clang-19", "clear 1, new 7", "growth.svg"):
            self.assertIn(part, page)

    def test_nothing_found(self):
        result = self.example()
        result["findings"] = []
        self.assertIn("# Fuzz campaign: nothing found", report.markdown(result))

    def test_plot_is_well_formed(self):
        samples = [{"seconds": i, "targets": {"core": {"inputs": 3 * i, "edges": 100 + i}}} for i in range(9)]
        for chosen in (samples, samples[:1], []):
            self.assertTrue(xml.etree.ElementTree.fromstring(report.plot(chosen)).tag.endswith("svg"))

    def test_steps_of_the_axes(self):
        self.assertEqual([report.nice_step(n) for n in (1, 5, 6, 11, 60, 4000)], [1, 1, 2, 5, 20, 1000])


class Plan(unittest.TestCase):
    def test_targets_of_the_build(self):
        targets = common.read_targets("core -\nengines 1\n")
        self.assertEqual(targets, [("core", "-"), ("engines", "1")])
        self.assertEqual(common.choose(targets, ["engines"]), [("engines", "1")])
        with self.assertRaises(common.Usage):
            common.choose(targets, ["cores"])

    def test_every_worker_gets_time(self):
        for seconds, jobs, n, length in ((60, 2, 24, 5), (3600, 2, 24, 150), (3600, 4, 1, 120)):
            self.assertEqual(campaign.slice_seconds(seconds, jobs, campaign.count_turns(seconds, jobs, n)), length)
        self.assertEqual(campaign.slice_seconds(30, 2, 20), 3)  # the first ones took too long
        self.assertEqual(campaign.slice_seconds(30, 2, 0), 30)

    def test_project_of_oss_fuzz(self):
        text = (common.FUZZ / "oss-fuzz" / "project.yaml").read_text()
        self.assertEqual(oss_fuzz_project.problems(common.FUZZ / "oss-fuzz"), [])
        for old, new in (("language: c", "language: cobol"), ("- libfuzzer", "- libfuzz"), ("homepage:", "home_page:"),
                         ("main_repo:", "# "), ("- memory", "- memories"), ("maintainers@", "maintainers")):
            self.assertIn(old, text)
            self.assertTrue(oss_fuzz_project.field_problems(oss_fuzz_project.read(text.replace(old, new))), new)
        for name, old, new in (("build.sh", "LICENSE-2.0", "LICENSE"), ("build.sh", "#!", "clang -lFuzzingEngine #!"),
                               ("Dockerfile", "apt-get update && ", "")):
            text = (common.FUZZ / "oss-fuzz" / name).read_text()
            self.assertIn(old, text)
            self.assertTrue(oss_fuzz_project.text_problems(name, text.replace(old, new)), new)

    def test_minutes_for_each_target(self):
        for minutes, each, jobs, n, seconds in ((2, None, 2, 18, 120), (None, 1, 2, 18, 540), (None, 1, 4, 1, 60)):
            args = types.SimpleNamespace(minutes=minutes, minutes_each=each, jobs=jobs)
            self.assertEqual(campaign.seconds_of(args, [None] * n), seconds)

    def test_more_jobs_than_roles(self):
        with tempfile.TemporaryDirectory() as folder:
            builds = {preset: types.SimpleNamespace() for preset in engines.presets_for(["libfuzzer", "afl"])}
            target = common.Target("core", "-")
            keys = [w.key for w in engines.make_workers(pathlib.Path(folder), builds, [target], ["libfuzzer", "afl"], 7)]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(keys[:2], ["core/libfuzzer/asan", "core/libfuzzer/plain"])
        self.assertGreaterEqual(len(keys), 7)

    def test_arguments(self):
        self.assertEqual(main.parser().parse_args(["--minutes", "0.5"]).minutes, 0.5)
        for wrong in ([], ["--minutes", "0"], ["--minutes", "x"], ["--regress", "--minutes", "1"], ["--minutes", "1", "--engine", "x"]):
            with self.assertRaises(SystemExit) as end, open("/dev/null", "w", encoding="utf-8") as sink:
                sys.stderr, kept = sink, sys.stderr
                try:
                    main.parser().parse_args(wrong)
                finally:
                    sys.stderr = kept
            self.assertEqual(end.exception.code, 2)


class OssFuzz(unittest.TestCase):
    def test_calls_are_counted_by_library(self):
        code = ("  1: e8 00   call   4011 <__asan_report_load8>\n  2: e8 00   callq  4012 <__ubsan_handle_x>\n"
                "  3: e8 00   call   4013 <rh_free>\n")
        self.assertEqual(oss_fuzz.count_calls(code), {"asan": 1, "dfsan": 0, "msan": 0, "ubsan": 1})

    def test_sanitizers_must_be_as_asked(self):
        good = {"asan": 5000, "dfsan": 0, "msan": 0, "ubsan": 165}
        self.assertEqual(oss_fuzz.judge_calls("address", good), "")
        self.assertIn("not built with", oss_fuzz.judge_calls("address", {**good, "asan": 999}))
        self.assertIn("another sanitizer", oss_fuzz.judge_calls("address", {**good, "ubsan": 201}))
        self.assertIn("another sanitizer", oss_fuzz.judge_calls("undefined", {**good, "asan": 1}))
        self.assertIn("not built with", oss_fuzz.judge_calls("undefined", {**good, "asan": 0, "ubsan": 167}))
        self.assertIn("not built with", oss_fuzz.judge_calls("memory", {**good, "asan": 0}))

    def test_start(self):
        said = "INFO: Loaded 1 modules   (161 inline 8-bit counters): {} [0x1, 0x2),\nDone 4 runs in 0 second(s)\n"
        self.assertEqual(oss_fuzz.judge_start(said.format(161)), "")
        self.assertIn("partial", oss_fuzz.judge_start(said.format(99)))
        self.assertIn("does not start", oss_fuzz.judge_start(said.format(161).replace("Done", "")))
        self.assertIn("no coverage", oss_fuzz.judge_start("ERROR: no interesting inputs were found. Is the code instrumented?"))
        self.assertEqual(oss_fuzz.judge_afl("All set and ready to roll!"), "")
        self.assertIn("crashes", oss_fuzz.judge_afl("All set and ready to roll!\nFork server: target binary crashed"))

    def test_one_build_script(self):
        shared = (ROOT / ".clusterfuzzlite" / "build.sh").read_text()
        self.assertIn("fuzz/oss-fuzz/build.sh", shared)
        script = (ROOT / "fuzz" / "oss-fuzz" / "build.sh").read_text()
        code = "\n".join(line.split("#")[0] for line in script.splitlines())
        for word in ("-fsanitize", "-O1", "-O2", "-Werror", "-lFuzzingEngine", "SANITIZER"):
            self.assertNotIn(word, code)


class Pythons(unittest.TestCase):
    def test_what_shrink_says_is_what_findings_are_told_apart_by(self):
        said = "refheap: a: b.trace: {}; operations: 9, now 1; traces judged: 7\n"
        for wrong in ("diverges at refs by RC-3", "crashed at pop: SIGSEGV", "protocol: its time was over"):
            self.assertEqual(pythons.WRONG.search(said.format(wrong)).group(1), wrong)

    def test_nothing_to_shrink_is_no_finding(self):
        self.assertIsNone(pythons.WRONG.search("refheap: b.trace: conforms; there is nothing to shrink\n"))
        self.assertIsNone(pythons.WRONG.search("refheap: b.trace: unsupported at len: x; operations: 9, now 1\n"))

    def test_prefix_and_program_name_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            prefix = pathlib.Path(folder)
            (prefix / "bin").mkdir()
            with self.assertRaises(common.Usage):
                pythons.interpreter(prefix)
            program = prefix / "bin" / "python3.12"
            program.touch()
            (prefix / "bin" / "python3.12-config").touch()
            self.assertEqual(pythons.interpreter(prefix), str(program))
            self.assertEqual(pythons.interpreter(program), str(program))

    def test_what_is_no_interpreter_is_wrong_usage(self):
        for program in ("/no/such/python", "/bin/false"):
            with self.assertRaises(common.Usage):
                pythons.version_of(program)


if __name__ == "__main__":
    unittest.main()
