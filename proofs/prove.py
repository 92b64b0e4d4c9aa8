#!/usr/bin/env python3
"""The proof gate: what "proved" means for refheap.

Runs Frama-C/WP over src/core, function by function, and fails unless
  1. every goal is proved;
  2. no smoke test finds a contradictory contract, loop or dead code;
  3. Frama-C warned about nothing (most of its warnings mean that it ignored a
     clause), and the proven files hold no axiom, admitted clause, false
     precondition, statement contract, union or pointer cast;
  4. every function has a contract that says which memory it assigns, that it
     ends and does not exit, and something about its result;
  5. the committed report agrees with the run, and README, SOUNDNESS.md and
     THEOREMS.md with the report;
  6. every clause that a theorem names exists (theorems.py), and annotation
     stays below its limit (annotation_ratio.py).

proofs/report.json holds the result of each function under a key made of the
tools' versions and all the text its proof depends on. --replay believes a
result whose key is still right and fails when one is not. WP's own results are
kept one small file a goal and prover in proofs/session/cache, so that --update
asks provers only what is new; hand-written induction scripts are in
proofs/session/script.

examples:
  ci/prove                              from zero: every prover runs again (minutes)
  ci/prove --replay                     is everything as it was when it was proved? (seconds)
  ci/prove --update                     prove what changed since; renew report and documents
  ci/prove --update --only ring         the same for one file, or one function (ring.rh_ring_push)
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import annotation_ratio
import program
import theorems
from program import ROOT, shown
from wp import WAYS, Failure, How, fail, hints_of, label, leave_hints, run_wp, settings, tool

TIMEOUT = 30  # seconds; the slowest goals take five, on a machine with nothing else to do
REPORT = ROOT / "proofs" / "report.json"
BATCH_SECONDS = 60  # what goes into one run of Frama-C, by the times of the last report


# ---- proving ----

def cost(unit, known):
    """A guess, in seconds, from the last result or from the length of the text."""
    last = known.get(unit.path)
    return 3 + (last["seconds"] if last else unit.size / 100)


def way_of(unit, known):
    """The way that led to a proof before, or the fast one."""
    return known.get(unit.path, {}).get("way", next(iter(WAYS)))


def batches_of(units, known):
    """Units of one file and way together until they are worth a run of Frama-C; the longest batches first."""
    batches = []
    for file, way in dict.fromkeys((unit.file, way_of(unit, known)) for unit in units):
        mine = [unit for unit in units if (unit.file, way_of(unit, known)) == (file, way)]
        batches += [[unit] for unit in mine if unit.name == program.LEMMAS]
        room = 0
        for unit in sorted((u for u in mine if u.name != program.LEMMAS), key=lambda u: -cost(u, known)):
            if room < cost(unit, known):
                batches.append([])
                room = BATCH_SECONDS
            batches[-1].append(unit)
            room -= cost(unit, known)
    return sorted(batches, key=lambda batch: -sum(cost(unit, known) for unit in batch))


def owner(goal, names):
    """The function a goal is named after: the longest name that begins it."""
    return max((name for name in names if goal == name or goal.startswith(name + "_")), key=len, default=None)


def result_of(key, way, goals, smoke):
    """What the report says of one unit."""
    by = collections.Counter(label(goal["by"]) for goal in goals.values() if goal["proved"])
    return {"key": key, "way": way, "goals": len(goals), "proved": sum(goal["proved"] for goal in goals.values()),
            "by": dict(sorted(by.items())), "hints": hints_of(goals),
            "seconds": round(sum(goal["seconds"] for goal in goals.values()), 1),
            "slowest": round(max((goal["seconds"] for goal in goals.values()), default=0), 1),
            "open": sorted(name for name, goal in goals.items() if not goal["proved"]),
            "smoke": len(smoke), "smoke_failed": sorted(name for name, passed in smoke.items() if not passed)}


def ask_goals(batch, way, how):
    """The goals of the units, prepared one way: function -> goals, and what went wrong."""
    names = [unit.name for unit in batch]
    lemmas = names == [program.LEMMAS]
    run = run_wp(batch[0].file, selection(names), False, way, program.CPP, how, ROOT)
    problems = [f"Frama-C says: {line}" for line in run.trouble] + run.miscounted()
    goals = collections.defaultdict(dict)
    for name, goal in run.goals.items():
        of = program.LEMMAS if lemmas else owner(name, names)
        if of is None:
            problems.append(f"{batch[0].file.stem}.{name} belongs to none of {', '.join(names)}")
        goals[of][name] = goal
    problems += [f"{unit.path}: no goal at all: nothing was proved" for unit in batch if not goals[unit.name]]
    fail(list(dict.fromkeys(problems)))
    return goals


def ask_smoke(batch, way, how):
    """The smoke tests of the units: function -> tests."""
    names = [unit.name for unit in batch]
    run = run_wp(batch[0].file, selection(names), True, way, program.CPP, how, ROOT)
    tests = run.smoke_by_function()
    problems = [f"Frama-C says: {line}" for line in run.trouble]
    if sum(map(len, tests.values())) != len(run.smoke) or set(tests) - set(names):
        problems.append(f"{batch[0].file.stem}: smoke tests in the log and in the JSON report differ")
    fail(list(dict.fromkeys(problems)))
    return tests


def selection(names):
    return ["-wp-prop=@lemma"] if names == [program.LEMMAS] else ["-wp-fct", ",".join(names)]


def is_open(goals):
    return any(not goal["proved"] for goal in goals.values())


def prove_batch(batch, way, how):
    """One run for the goals and one for the smoke tests; what stays open is tried the other way, a function at a time.
    path -> result."""
    goals, ways = ask_goals(batch, way, how), {unit.name: way for unit in batch}
    for unit in (unit for unit in batch if is_open(goals[unit.name])):
        for other in (other for other in WAYS if other != way):
            again = ask_goals([unit], other, how)
            if not is_open(again[unit.name]):
                goals[unit.name], ways[unit.name] = again[unit.name], other
    tests = {} if batch[0].name == program.LEMMAS else ask_smoke(batch, way, how)
    return {unit.path: result_of(unit.key, ways[unit.name], goals[unit.name], tests.get(unit.name, {})) for unit in batch}


class Progress:
    """A line that moves on a terminal; a line a batch elsewhere."""

    def __init__(self, total, quiet):
        self.done, self.total, self.quiet, self.start = 0, total, quiet, time.monotonic()

    def step(self, count, batch):
        self.done += count
        if self.quiet:
            return
        line = f"proof: {self.done}/{self.total} functions, {time.monotonic() - self.start:.0f} s, {batch[0].path}"
        print(f"\r\033[K{line}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n",
              file=sys.stderr, flush=True)

    def end(self):
        if sys.stderr.isatty() and not self.quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def prove(units, known, args, how, keep):
    """Proves the units, args.jobs runs at a time; keep(results) after each. Returns what went wrong besides open goals."""
    problems, lock, progress = [], threading.Lock(), Progress(len(units), args.quiet)

    def work(batch):
        try:
            results, wrong = prove_batch(batch, way_of(batch[0], known), how), []
        except Failure as failure:
            results, wrong = {}, [str(failure)]
        with lock:
            problems.extend(wrong)
            keep(results)
            progress.step(len(batch), batch)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(work, batches_of(units, known)))
    progress.end()
    return problems


# ---- the verdict ----

def full(path, goal):
    """A goal's whole name: the file, a dot, WP's name."""
    return f"{path.split('.')[0]}.{goal}"


def check_results(units, results):
    """Points 1 and 2; every unit must have a result for its present text."""
    problems = []
    for unit in units:
        result = results.get(unit.path)
        if result is None or result["key"] != unit.key:
            why = "was never proved" if result is None else "changed since it was proved"
            problems.append(f"{unit.path} {why}; `ci/prove --update` proves it")
    gone = set(results) - {unit.path for unit in units}
    problems += [f"{path} is in the report and not in the program; `ci/prove --update` drops it" for path in sorted(gone)]
    problems += [f"goal {full(path, goal)} is not proved" for path, result in sorted(results.items()) for goal in result["open"]]
    problems += [f"smoke test {full(path, name)} failed: a contract, loop or branch is contradictory or dead"
                 for path, result in sorted(results.items()) for name in result["smoke_failed"]]
    return problems


def agreement(committed, results):
    """Point 5: everything but prover names and times must be what was committed."""
    def essence(all_results):
        return {path: [result[k] for k in ("key", "goals", "proved", "open", "smoke", "smoke_failed")]
                for path, result in all_results.items()}
    old, new = essence(committed), essence(results)
    changed = sorted(path for path in set(old) | set(new) if old.get(path) != new.get(path))
    return [f"proofs/report.json is out of date ({', '.join(changed)}); `ci/prove --update` renews it"] if changed else []


# ---- the report and the documents ----

def totals(results):
    sums = {k: sum(result[k] for result in results.values()) for k in ("goals", "proved", "smoke")}
    sums["functions"] = sum(not path.endswith("." + program.LEMMAS) for path in results)
    sums["smoke_passed"] = sums["smoke"] - sum(len(result["smoke_failed"]) for result in results.values())
    return sums


def summary(results):
    t = totals(results)
    return (f"{t['proved']} of {t['goals']} goals proved ({t['functions']} functions, a header's once for each file "
            f"that includes it), "
            f"{t['smoke_passed']} of {t['smoke']} smoke tests passed.")


def table_of_files(results):
    by_file = collections.defaultdict(dict)
    for path, result in results.items():
        by_file[path.split(".")[0]][path] = result
    lines = ["| file | functions | goals | proved | open |", "|---|---:|---:|---:|---:|"]
    for file, part in sorted(by_file.items()):
        t = totals(part)
        lines.append(f"| `{file}.c` | {t['functions']} | {t['goals']} | {t['proved']} | {t['goals'] - t['proved']} |")
    return lines


def report_page(results):
    lines = ["# Proof report", "", "Generated by `ci/prove --update`; do not edit.", "", summary(results), "",
             "| function | goals | proved | by | smoke tests | seconds | slowest |", "|---|---:|---:|---|---:|---:|---:|"]
    for path, r in sorted(results.items()):
        by = ", ".join(f"{name} {count}" for name, count in r["by"].items())
        lines.append(f"| `{path}` | {r['goals']} | {r['proved']} | {by} | {r['smoke']} | {r['seconds']} | {r['slowest']} |")
    return "\n".join(lines) + "\n"


def documents(results):
    """What is generated in documents: path, name of the block, text."""
    readme, proofs = ROOT / "README.md", ROOT / "proofs"
    return [(readme, "proof", summary(results)),
            (proofs / "SOUNDNESS.md", "proof", "\n".join([summary(results), "", *table_of_files(results)])),
            (readme, "theorems", theorems.short(results)),
            (proofs / "THEOREMS.md", "theorems", theorems.page(results))]


def documents_differ(results, write):
    """Documents between their markers: what is said there is what the report says."""
    problems = []
    for path, name, block in documents(results):
        text, begin, end = path.read_text(), f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        head, begun, rest = text.partition(begin)
        _, ended, tail = rest.partition(end)
        if not begun or not ended:
            problems.append(f"{shown(path)} lacks {begin} and {end}")
            continue
        fresh = f"{head}{begin}\n{block}\n{end}{tail}"
        if fresh != text and write:
            path.write_text(fresh)
        elif fresh != text:
            problems.append(f"{shown(path)}, block {name}, does not say what proofs/report.json says; `ci/prove --update` renews it")
    return problems


def write_report(path, results):
    """One line a function, so that a change of one shows as such."""
    lines = [f" {json.dumps(name)}: {json.dumps(result)}" for name, result in sorted(results.items())]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def read_report(path):
    return json.loads(path.read_text()) if path.is_file() else {}


# ---- the command ----

def selected(units, only):
    chosen = [unit for unit in units if only in (unit.path, unit.file.stem)]
    fail([] if chosen else [f"--only {only}: no such file or function; expected one like {units[0].path}"])
    return chosen


def fresh_session(session, committed, folder):
    """A session without results: scripts written by hand, and hints from the last report."""
    fresh = folder / "session"
    for result in committed.values():
        leave_hints(fresh, result.get("hints", {}))
    if (session / "script").is_dir():
        shutil.copytree(session / "script", fresh / "script", dirs_exist_ok=True)
    return fresh


def gate(args, files, folder):
    """Everything; returns the results and the list of problems."""
    own_core = not args.source
    report = args.report or (REPORT if own_core else folder / "report.json")
    program.check_sources(files)
    units = program.read_program(files, settings(args.timeout))
    committed = read_report(report)
    results = {} if args.from_zero else dict(committed)
    if args.update:
        results = {unit.path: committed[unit.path] for unit in units if unit.path in committed}
    todo = [unit for unit in units if results.get(unit.path, {}).get("key") != unit.key]
    if args.only:
        todo = selected(units, args.only)
    problems = []
    if todo and not args.replay:
        session = args.session if args.update else fresh_session(args.session, committed, folder)
        how = How(args.timeout, session, race=args.update, cache=args.update)

        def keep(fresh):
            results.update(fresh)
            if args.update:
                write_report(report, results)
        problems = prove(todo, committed, args, how, keep)
    if args.update:
        write_report(report, results)
    if own_core and args.update:
        report.with_suffix(".md").write_text(report_page(results))
        problems += documents_differ(results, True)
    elif own_core:
        problems += agreement(committed, results) + documents_differ(committed, False)
    if own_core:
        problems += theorems.problems() + annotation_ratio.problems()
    return results, problems + check_results(units, results)


def arguments():
    parser = argparse.ArgumentParser(prog="ci/prove", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--replay", action="store_true", help="believe the committed results of unchanged text; no prover starts")
    how.add_argument("--update", action="store_true", help="prove what changed; renew results, report and documents")
    parser.add_argument("--only", metavar="NAME", help="with --update: prove this file or function, changed or not")
    parser.add_argument("--source", type=pathlib.Path, action="append", help="prove this file instead of src/core (tests)")
    parser.add_argument("--report", type=pathlib.Path, help="where results are kept (default proofs/report.json)")
    parser.add_argument("--session", type=pathlib.Path, default=ROOT / "proofs" / "session")
    parser.add_argument("--jobs", type=int, help="runs of Frama-C at a time (default two a processor; with --update one)")
    parser.add_argument("--timeout", type=int, default=TIMEOUT, help="seconds a goal and prover (default %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    args = parser.parse_args()
    if args.only and not args.update:
        parser.error("--only needs --update")
    args.from_zero = not (args.replay or args.update)
    # Half of a run's time is waiting: for WP's next look at a prover, or for the prover. A race keeps a processor busy.
    args.jobs = args.jobs or (os.cpu_count() or 1) * (1 if args.update else 2)
    return args


def main():
    args = arguments()
    start = time.monotonic()
    for name in ("frama-c", "why3", "z3", "cvc4"):
        tool(name)
    files = [f.resolve() for f in args.source or program.listed_files(ROOT / "src" / "core")]
    with tempfile.TemporaryDirectory() as folder:
        if "WHY3CONFIG" not in os.environ:
            os.environ["WHY3CONFIG"] = os.path.join(folder, "why3.conf")
            subprocess.run([tool("why3"), "config", "detect"], capture_output=True, check=False)
        results, problems = gate(args, files, pathlib.Path(folder))
    print(summary(results))
    print(f"ci/prove: {time.monotonic() - start:.0f} s")
    fail(problems)
    print("ci/prove: closed goals and open ones are exactly as stated")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit("ci/prove: FAILED\n" + str(failure))
