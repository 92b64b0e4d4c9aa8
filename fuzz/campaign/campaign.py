"""A campaign: workers take turns until the time is over; then what they found is judged and written down."""
import json
import os
import pathlib
import signal
import sys
import time

import common
import corpus
import coverage
import engines
import report
import triage

ROUND_SECONDS = 120  # about how long a slice is, where there is time for more than one
SAMPLE_SECONDS = 5
LINE_SECONDS = 30  # between two lines, where there is no terminal
FAILURES_MAX = 3   # a worker that failed so often has nothing new to say
MERGE_SECONDS = 60


class Interrupt:
    """The first SIGINT or SIGTERM ends the fuzzing, not the report; the second ends the program."""

    def __init__(self):
        self.seen = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.note)

    def note(self, number, _frame):
        if self.seen:
            raise KeyboardInterrupt
        self.seen = True
        print("\nci/fuzz: ending; the report follows (once more: end at once)", file=sys.stderr, flush=True)


class Voice:
    """A line that moves on a terminal, lines now and then elsewhere."""

    def __init__(self):
        self.moving, self.last = sys.stderr.isatty(), 0.0

    def progress(self, line):
        now = time.monotonic()
        if self.moving:
            width = max(20, os.get_terminal_size(sys.stderr.fileno()).columns - 1)
            print(f"\r\033[K{line[:width]}", end="", file=sys.stderr, flush=True)
        elif now - self.last >= LINE_SECONDS:
            print(line, file=sys.stderr, flush=True)
            self.last = now

    def say(self, line):
        print(("\r\033[K" if self.moving else "") + line, file=sys.stderr, flush=True)


# ---- what is kept between runs ----

class State:
    """out/state.json: what earlier runs into this folder did, so that numbers and the plot go on."""

    def __init__(self, out):
        self.path = out / "state.json"
        stored = json.loads(self.path.read_text()) if self.path.is_file() else {}
        self.seconds, self.runs = stored.get("seconds", 0.0), stored.get("runs", 0) + 1
        self.workers, self.samples = stored.get("workers", {}), stored.get("samples", [])
        self.before, self.start = self.seconds, time.monotonic()

    def tick(self):
        self.seconds = self.before + time.monotonic() - self.start

    def restore(self, workers):
        for worker in workers:
            known = self.workers.get(worker.key, {})
            worker.seconds = known.get("seconds", 0.0)
            worker.before["executions"] = known.get("executions", 0)

    def keep(self, workers):
        for worker in workers:
            stats = worker.stats()
            old = self.workers.get(worker.key, {})
            # A log of libFuzzer speaks of one slice: what it reached once, it reached.
            stats["edges"] = max(stats["edges"], old.get("edges", 0))
            stats["executions"] = max(stats["executions"], old.get("executions", 0))
            self.workers[worker.key] = stats
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps({"seconds": round(self.seconds, 1), "runs": self.runs, "workers": self.workers,
                                         "samples": self.samples}) + "\n")
        temporary.replace(self.path)

    def sample(self, targets, folder_of):
        """One point of the plot."""
        def edges(name):
            return max((stats["edges"] for key, stats in self.workers.items() if key.startswith(f"{name}/libfuzzer/plain")), default=0)
        self.samples.append({"seconds": round(self.seconds), "targets": {
            target.name: {"inputs": len(common.files_in(folder_of(target))), "edges": edges(target.name)} for target in targets}})
        if len(self.samples) > 2000:
            self.samples = self.samples[::2]


# ---- fuzzing ----

def progress_line(workers, state, left, crashes):
    executions = sum(stats["executions"] for stats in state.workers.values())
    running = ", ".join(f"{worker.key} {worker.stats()['speed']}/s" for worker in workers if worker.process)
    return f"{int(left) // 60}:{int(left) % 60:02} left  {executions:,} executions  {crashes} failures saved  [{running}]"


def count_turns(seconds, jobs, n):
    """How many slices there are: n workers in rounds of about ROUND_SECONDS each."""
    return n * max(1, round(seconds * jobs / n / ROUND_SECONDS))


def slice_seconds(left, jobs, turns):
    """Of the time that is left, the next slice; starting takes time too, so this is asked anew for each."""
    return min(left, left * jobs / turns if turns > 0 else ROUND_SECONDS)


