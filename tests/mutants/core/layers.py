"""The layers of evidence, each asked about one mutant: does it notice?

A layer is made once for a run and then called with mutants; each gets a copy
of the tree that is thrown away. It answers {"verdict", "by"}: killed, survived,
or unproved, when the gate cannot tell because the function's own proof is not
there yet.
"""
import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from ctext import ROOT
from mutants import HERE, Wrong

OBJECT_HALF = {"object.c", "collect.c", "object_state.h"}
WORK = ROOT / "build" / "mutants"
BASELINE = WORK / "proved"  # keys of units that were found to be proved


def copy_tree(to, parts, source=ROOT):
    """Some folders and files of the tree; stored results stay behind."""
    for part in parts:
        (to / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, to / part, ignore=shutil.ignore_patterns("session", "__pycache__"))
        elif (source / part).is_file():
            shutil.copy(source / part, to / part)


def run_limited(command, limit, **options):
    """The exit status, negative for a signal, None for too long, and what was printed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               start_new_session=True, **options)
    try:
        output, _ = process.communicate(timeout=limit)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        return None, ""
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


class Layer:
    """A snapshot of what the layer reads (PARTS), so that a mutant differs from it in one place, whatever happens to the
    tree meanwhile."""

    PARTS = ["src/core", "specs/acsl"]

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mutants-")
        self.snapshot = Path(self.folder.name) / "tree"
        self.snapshot.mkdir()
        copy_tree(self.snapshot, self.PARTS)
        self.prepare()

    def prepare(self):
        pass

    def __call__(self, mutant):
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mutant-", dir=self.folder.name) as folder:
            tree = Path(folder)
            copy_tree(tree, self.PARTS, self.snapshot)
            (tree / mutant.path.relative_to(ROOT)).write_text(mutant.text)
            answer = self.judge(mutant, tree)
        return {**answer, "seconds": round(time.monotonic() - start, 1)}


class Tests(Layer):
    """The core's unit tests, on the shrunken heap with the whole-heap walk and sanitizers on."""

    PARTS = ["src/core", "tests/test.h", "tests/unit/core_blocks", "tests/unit/core_objects", "tests/unit/core_values"]
    PROGRAMS = ["tests/unit/core_objects/objects.c", "tests/unit/core_objects/collect.c", "tests/unit/core_blocks/core_blocks.c",
                "tests/unit/core_values/growth.c", "tests/unit/core_values/intern.c"]
    FLAGS = ["-std=c17", "-O1", "-DRH_TINY=1", "-DRH_CHECKS=1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    LIMIT = 60

    @staticmethod
    def object_of(source, objects):
        return str(objects / (source.replace("/", "_") + ".o"))

    def compile(self, tree, sources, objects):
        for source in sources:
            command = ["gcc", *self.FLAGS, f"-I{tree}/src", f"-I{tree}/tests", "-c", str(tree / source), "-o",
                       self.object_of(source, objects)]
            built = subprocess.run(command, capture_output=True, text=True, check=False)
            if built.returncode != 0:
                raise Wrong(f"{source} does not compile:\n{built.stderr}")

    def run(self, objects):
        """How the tests fail; None if they pass."""
        core = [self.object_of(source, objects) for source in self.core]
        for program in self.PROGRAMS:
            name = Path(program).stem
            binary = objects / name
            subprocess.run(["gcc", *self.FLAGS, *core, self.object_of(program, objects), "-o", str(binary)], check=True)
            status, output = run_limited([str(binary)], self.LIMIT, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
            if status is None:
                return f"{name} does not end"
            if status != 0:
                sanitizer = "sanitizer" if "Sanitizer" in output or "runtime error" in output else "fails"
                return f"{name}: signal {-status}" if status < 0 else f"{name}: {sanitizer}"
        return None

    def prepare(self):
        self.core = sorted(f"src/core/{path.name}" for path in (self.snapshot / "src" / "core").glob("*.c"))
        self.objects = Path(self.folder.name) / "objects"
        self.objects.mkdir()
        self.compile(self.snapshot, [*self.core, *self.PROGRAMS], self.objects)
        why = self.run(self.objects)
        if why:
            raise Wrong(f"the unit tests fail without any change: {why}")

    def judge(self, mutant, tree):
        objects = tree / "objects"
        shutil.copytree(self.objects, objects, ignore=lambda _, names: [name for name in names if not name.endswith(".o")])
        changed = str(mutant.path.relative_to(ROOT))
        self.compile(tree, [changed] if changed.endswith(".c") else self.core, objects)
        why = self.run(objects)
        return {"verdict": "killed", "by": why} if why else {"verdict": "survived", "by": "all tests pass"}


class Prove(Layer):
    """The proof gate, on the functions whose key has changed. Only what is proved without the change can speak."""

    PARTS = ["src/core", "specs/acsl", "proofs"]

    def prepare(self):
        self.environment = {**os.environ}
        if "WHY3CONFIG" not in os.environ:
            self.environment["WHY3CONFIG"] = str(Path(self.folder.name) / "why3.conf")
            subprocess.run(["why3", "config", "detect"], capture_output=True, env=self.environment, check=False)
        self.session = WORK / "session"
        self.sessions = {"session": str(self.session), "scripts": str(ROOT / "proofs" / "session" / "script")}
        self.take_session()
        self.keys = self.ask(self.snapshot, {})
        self.proved, self.answers, self.asking = self.known_proved(), {}, collections.defaultdict(threading.Lock)

    def known_proved(self):
        """What the gate's report calls proved, and what an earlier run of mutants found to be."""
        path = ROOT / "proofs" / "report.json"
        report = json.loads(path.read_text()) if path.is_file() else {}
        found = {result["key"] for result in report.values() if not result["open"] and not result["smoke_failed"]}
        self.report = report
        found.update(BASELINE.read_text().split() if BASELINE.is_file() else [])
        return {path for path, key in self.keys.items() if key in found}

    def is_proved(self, unit):
        """The unit as it is, through the gate: a mutant's open goal says something only if it is closed without it."""
        with self.asking[unit]:
            if unit in self.proved:
                return {"verdict": "survived", "by": "proved"}
            if unit not in self.answers:
                self.answers[unit] = self.ask(self.snapshot, {"check": unit, **self.sessions})
                if self.answers[unit]["verdict"] == "survived":
                    self.proved.add(unit)
                    with open(BASELINE, "a", encoding="utf-8") as known:
                        print(self.keys[unit], file=known)
            return self.answers[unit]

    def take_session(self):
        """The gate's stored results, copied, so that unchanged goals cost nothing and what mutants leave stays out of
        them."""
        gate = ROOT / "proofs" / "session"
        (self.session / "cache").mkdir(parents=True, exist_ok=True)
        for path in (gate / "cache").glob("*.json"):
            if not (self.session / "cache" / path.name).exists():
                shutil.copy(path, self.session / "cache" / path.name)
        shutil.copytree(gate / "script", self.session / "script", dirs_exist_ok=True)

    def ask(self, tree, request):
        environment = {**self.environment, "PYTHONPATH": str(tree / "proofs")}
        process = subprocess.run([sys.executable, str(HERE / "prove_one.py")], input=json.dumps(request), text=True,
                                 stdout=subprocess.PIPE, env=environment, check=False)
        if process.returncode != 0:
            raise Wrong("the gate's modules fail; see above")
        return json.loads(process.stdout)

    def judge(self, mutant, tree):
        baseline = self.is_proved(mutant.unit)
        if baseline["verdict"] != "survived":
            return {"verdict": "unproved", "by": "without the change too, " + baseline["by"]}
        return self.ask(tree, {"file": str(mutant.path.relative_to(ROOT)), "unit": mutant.unit, "keys": self.keys,
                               "proved": sorted(self.proved), "report": self.report, **self.sessions})


class ModelCheck(Layer):
    """The model checkers of ci/model-check, at small sizes."""

    PARTS = ["src/core", "proofs"]
    TOOLS = ROOT / "build" / "tools" / "cbmc" / "bin"  # where ci/setup puts CBMC

    def ask(self, tree, function="", only=""):
        environment = {**os.environ, "PYTHONPATH": str(tree / "proofs")}
        process = subprocess.run([sys.executable, str(HERE / "check_one.py"), self.NAME, function, only,
                                  str(self.TOOLS)], text=True, stdout=subprocess.PIPE, env=environment, check=False)
        if process.returncode != 0:
            raise Wrong(f"layer {self.NAME} fails; see above")
        return json.loads(process.stdout)

    def prepare(self):
        if self.NEEDS and not shutil.which(self.NEEDS) and not (self.TOOLS / self.NEEDS).exists():
            raise Wrong(f"layer {self.NAME} needs {self.NEEDS}; `ci/setup model-check` installs it")
        self.fine, self.asking = {}, threading.Lock()

    def judge(self, mutant, tree):
        answer = self.ask(tree, mutant.unit.split(".")[1])
        check = answer.pop("check", None)
        with self.asking:
            if check and check not in self.fine:
                self.fine[check] = self.ask(self.snapshot, only=check)
        if check and self.fine[check]["verdict"] != "survived":
            raise Wrong(f"layer {self.NAME} fails without any change: {self.fine[check]['by']}")
        return answer


class Explore(ModelCheck):
    """Every state of small heaps."""

    NAME, NEEDS = "explore", ""


class Cbmc(ModelCheck):
    """One step from any small heap."""

    NAME, NEEDS = "cbmc", "cbmc"


LAYERS = {"tests": Tests, "prove": Prove, "explore": Explore, "cbmc": Cbmc}
