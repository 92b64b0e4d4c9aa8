"""Who is asked about a mutant: the tests, and the fuzz targets.

Whatever notices must be quiet about the unchanged program: a test passes
without the change, an input that kills does not kill the original.
"""
import configparser
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from build import Build, Changed
from ctext import ROOT
from layers import WORK
from mutants import Wrong

sys.path.insert(0, str(ROOT / "fuzz" / "campaign"))
import pythons  # noqa: E402

SECONDS = 60  # of processor time for each fuzz target
LIBFUZZER = ("#", "INFO:", "\t", "NEW_FUNC", "Dictionary:", "WARNING:", "Running:", "Executed", "MS:", "artifact_prefix",
             "Base64:")  # what it begins its lines with
PATIENCE = 20  # of the clock for one of processor time, on a machine that others use too


def run_measured(command, limit, folder=None, environment=None):
    """(exit status, negative for a signal; None for too long; what was printed; seconds of processor time)."""
    with tempfile.TemporaryFile("w+", errors="replace") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=folder,
                                   env=environment, start_new_session=True)
        late = threading.Event()

        def end():
            late.set()
            os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit, end)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            timer.cancel()
        printed.seek(0)
        return None if late.is_set() else process.returncode, printed.read(), round(usage.ru_utime + usage.ru_stime, 2)


class Judge:
    """A layer on the changed programs of one build."""

    CHANGED = Changed

    def __init__(self, seconds=SECONDS):
        self.seconds = seconds
        self.temporary = tempfile.TemporaryDirectory(prefix="mutants-")
        self.build = Build(self.NAME, self.PRESET, self.TARGETS)
        self.prepare()

    def __call__(self, mutant):
        with tempfile.TemporaryDirectory(prefix="mutant-", dir=self.temporary.name) as folder:
            return self.judge(mutant, self.CHANGED(self.build, mutant, Path(folder)), Path(folder))


class Test:
    """A test that CTest knows: it runs programs of the build."""

    def __init__(self, build, entry):
        self.name, self.command = entry["name"], entry["command"]
        properties = {each["name"]: each["value"] for each in entry.get("properties", [])}
        self.labels = set(properties.get("LABELS", []))
        self.folder, self.limit = properties.get("WORKING_DIRECTORY"), properties.get("TIMEOUT", 120)
        self.wanted = properties.get("PASS_REGULAR_EXPRESSION")
        self.stands_alone = not any(name.startswith("FIXTURES") for name in properties)
        inside = (word for word in self.command if word.startswith(f"{build.folder}/"))
        self.programs = {word: os.path.relpath(word, build.folder) for word in inside
                         if os.path.isfile(word) and os.access(word, os.X_OK)}

    def fails(self, build, replaced):
        """(how it fails, or None; seconds) with some programs replaced by others."""
        command = [replaced.get(self.programs.get(word), word) for word in self.command]
        status, output, seconds = run_measured(command, self.limit * 2, self.folder)
        if status is None:
            return f"{self.name} does not end", seconds
        if self.wanted:
            passed = any(re.search(pattern, output) for pattern in self.wanted)
        else:
            passed = status == 0
        return None if passed else f"{self.name}: signal {-status}" if status < 0 else f"{self.name} fails", seconds


