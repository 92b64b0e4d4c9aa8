"""The workers of a campaign: one process of libFuzzer or AFL++ on one target for one slice of time.

All workers of a target share out/corpus/<target>: libFuzzer writes there and reads what others wrote; it reads the queues
of AFL++ too, and the main AFL++ worker reads the corpus as a foreign queue.
"""
import ctypes
import os
import pathlib
import re
import signal
import subprocess
import time

import common

PULSE = re.compile(rb"^#(\d+)\t.*?cov: (\d+) ft: (\d+) corp: (\d+)/\S+.*?exec/s: (\d+)", re.M)
FINAL = re.compile(rb"^stat::number_of_executed_units: (\d+)", re.M)
GRACE = 20  # seconds that a worker may take to end, after it was told to

# Which build each role runs.
PRESETS = {"libfuzzer": {"asan": "fuzz", "plain": "fuzz-plain"}, "afl": {"main": "afl", "cmplog": "afl", "asan": "afl-asan"}}


def presets_for(engines):
    """Builds that the engines need, besides replay."""
    names = [preset for engine in engines for preset in PRESETS[engine].values()]
    if "afl" in engines:
        names.append("afl-cmplog")
    return list(dict.fromkeys(names))


def parse_pulse(log):
    """The last line of numbers in a log of libFuzzer: executions, edges, features, inputs, executions a second."""
    pulses, final = PULSE.findall(log), FINAL.findall(log)
    executions, edges, features, inputs, speed = map(int, pulses[-1]) if pulses else (0, 0, 0, 0, 0)
    return {"executions": int(final[-1]) if final else executions, "edges": edges, "features": features, "inputs": inputs,
            "speed": speed}


def parse_stats(text):
    """fuzzer_stats of AFL++, as {key: value}."""
    return dict((part.strip() for part in line.split(":", 1)) for line in text.splitlines() if ":" in line)


def read_end(path, size):
    try:
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read()
    except OSError:
        return b""


