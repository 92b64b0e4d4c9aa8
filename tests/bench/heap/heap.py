#!/usr/bin/env python3
"""Measures refheap's heap against the memory managers it is compared with, in
interleaved rounds: in each, every peer of every case runs once, in a process of
its own. A figure is the median of the rounds. Standard library only.

usage: heap.py measure BUILD RESULTS     programs built in BUILD (preset release), writes RESULTS (JSON)
       heap.py table RESULTS             print the table the README shows
       heap.py extract RESULTS           print the short one that the main README shows
environment: RH_BENCH_ROUNDS (5), RH_BENCH_DIVIDE (1): every size divided by this, for a short look
"""
import collections
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))
import plan  # noqa: E402
import report  # noqa: E402
import run as machine  # noqa: E402

LIMIT = 900  # seconds a program may take


class Progress:
    """One line that is rewritten on a terminal; elsewhere a line for each subject and round."""

    def __init__(self, rounds, total):
        self.rounds, self.total = rounds, total
        self.start, self.done, self.last = time.monotonic(), 0, None
        self.terminal = sys.stdout.isatty()

    def tell(self, number, measurement):
        case = measurement.case
        share = 100 * self.done // self.total
        line = f"{share:3d}% round {number + 1}/{self.rounds} {case.subject}"
        if self.terminal:
            print(f"\r\033[K{line} {case.name} {case.n or ''} {measurement.peer}", end="", flush=True)
        elif (number, case.subject) != self.last:
            print(f"{line} ({time.monotonic() - self.start:.0f} s)", flush=True)
        self.last = number, case.subject
        self.done += 1

    def end(self):
        if self.terminal:
            print("\r\033[K", end="")


def run(command):
    """What the command prints. A peer that fails ends the measurement."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except (OSError, subprocess.TimeoutExpired) as problem:
        sys.exit(f"heap.py: {problem}")
    if done.returncode != 0:
        sys.exit(f"heap.py: {' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def run_once(measurement):
    """The figures of one round: the median of the repeats after the first."""
    lines = [json.loads(line) for line in run(measurement.command).splitlines()]
    figures = {"ns": statistics.median(line["ns"] for line in lines[plan.WARM :])}
    resident = [line["resident"] for line in lines if "resident" in line]
    if resident:
        figures["resident"] = resident[0]
    return figures


def run_rounds(measurements, rounds):
    progress = Progress(rounds, rounds * len(measurements))
    figures = collections.defaultdict(list)
    for number in range(rounds):
        for measurement in measurements:
            progress.tell(number, measurement)
            for name, value in run_once(measurement).items():
                figures[measurement, name].append(value)
    progress.end()
    return figures


def summary(figures):
    """Rows of the record: one a case, the median, lowest and highest round of each peer."""
    rows = {}
    for (measurement, name), values in figures.items():
        case = measurement.case
        row = rows.setdefault(case, {"subject": case.subject, "name": case.name, "n": case.n, "peers": {}})
        peer = row["peers"].setdefault(measurement.peer, {})
        peer[name] = round(statistics.median(values), 4)
        if name == "ns":
            peer["low"], peer["high"] = round(min(values), 4), round(max(values), 4)
    return list(rows.values())


def cache(build):
    """What CMake was told: variables of CMakeCache.txt."""
    found = [folder / "CMakeCache.txt" for folder in build.parents if (folder / "CMakeCache.txt").exists()]
    if not found:
        sys.exit(f"heap.py: {build} is not inside a CMake build folder")
    return dict(re.findall(r"^(\w+):\w+=(.*)$", found[0].read_text(), re.M))


def compiler(variables):
    return run([variables["CMAKE_C_COMPILER"], "--version"]).splitlines()[0]


def versions(commands):
    lines = [json.loads(run(command)) for command in commands]
    return {line["peer"]: line["version"] for line in lines}


def measure(build, results):
    variables = cache(build)
    if variables.get("CMAKE_BUILD_TYPE") != "Release":
        sys.exit("heap.py: these programs are not a release build; use `cmake --preset release -DRH_BENCH=ON`")
    rounds, divide = machine.setting("RH_BENCH_ROUNDS", 5), machine.setting("RH_BENCH_DIVIDE", 1)
    without = ["quickjs"] if variables.get("RH_QUICKJS") == "none" else []
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # inherited by every child: one core
    load, commit = os.getloadavg()[0], machine.commit()
    with tempfile.TemporaryDirectory() as folder:
        todo = plan.make(str(build), variables["RH_BENCH_PYTHON"], divide, without, folder)
        todo.take_snapshots(folder, run)
        figures = run_rounds(todo.measurements, rounds)
    record = {
        "date": datetime.date.today().isoformat(),
        "commit": commit,
        "processor": machine.processor(),
        "system": f"{os.uname().sysname} {os.uname().release.split('-')[0]}",
        "compiler": compiler(variables),
        "versions": versions(todo.version_commands()),
        "without": without,
        "rounds": rounds,
        "divide": divide,
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "rows": summary(figures),
    }
    pathlib.Path(results).write_text(json.dumps(record, indent=1) + "\n")
    print(report.text(record))


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "measure":
        measure(pathlib.Path(arguments[1]).resolve(), arguments[2])
    elif len(arguments) == 2 and arguments[0] in ("table", "extract"):
        show = {"table": report.text, "extract": report.extract}[arguments[0]]
        print(show(json.loads(pathlib.Path(arguments[1]).read_text())))
    else:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
