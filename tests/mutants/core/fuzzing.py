"""The layer `fuzz`: libFuzzer on the targets that go through the changed file,
from nothing but the targets themselves: no corpus, one worker, a fixed seed. A
mutant is killed when a target ends with anything but success within SECONDS of
processor time; the time that took is the score.
"""
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from ctext import ROOT
from layers import OBJECT_HALF, copy_tree
from mutants import Wrong

SECONDS = 60  # of processor time for a mutant, shared by its targets
BLOCK_HALF = {"arena.c", "block.c", "pool.c", "ring.c", "run.c"}
PARTS = ["CMakeLists.txt", "CMakePresets.json", "README.md", "ci", "cmake", "fuzz", "specs", "src", "tests"]


WALL = 20  # at most so many seconds by the clock for one of processor time: the machine may be busy


def run_timed(command, limit):
    """The exit status, negative for a signal; what was printed; the processor time it took."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        timer = threading.Timer(limit, os.killpg, (process.pid, signal.SIGXCPU))
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return process.returncode, output.read().decode(errors="replace"), used.ru_utime + used.ru_stime


def targets_of(mutant):
    """The targets that come to the changed function; the shrunken heap first, where every limit is near."""
    file = mutant.unit.split(".")[0] + ".c"
    if file in BLOCK_HALF:
        return ["blocks_tiny", "blocks"]
    return ["core_tiny", "core"] if file in OBJECT_HALF | {"core.c"} else ["runtime", "engines"]


class Fuzz:
    """Trees with a build of the targets, one a job, in which one file at a time is changed."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mutants-")
        self.trees = queue.SimpleQueue()

    def new_tree(self):
        tree = Path(tempfile.mkdtemp(prefix="tree-", dir=self.folder.name))
        copy_tree(tree, PARTS)
        self.run(["cmake", "--preset", "fuzz", "-DRH_WERROR=OFF"], tree)  # a mutant may leave a function unused
        for target in ("blocks_tiny", "blocks", "core_tiny", "core", "runtime", "engines"):
            self.build(tree, [target])
            why, _ = self.fuzz(tree, target, 5)
            if why:
                raise Wrong(f"a target fails without any change: {why}")
        return tree

    def build(self, tree, targets):
        self.run(["cmake", "--build", "--preset", "fuzz", "--target", *(f"{target}_fuzzer" for target in targets)], tree)

    @staticmethod
    def run(command, tree):
        done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise Wrong(f"{' '.join(command)} fails:\n{done.stdout[-2000:]}")

    def fuzz(self, tree, target, seconds):
        """How the target ends before its time is up, None if it does not; and the processor time until then."""
        command = ["prlimit", f"--cpu={seconds}:{seconds + 5}", str(tree / "build" / "fuzz" / "fuzz" / f"{target}_fuzzer"),
                   "-seed=1", "-max_len=1024", "-timeout=20", f"-artifact_prefix={tree}/"]
        status, output, used = run_timed(command, WALL * seconds)
        return (None if status == -signal.SIGXCPU else f"{target}: {self.last_words(output)}"), used

    @staticmethod
    def last_words(output):
        """What the target said, or a sanitizer in its first line, before the reports of libFuzzer and the sanitizer; if
        nothing, their summary."""
        before = re.split(r"^(?:==|SUMMARY:|MS: )", output, maxsplit=1, flags=re.M)[0]
        own = [line for line in before.splitlines() if line and not line.startswith(("#", "INFO:", "\t", "    "))]
        summary = [line for line in output.splitlines() if line.startswith("SUMMARY:")]
        return (own[-1:] or summary or ["ends"])[0]

    def judge(self, mutant, tree):
        targets, spent = targets_of(mutant), 0.0
        self.build(tree, targets)
        for target in targets:
            why, used = self.fuzz(tree, target, SECONDS // len(targets))
            spent += used
            if why:
                return {"verdict": "killed", "by": why[:120], "seconds": round(spent, 1)}
        return {"verdict": "survived", "by": f"{SECONDS} s of {', '.join(targets)}", "seconds": round(spent, 1)}

    def __call__(self, mutant):
        try:
            tree = self.trees.get_nowait()
        except queue.Empty:
            tree = self.new_tree()
        path = tree / mutant.path.relative_to(ROOT)
        unchanged = path.read_text()
        try:
            path.write_text(mutant.text)
            return self.judge(mutant, tree)
        finally:
            path.write_text(unchanged)
            self.trees.put(tree)
