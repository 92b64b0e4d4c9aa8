#!/usr/bin/env python3
"""Measures how many operations a second `refheap run` completes on one core:
reading, parsing, executing and printing an ordinary random trace, process start
included. Standard library only.

usage: run.py measure REFHEAP RESULTS     measure, write RESULTS (JSON); exit code 3 below the target
       run.py table RESULTS               print the table the README shows
environment: RH_BENCH_OPS (1000000), RH_BENCH_RUNS (5), RH_BENCH_SEED (1)
"""
import datetime
import hashlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

PROFILES = ["cpython-3.11", "cpython-3.13", "cpython-3.14"]
TARGET = 1_000_000  # operations a second
TOO_SLOW = 3  # exit code below the target


def setting(name, otherwise):
    return int(os.environ.get(name, otherwise))


def processor():
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def commit():
    """The commit measured; `+` when the tree differs from it."""

    def git(*arguments):
        return subprocess.run(["git", *arguments], capture_output=True, text=True).stdout.strip()

    return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "--", "src") else "")


def one_run(refheap, profile, trace):
    """Seconds of processor time and of wall time, and the digest of the output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run([refheap, "run", "--profile", profile, trace], stdout=subprocess.PIPE)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"run.py: {refheap} run {trace} ended with exit code {done.returncode}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall, hashlib.sha256(done.stdout).hexdigest()


def measure_profile(refheap, profile, trace, operations, runs):
    measured = [one_run(refheap, profile, trace) for _ in range(runs)]
    if len({digest for _, _, digest in measured}) != 1:
        sys.exit("run.py: equal runs printed different traces")
    cpu = statistics.median(used for used, _, _ in measured)
    wall = statistics.median(wall for _, wall, _ in measured)
    return {
        "profile": profile,
        "cpu_seconds": round(cpu, 4),
        "wall_seconds": round(wall, 4),
        "operations_per_cpu_second": round(operations / cpu),
        "operations_per_second": round(operations / wall),
    }


def measure(refheap, results):
    operations, runs = setting("RH_BENCH_OPS", 1_000_000), setting("RH_BENCH_RUNS", 5)
    seed = setting("RH_BENCH_SEED", 1)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})  # inherited by every child: one core
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "ordinary.trace")
        subprocess.run([refheap, "gen", "--seed", str(seed), "--ops", str(operations), "--out", trace], check=True)
        rows = [measure_profile(refheap, profile, trace, operations, runs) for profile in PROFILES]
        size = os.path.getsize(trace)
    record = {
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "processor": processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "load_before": round(os.getloadavg()[0], 1),
        "operations": operations,
        "trace_bytes": size,
        "seed": seed,
        "runs": runs,
        "rows": rows,
    }
    with open(results, "w") as file:
        json.dump(record, file, indent=2)
        file.write("\n")
    print(table(record))
    slowest = min(row["operations_per_cpu_second"] for row in rows)
    return 0 if slowest >= TARGET else TOO_SLOW


def table(record):
    lines = [
        f"{record['date']}, commit {record['commit']}, {record['processor']}, {record['system']}, one core",
        f"trace: {record['operations']:,} operations, {record['trace_bytes']:,} bytes, seed {record['seed']};"
        f" median of {record['runs']} runs; load before {record['load_before']}",
        "",
        f"{'profile':<14}{'cpu s':>8}{'wall s':>8}{'operations per cpu second':>28}{'per second':>14}",
    ]
    for row in record["rows"]:
        lines.append(
            f"{row['profile']:<14}{row['cpu_seconds']:>8.3f}{row['wall_seconds']:>8.3f}"
            f"{row['operations_per_cpu_second']:>28,}{row['operations_per_second']:>14,}"
        )
    return "\n".join(lines)


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "measure":
        return measure(arguments[1], arguments[2])
    if len(arguments) == 2 and arguments[0] == "table":
        with open(arguments[1]) as file:
            print(table(json.load(file)))
        return 0
    print(__doc__.strip(), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