class ProgramTests(Judge):
    """The unit tests and suites that link the changed file, the quickest first, until one fails."""

    NAME, PRESET, TARGETS = "tests", "quick", ["all"]
    LABELS = {"unit", "golden", "bad", "suite"}
    LONGEST = 60  # seconds: what takes longer without a change is left out

    def prepare(self):
        entries = json.loads(subprocess.run(["ctest", "--show-only=json-v1"], cwd=self.build.folder, check=True,
                                            stdout=subprocess.PIPE).stdout)["tests"]
        found = [Test(self.build, entry) for entry in entries if entry.get("command")]
        found = [test for test in found if test.labels & self.LABELS and test.programs and test.stands_alone]
        known = self.measured(found)
        out = [test.name for test in found if known[test.name] is None]
        if out:
            print(f"tests: left out, as they fail or are slow without a change: {', '.join(out)}", file=sys.stderr)
        self.tests = sorted((test for test in found if test.name not in out), key=lambda test: known[test.name])

    def measured(self, tests):
        """name -> seconds without a change, None for what fails or is slow; asked once for each state of the programs."""
        store = WORK / self.NAME / "seconds.json"
        kept = json.loads(store.read_text()) if store.is_file() else {}
        for test in tests:
            stamp = max(os.stat(self.build.folder / program).st_mtime_ns for program in test.programs.values())
            if kept.get(test.name, {}).get("stamp") != stamp:
                why, seconds = test.fails(self.build, {})
                kept[test.name] = {"stamp": stamp, "seconds": None if why or seconds > self.LONGEST else seconds}
                store.write_text(json.dumps(kept, indent=1))
        return {test.name: kept[test.name]["seconds"] for test in tests}

    def judge(self, mutant, changed, folder):
        spent, asked = 0.0, 0
        for test in self.tests:
            replaced = {program: changed.program(program) for program in test.programs.values()}
            replaced = {program: at for program, at in replaced.items() if at}
            if not replaced:
                continue
            why, seconds = test.fails(self.build, replaced)
            spent, asked = spent + seconds, asked + 1
            if why and test.fails(self.build, {})[0] is None:
                return {"verdict": "killed", "by": why, "seconds": round(spent, 2)}
        return {"verdict": "survived", "by": f"{asked} tests pass", "seconds": round(spent, 2)}