def adopt_orphans():
    """From now on, what a child leaves behind becomes ours (Linux: PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def end_orphans(workers):
    """Ends what AFL++ leaves behind: a stopped child of its second fork server, in a session of its own."""
    known = {worker.process.pid for worker in workers if worker.process}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        pid = int(path.parent.name)
        if parent == os.getpid() and pid not in known:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


class Worker:
    """A place in the queue of a campaign. Executions are summed over its slices."""

    def __init__(self, out, builds, target, engine, role, number):
        self.builds, self.target, self.engine, self.role, self.number = builds, target, engine, role, number
        self.build = builds[PRESETS[engine][role]]
        self.name = f"{role}{number if number > 1 else ''}"
        self.key = f"{target.name}/{engine}/{self.name}"
        self.work, self.corpus = out / "work" / target.name, out / "corpus" / target.name
        self.artifacts, self.sync = self.work / "artifacts", self.work / "afl"
        self.log = self.work / f"{engine}-{self.name}.log"
        self.process, self.failures, self.seconds, self.before = None, 0, 0.0, {"executions": 0}
        for folder in (self.corpus, self.artifacts):
            folder.mkdir(parents=True, exist_ok=True)

    # ---- what is run ----

    def libfuzzer_command(self, seconds):
        options = {"max_len": str(common.DEFAULT_MAX_LEN), "timeout": "25", "rss_limit_mb": "2560",
                   **common.read_options(self.build, self.target.name)}
        options.pop("dict", None)
        dictionary = common.beside(self.build, self.target.name, ".dict")
        others = [self.build.seeds(self.target.name), *common.committed(self.target.name),
                  *sorted(self.sync.glob("*/queue"))]
        return [str(self.build.program(self.target.name)), f"-max_total_time={seconds}", "-print_final_stats=1", "-verbosity=1",
                f"-artifact_prefix={self.artifacts}/", *(f"-{key}={value}" for key, value in options.items()),
                *([f"-dict={dictionary}"] if dictionary else []), str(self.corpus), *(str(o) for o in others if o.is_dir())]

    def afl_start(self):
        """A folder that AFL++ can start from: it wants one input at least."""
        for folder in (self.corpus, self.build.seeds(self.target.name), *common.committed(self.target.name)):
            if common.files_in(folder):
                return folder
        start = self.work / "start"
        start.mkdir(exist_ok=True)
        (start / "zeros").write_bytes(bytes(16))
        return start

    def afl_command(self, seconds):
        length = common.read_options(self.build, self.target.name).get("max_len", str(common.DEFAULT_MAX_LEN))
        dictionary = common.beside(self.build, self.target.name, ".dict")
        main = self.role == "main"
        return ["afl-fuzz", "-V", str(seconds), "-t", "5000+", "-G", length, "-i", str(self.afl_start()), "-o", str(self.sync),
                *(["-M", self.name, "-F", str(self.corpus)] if main else ["-S", self.name]),
                *(["-c", str(self.builds["afl-cmplog"].program(self.target.name))] if self.role == "cmplog" else []),
                *(["-x", str(dictionary)] if dictionary else []), "--", str(self.build.program(self.target.name))]

    def afl_environment(self):
        library = self.builds["afl"].folder / "fuzz" / f"{self.target.name}_mutator.so"
        return {**os.environ, "AFL_NO_UI": "1", "AFL_NO_COLOR": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1",
                "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_AUTORESUME": "1", "AFL_FORKSRV_INIT_TMOUT": "60000",
                **({"AFL_CUSTOM_MUTATOR_LIBRARY": str(library)} if library.is_file() else {})}

    # ---- running ----

    def start(self, seconds):
        seconds = max(1, round(seconds))
        if self.engine == "libfuzzer":
            command, environment = self.libfuzzer_command(seconds), common.sanitizer_environment()
        else:
            command, environment = self.afl_command(seconds), self.afl_environment()
        # A session of its own: an interrupt from the terminal goes to the campaign alone, which ends its workers itself.
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(common.polite(command), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env=environment, start_new_session=True)
        self.started, self.deadline = time.monotonic(), time.monotonic() + seconds + GRACE

    def ended(self):
        """Has the slice ended? A worker that does not end by itself is ended."""
        code = self.process.poll()
        if code is None and time.monotonic() > self.deadline:
            self.stop()
            code = self.process.returncode
        if code is None:
            return False
        self.seconds += time.monotonic() - self.started
        if self.engine == "libfuzzer":
            self.before["executions"] += parse_pulse(read_end(self.log, 8192))["executions"]
            self.failures += code != 0
        elif code != 0:
            self.failures += 1
        self.process = None
        return True

    def tell(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.deadline = min(self.deadline, time.monotonic() + GRACE)

    def stop(self):
        self.tell()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    # ---- what it has done ----

    def stats(self):
        if self.engine == "libfuzzer":
            now = parse_pulse(read_end(self.log, 8192)) if self.log.is_file() else parse_pulse(b"")
            running = now["executions"] if self.process else 0
            return {**now, "executions": self.before["executions"] + running, "seconds": round(self.spent(), 1)}
        path = self.sync / self.name / "fuzzer_stats"
        stats = parse_stats(path.read_text()) if path.is_file() else {}
        executions = int(stats.get("execs_done", 0))  # of all runs; its own executions a second are wild in the first instants
        return {"executions": executions, "edges": int(stats.get("edges_found", 0)),
                "inputs": int(stats.get("corpus_count", 0)), "speed": executions // max(1, int(stats.get("run_time", 0))),
                "stability": stats.get("stability", ""), "seconds": round(self.spent(), 1)}

    def spent(self):
        return self.seconds + (time.monotonic() - self.started if self.process else 0)

    def crash_files(self):
        """What this worker saved because it failed: (file, is it about time?)."""
        if self.engine == "libfuzzer":
            return [(path, path.name.startswith("timeout-")) for path in common.files_in(self.artifacts)
                    if path.name.startswith(("crash-", "leak-", "timeout-", "oom-"))]
        return [(path, folder == "hangs") for folder in ("crashes", "hangs")
                for path in common.files_in(self.sync / self.name / folder) if path.name.startswith("id:")]


def make_workers(out, builds, targets, engines, jobs):
    """Every role on every target, sanitizers first; more of the fast ones if there are more jobs than that."""
    roles = [(engine, role) for engine in engines for role in PRESETS[engine]]
    workers = [Worker(out, builds, target, engine, role, 1) for engine, role in roles for target in targets]
    extra = [("libfuzzer", "plain")] if "libfuzzer" in engines else []
    extra += [("afl", "cmplog")] if "afl" in engines else []
    number = 2
    while len(workers) < jobs:
        workers += [Worker(out, builds, target, engine, role, number) for engine, role in extra for target in targets]
        number += 1
    return workers