def fuzz(workers, jobs, seconds, until_found, state, targets, interrupt, voice):
    """Until the time is over, nobody can go on, there is an interrupt or, if wanted, an input has failed."""
    end, waiting, running = time.monotonic() + seconds, list(workers), []
    turns, next_sample = count_turns(seconds, jobs, len(workers)), 0.0
    note(workers, targets, state)
    engines.adopt_orphans()
    try:
        while not interrupt.seen and time.monotonic() < end and (waiting or running):
            while waiting and len(running) < jobs and end - time.monotonic() > 1:
                worker = waiting.pop(0)
                # A slice under way holds its job for a while: it counts as half a turn.
                worker.start(slice_seconds(end - time.monotonic(), jobs, turns + len(running) / 2))
                running.append(worker)
                turns -= 1
            time.sleep(0.3)
            for worker in [worker for worker in running if worker.ended()]:
                running.remove(worker)
                engines.end_orphans(workers)
                if worker.failures < FAILURES_MAX:
                    waiting.append(worker)
            if time.monotonic() >= next_sample:
                next_sample = time.monotonic() + SAMPLE_SECONDS
                note(workers, targets, state)
                failures = len(saved_files(workers, targets))
                voice.progress(progress_line(workers, state, end - time.monotonic(), failures))
                if failures and until_found:
                    break
    finally:
        finish(running, interrupt.seen or time.monotonic() < end)
        engines.end_orphans(workers)
    note(workers, targets, state)


def note(workers, targets, state):
    state.tick()
    state.keep(workers)
    state.sample(targets, lambda target: workers_corpus(workers, target))


def finish(running, at_once):
    """Waits until all have ended; tells them first, if they would go on."""
    for worker in running:
        if at_once:
            worker.tell()
    for worker in running:
        while not worker.ended():
            time.sleep(0.2)


def workers_corpus(workers, target):
    return next(worker.corpus for worker in workers if worker.target == target)


def saved_files(workers, targets):
    """(target, file, who, is it about time?) of all failing inputs, each file once."""
    found = {}
    for worker in workers:
        for path, about_time in worker.crash_files():
            found.setdefault(path, (worker.target, path, "libFuzzer" if worker.engine == "libfuzzer" else f"AFL++ {worker.role}",
                                    about_time))
    return [entry for entry in found.values() if entry[0] in targets]


# ---- the whole ----

def prepare(names, chosen_engines, jobs, with_coverage, say):
    """Builds what is needed; returns {preset: Build} and the targets."""
    common.need("cmake", "ninja", "clang", "gcc")
    if "afl" in chosen_engines:
        common.need("afl-fuzz", "afl-clang-fast")
    if with_coverage:
        coverage.tool("llvm-cov")
        coverage.tool("llvm-profdata")
    presets = ["replay", *engines.presets_for(chosen_engines)]
    if "fuzz" not in presets:
        presets.append("fuzz")  # its reports say more than a signal does
    if with_coverage:
        presets.append("fuzz-coverage")
    builds, targets = {}, []
    for preset in presets:
        say(f"build: {preset}")
        builds[preset] = common.Build(preset, jobs).configure()
        targets = common.choose(builds[preset].targets(), names)
        builds[preset].make(*(f"{target.name}_fuzzer" for target in targets))
        if preset in engines.presets_for(chosen_engines):
            build_helpers(builds[preset], targets)
    return builds, targets


def build_helpers(build, targets):
    """Seeds, dictionaries and mutators for AFL++, where the tree has them."""
    build.make(*(name for name in ("fuzz_seeds", *(f"{target.name}_mutator" for target in targets)) if build.has(name)))


def seconds_of(args, targets):
    """By the clock: what was asked for, or so long that each target gets its minutes of one job."""
    minutes = args.minutes or args.minutes_each * len(targets) / min(args.jobs, len(targets))
    return minutes * 60


def totals(state, workers):
    return {"executions": sum(stats["executions"] for stats in state.workers.values()),
            "worker_seconds": round(sum(stats["seconds"] for stats in state.workers.values()), 1),
            "seconds": round(state.seconds, 1), "runs": state.runs, "workers": len(workers)}