class Targets(Judge):
    """libFuzzer with sanitizers on the targets that come to the changed function, those first that are most about its file.
    First each replays its seeds and the committed corpus, then each has SECONDS of processor time from there on. Target
    cpython replays them inside every CPython of this machine that has a library; these share its time."""

    NAME, PRESET, TARGETS = "fuzz", "fuzz", ["fuzz_targets", "fuzz_seeds", "cpython_fuzzer", "cpython_seeds"]
    COVERED = re.compile(r"^COVERED_FUNC: hits: \d+ edges: (\d+)/\d+ (\S+) (\S+?):\d+", re.M)

    def prepare(self):
        listed = (self.build.folder / "fuzz" / "targets.txt").read_text().split("\n")
        launcher = str(self.build.tree / "fuzz" / "with_python.py")
        inside = [[program, launcher] for program in pythons.choose([]).values()]
        # What a target's program is started with; one of several is another world for it.
        self.starts = {**{line.split()[0]: [[]] for line in listed if line}, "cpython": inside}
        self.reach = self.measured_reach()

    def corpus(self, target):
        places = [self.build.folder / "fuzz" / "seeds" / target, self.build.tree / "fuzz" / "corpus" / target,
                  self.build.tree / "fuzz" / "regress" / target]
        return [str(place) for place in places if place.is_dir()]

    def options(self, target):
        """What the build says about the target: longest input, dictionary."""
        file = configparser.ConfigParser()
        file.read(self.build.folder / "fuzz" / f"{target}_fuzzer.options")
        options = dict(file["libfuzzer"]) if file.has_section("libfuzzer") else {"max_len": "4096"}
        if "dict" in options:
            options["dict"] = str(self.build.folder / "fuzz" / options["dict"])
        options["timeout"] = str(PATIENCE)
        if target == "cpython":
            options["entropic"] = "0"  # as ci/fuzz --python has it
        return [f"-{key}={value}" for key, value in options.items()]

    def measured_reach(self):
        """target -> {file: {function: edges that its corpus and two thousand mutations of it come to}}; asked once for each
        state of the build."""
        store = WORK / self.NAME / "reached.json"
        kept = json.loads(store.read_text()) if store.is_file() else {}
        for target, starts in self.starts.items():
            program = self.build.folder / "fuzz" / f"{target}_fuzzer"
            stamp = str(program.stat().st_mtime_ns)
            if kept.get(target, {}).get("stamp") == stamp:
                continue
            # A program that another loader has started has no symbols to print: the next start is asked.
            files = next(filter(None, (self.files_reached(target, start, program) for start in starts)), {})
            kept[target] = {"stamp": stamp, "files": files}
            store.write_text(json.dumps(kept, indent=1))
        return {target: kept[target]["files"] for target in self.starts}

    def files_reached(self, target, start, program):
        with tempfile.TemporaryDirectory(dir=self.temporary.name) as new:
            command = [*start, str(program), "-seed=1", "-runs=2000", "-max_total_time=20", "-print_coverage=1",
                       *self.options(target), f"-artifact_prefix={new}/", new, *self.corpus(target)]
            status, output, _ = run_measured(command, 600)
        if status != 0:
            raise Wrong(f"{target} fails without any change:\n{output[-500:]}")
        files = {}
        for edges, function, path in self.COVERED.findall(output):
            if path.startswith(str(self.build.tree)):
                functions = files.setdefault(os.path.relpath(path, self.build.tree), {})
                functions[function] = functions.get(function, 0) + int(edges)
        return files

    def targets_of(self, mutant):
        """Those that come to the function, or to the file where no target has the function by itself: it is inlined."""
        file = str(mutant.user.relative_to(ROOT))
        share = {target: sum(files.get(file, {}).values()) / max(1, sum(sum(each.values()) for each in files.values()))
                 for target, files in self.reach.items()}
        nearest = sorted(filter(share.get, share), key=lambda target: -share[target])
        return [target for target in nearest if mutant.unit.split(".")[1] in self.reach[target][file]] or nearest

    def judge(self, mutant, changed, folder):
        spent, targets = 0.0, [target for target in self.targets_of(mutant) if changed.program(f"fuzz/{target}_fuzzer")]
        for replays in (True, False):
            for target in targets:
                for start in self.starts[target]:
                    why, seconds = self.fuzz(target, start, changed.program(f"fuzz/{target}_fuzzer"), folder, replays)
                    spent += seconds
                    if why:
                        return {"verdict": "killed", "by": f"{target}: {why}"[:120], "seconds": seconds}
        what = f"{self.seconds} s of {', '.join(targets)}" if targets else "no target comes there"
        return {"verdict": "survived", "by": what, "seconds": round(spent, 2)}

    def fuzz(self, target, start, program, folder, replays):
        """(how the target ends before its time is up, or None; seconds)."""
        folder = Path(tempfile.mkdtemp(dir=folder))
        new, killers = folder / "new", folder / "killers"
        new.mkdir()
        killers.mkdir()
        share = max(1, (SECONDS if replays else self.seconds) // len(self.starts[target]))
        command = ["prlimit", f"--cpu={share}:{share + 5}", *start, program, "-seed=1", *self.options(target),
                   f"-artifact_prefix={killers}/", *(["-runs=0"] if replays else []), str(new), *self.corpus(target)]
        status, output, seconds = run_measured(command, PATIENCE * share)
        if status is None:
            raise Wrong(f"{target} has had {seconds} s of processor time in {PATIENCE * share} s; the machine is too busy")
        if status in (0, -signal.SIGXCPU):
            return None, seconds
        if not self.fine(target, start, sorted(killers.iterdir())):
            if start:  # a difference of that CPython that is there without the change
                return None, seconds
            raise Wrong(f"{target} ends early, and without the change too: {self.last_words(output)}")
        return self.last_words(output), seconds

    def fine(self, target, start, inputs):
        """Is the unchanged target content with these inputs, or with none?"""
        program = str(self.build.folder / "fuzz" / f"{target}_fuzzer")
        command = [*start, program, *self.options(target), *(map(str, inputs) if inputs else ["-runs=1"])]
        return run_measured(command, PATIENCE * SECONDS)[0] == 0

    @staticmethod
    def last_words(output):
        """What the target said before libFuzzer or a sanitizer spoke of its end; if nothing, what they say."""
        own = [line for line in output.partition("\n==")[0].splitlines() if line and not line.startswith(LIBFUZZER)]
        summary = [line for line in output.splitlines() if line.startswith("SUMMARY:")]
        return re.sub(r"/\S*/(src|fuzz)/", r"\1/", (own[-1:] or summary or ["ends"])[0])