def run(args):
    """ci/fuzz --minutes: exit code 0 or 1."""
    voice, interrupt = Voice(), Interrupt()
    chosen = ["libfuzzer", "afl"] if args.engine == "both" else [args.engine]
    builds, targets = prepare(args.target, chosen, args.jobs, args.coverage, voice.say)
    out = pathlib.Path(args.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    share_corpus(out, args.corpus)
    state, workers = State(out), engines.make_workers(out, builds, targets, chosen, args.jobs)
    state.restore(workers)
    before = {target.name: len(common.files_in(workers_corpus(workers, target))) for target in targets}
    if state.runs > 1:
        voice.say(f"resuming {common.shown(out)}: {state.seconds:.0f} s before, {sum(before.values())} inputs")
    regressions = corpus.replay(builds["replay"], targets, voice.say)  # an engine that starts from a failing input says little
    seconds = 0 if regressions and args.until_found else seconds_of(args, targets)
    fuzz(workers, args.jobs, seconds, args.until_found, state, targets, interrupt, voice)

    if "afl" in chosen and not interrupt.seen:
        for target in targets:
            voice.say(f"merge: {target.name}")
            corpus.merge(builds["fuzz-plain" if "libfuzzer" in chosen else "fuzz"], target, workers_corpus(workers, target),
                         sorted((out / "work" / target.name / "afl").glob("*/queue")), MERGE_SECONDS)
    saved = saved_files(workers, targets) + [(target, path, "the committed corpus", False) for target, path, _ in regressions]
    findings, lost = triage.triage(saved, [builds["replay"], builds["fuzz"]], builds["replay"], out, voice.say)
    for finding in findings:
        finding["readable_lines"] = (out / "findings" / pathlib.Path(finding["folder"]).name / "readable.txt").read_text().splitlines()

    result = {"targets": [target.name for target in targets], "engines": chosen, "jobs": args.jobs, "interrupted": interrupt.seen,
              "totals": totals(state, workers), "findings": findings, "lost": lost, "broken": broken(workers),
              "workers": [{"key": worker.key, **state.workers[worker.key], "failures": worker.failures} for worker in workers],
              "corpus": {target.name: size_of(workers_corpus(workers, target), before[target.name]) for target in targets}}
    if args.coverage:
        def folders(target):
            return [workers_corpus(workers, target), *common.committed(target.name)]
        result["coverage"] = coverage.of_corpus(builds["fuzz-coverage"], targets, folders, out / "work", voice.say)
        result["conditions"] = coverage.conditions(targets, folders, voice.say)
        voice.say("operations")
        result["operations"] = coverage.operations(builds["replay"], targets, folders)
    report.write(result, state.samples, out)
    conclude(result, out)
    if findings or lost:
        return 1
    return 3 if result["broken"] else 0


def broken(workers):
    """Workers that could not work: they ended with an error, executed nothing and saved nothing."""
    found = []
    for worker in workers:
        if worker.failures and not worker.stats()["executions"] and not worker.crash_files():
            lines = engines.read_end(worker.log, 2000).decode(errors="replace").strip().splitlines()
            found.append(f"{worker.key} does not run; {common.shown(worker.log)} ends with: {lines[-1] if lines else 'nothing'}")
    return found


def size_of(folder, before):
    files = common.files_in(folder)
    return {"inputs": len(files), "bytes": sum(path.stat().st_size for path in files), "new": len(files) - before}


def share_corpus(out, folder):
    """Makes out/corpus the shared folder, if one is given."""
    if folder is None:
        return
    shared, link = pathlib.Path(folder).resolve(), out / "corpus"
    shared.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() or not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(shared)
    elif link.resolve() != shared:
        raise common.Usage(f"{common.shown(out)} has a corpus of its own; give another --out, or no --corpus")


def conclude(result, out):
    for finding in result["findings"]:
        print(f"{finding['bucket']}: {finding['size']} bytes, {finding['folder']}\n  {finding['reproduce']}")
    for line in result["lost"] + result["broken"]:
        print(line)
    idle = [worker["key"] for worker in result["workers"] if not worker["executions"] and not worker["failures"]]
    if idle:
        print(f"no time for {len(idle)} of {len(result['workers'])} workers: {', '.join(idle)}")
    verdict = f"{len(result['findings'])} findings" if result["findings"] else "nothing found"
    if result["lost"]:
        verdict += f", {len(result['lost'])} failures that did not come again"
    print(f"{verdict} in {result['totals']['executions']:,} executions; {common.shown(out / 'report.md')}")
