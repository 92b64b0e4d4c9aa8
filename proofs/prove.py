#!/usr/bin/env python3
"""The proof gate: what "proved" means for refheap.

Runs Frama-C/WP over src/core and fails unless
  1. every goal is proved, but for those that proofs/open-goals.txt names: a
     named goal that is proved or does not exist fails too;
  2. no smoke test finds a contradictory contract, loop or dead code;
  3. Frama-C warned about nothing (most of its warnings mean that it ignored a
     clause), and the proven files hold no axiom, admitted clause, false
     precondition, statement contract, union or pointer cast;
  4. every function has a contract that says which memory it assigns, that it
     ends and does not exit, and something about its result;
  5. the committed report agrees with the run.

Results are kept one small file a goal and prover in proofs/session/cache,
hand-written induction scripts in proofs/session/script.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

PROVEN = ["arena.c", "block.c", "collect.c", "core.c", "object.c", "pool.c", "ring.c", "run.c"]
# Not under the gate, and why; proofs/SOUNDNESS.md says what that means.
NOT_PROVEN = {
    "address.c": "the address shell: the only file that knows addresses",
    "block_check.c": "test builds only: walks the heap and looks for broken invariants",
    "object_check.c": "test builds only: walks the heap and looks for broken invariants",
}
# Functions whose unsigned arithmetic is meant to wrap around: none.
WRAPPING = []

PROVERS = ["script", "z3", "cvc4", "z3-ce"]
TIMEOUT, SMOKE_TIMEOUT = 10, 1
# Every kind of property but smoke tests, which have no name of their own.
KINDS = ["lemma", "requires", "assigns", "ensures", "exits", "assert", "invariant", "variant", "breaks", "continues",
         "returns", "complete_behaviors", "disjoint_behaviors", "terminates", "decreases", "check"]

GOAL = re.compile(r"^\[wp\] \[(?P<by>[^\]]+)\] (?P<kind>Goal|Smoke-test) (?:typed_\w*?ref_|typed_)?(?P<name>\w+)"
                  r"(?: \(\w+\))?(?: : (?P<result>\w+))?(?P<rest>.*)$")
SECONDS = re.compile(r"\((?:Qed:)?([0-9.]+)(ms|s|min)\)")
FORBIDDEN = [
    (re.compile(r"\b(axiom|axiomatic|admit)\b"), "assumes what it should prove"),
    (re.compile(r"\brequires\b[^;]*\\false"), "a false precondition proves anything"),
    (re.compile(r"\bassumes\b\s*(?:\w+\s*:)?\s*\\false"), "a behavior that never applies proves anything"),
    (re.compile(r"\bunion\b"), "the provers' memory model is not sound for unions"),
    (re.compile(r"\basm\b|__asm"), "the provers cannot see what assembly does"),
    (re.compile(r"\((?:const |volatile |struct |unsigned |signed )*\w+ \*+\)"), "a pointer cast hides what is accessed"),
]


class Failure(Exception):
    """The gate is closed; the message says why."""


def fail(problems):
    if problems:
        raise Failure("\n".join(problems))


def tool(name):
    path = shutil.which(name)
    if not path:
        raise Failure(f"{name} is not installed; `ci/setup prove` installs it")
    return path


# ---- the sources ----

def without_c_comments(text):
    """The text with comments blanked, annotations and line numbers kept; only spaces stand for what is gone."""
    def blank(match):
        comment = match.group(0)
        return comment if re.match(r"/[*/]\s*@", comment) else re.sub(r"[^\n]", " ", comment)
    return re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)


def listed_files(folder):
    """The proven files of a folder; every C file must be in one of the two lists."""
    problems = []
    present = {path.name for path in folder.glob("*.c")}
    for name in sorted(present - set(PROVEN) - set(NOT_PROVEN)):
        problems.append(f"src/core/{name} is neither in PROVEN nor in NOT_PROVEN of proofs/prove.py")
    for name in sorted((set(PROVEN) | set(NOT_PROVEN)) - present):
        problems.append(f"proofs/prove.py lists src/core/{name}, which does not exist")
    fail(problems)
    return [folder / name for name in PROVEN]


def with_headers(files, include):
    """The files and the headers of ours that they include."""
    seen, todo = [], list(files)
    while todo:
        path = todo.pop(0)
        if path in seen:
            continue
        seen.append(path)
        for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', path.read_text(), re.M):
            for folder in [path.parent, *include]:
                if (folder / name).is_file():
                    todo.append((folder / name).resolve())
                    break
    return seen


def shown(path):
    try:
        return str(path.resolve().relative_to(ROOT))
    except ValueError:
        return path.name


def check_sources(files, include):
    """Point 3, on the text that people read."""
    problems = []
    for path in with_headers([f.resolve() for f in files], include):
        text = without_c_comments(path.read_text())
        for pattern, why in FORBIDDEN:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{shown(path)}:{line}: `{' '.join(match.group(0).split())}`: {why}")
    return problems


# ---- the program as Frama-C reads it ----

HEADER = re.compile(r"^[ ]*(?:/\*@ ghost )?(?:static |extern |inline |const |_Noreturn )*(?:struct |enum |unsigned |signed )*"
                    r"(?P<type>\w+)(?P<star> \**| )(?P<name>\w+)\((?P<parameters>[^;{}()]*)\)(?P<end>;|\s*$)", re.M)
LOGIC = re.compile(r"\b(?:logic\s+[\w\s]+?|predicate\s+)(\w+)(?:\{[^}]*\})?\s*\([^=]*=", re.S)


def printed_program(files, options):
    """The whole program with macros expanded and contracts merged."""
    command = [tool("frama-c"), *options, *map(str, files), "-no-unicode", "-print"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if result.returncode != 0:
        raise Failure("Frama-C cannot read the sources:\n" + result.stdout + result.stderr)
    return result.stdout


def functions_of(program):
    """name -> (type, contract, has a body), ghost functions included."""
    found = {}
    for match in HEADER.finditer(program):
        if match["type"] in {"return", "else", "goto", "predicate", "lemma", "logic"}:
            continue
        body = match["end"] != ";"
        if body and not re.match(r"\s*\{", program[match.end():]):
            continue
        before = program[:match.start()].rstrip()
        contract = ""
        for opening, closing in (("/*@", "*/"), ("/@", "@/")):
            if before.endswith(closing) and opening in before:
                contract = before[before.rindex(opening):]
                break
        known = found.get(match["name"])
        star = "*" in match["star"]
        if not known or body or contract:
            found[match["name"]] = (match["type"] + (" *" if star else ""), contract or (known[1] if known else ""),
                                    body or bool(known and known[2]))
    return found


def check_functions(functions):
    """Point 4."""
    problems = []
    for name, (kind, contract, body) in sorted(functions.items()):
        if not body:
            continue
        missing = []
        if not re.search(r"\bterminates\s+(?:\w+\s*:\s*)?\\true", contract):
            missing.append("`terminates \\true`")
        if not re.search(r"\bexits\s+(?:\w+\s*:\s*)?\\false", contract):
            missing.append("`exits \\false`")
        if not re.search(r"\bassigns\b", contract):
            missing.append("`assigns`")
        if kind != "void" and not re.search(r"\bensures\b[^;]*\\result", contract):
            missing.append("an `ensures` about \\result")
        elif kind == "void" and not re.search(r"\bensures\b", contract):
            missing.append("an `ensures`")
        if missing:
            problems.append(f"function {name}: its contract lacks {', '.join(missing)}")
    return problems


# ---- the run ----

class Run:
    """One run of WP: its goals, smoke tests, warnings and the JSON report."""

    def __init__(self):
        self.goals = {}       # name -> {"by", "seconds", "proved"}
        self.smoke = {}       # name -> passed
        self.trouble = []     # warnings and errors
        self.total = None     # (proved, all) as WP says
        self.report = {}

    def read(self, line):
        match = GOAL.match(line)
        if match:
            name = match["name"]
            if match["kind"] == "Smoke-test":
                self.smoke[name] = match["by"] == "Passed"
            else:
                proved = match["result"] == "Valid" and match["by"] != "Failed"
                seconds = sum(float(n) * {"ms": 0.001, "s": 1, "min": 60}[unit]
                              for n, unit in SECONDS.findall(match["rest"]))
                self.goals[name] = {"by": match["by"], "seconds": seconds, "proved": proved}
            return True
        totals = re.match(r"\[wp\] Proved goals:\s+(\d+) / (\d+)", line)
        if totals:
            self.total = (int(totals[1]), int(totals[2]))
        return False


def run_wp(files, options, provers, smoke, args, cache, session, progress):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "wp.json"
        command = [tool("frama-c"), *options, "-wp", "-wp-rte", "-warn-unsigned-overflow", "-warn-unsigned-downcast",
                   "-warn-signed-downcast", "-wp-check-memory-model", "-wp-prover", ",".join(provers),
                   "-wp-timeout", str(args.timeout), "-wp-par", str(args.jobs), "-wp-session", str(session),
                   "-wp-cache", cache, "-wp-report-json", str(report)]
        if WRAPPING:
            command += ["-wp-no-rte-fct", ",".join(WRAPPING)]
        if smoke:
            command += ["-wp-smoke-tests", "-wp-smoke-timeout", str(SMOKE_TIMEOUT),
                        "-wp-prop=" + ",".join("-@" + kind for kind in KINDS)]
        command += list(map(str, files))
        run = Run()
        log = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
            scheduled = 0
            for line in process.stdout:
                line = line.rstrip("\n")
                log.append(line)
                match = re.match(r"\[wp\] (\d+) goals? scheduled", line)
                if match:
                    scheduled = int(match[1])
                if run.read(line):
                    progress.step(len(run.goals) + len(run.smoke), scheduled)
        progress.done()
        if process.returncode != 0:
            raise Failure("Frama-C failed:\n" + "\n".join(log[-20:]))
        if report.is_file():
            run.report = json.loads(report.read_text())
    run.trouble = troubles(log)
    return run


def troubles(log):
    """Every warning and error, with its text; failed smoke tests are told apart."""
    found = []
    for number, line in enumerate(log):
        if not re.match(r"\[[\w:-]+\]", line) or GOAL.match(line):
            continue
        if re.search(r"\b(Warning|Error|error|Failure|not yet|not implemented|unsupported|skipped|ignored|"
                     r"Missing|missing|hypothes[ie]s)\b", line):
            text = [line]
            while number + 1 < len(log) and log[number + 1].startswith(" "):
                number += 1
                text.append(log[number].strip())
            message = " ".join(text)
            if "Failed smoke-test" not in message and "No goal generated" not in message:
                found.append(message)
    return list(dict.fromkeys(found))


class Progress:
    """A line that moves on a terminal; every tenth elsewhere."""

    def __init__(self, what, quiet):
        self.what, self.quiet, self.told, self.start = what, quiet, 0, time.monotonic()
        self.terminal = sys.stderr.isatty()

    def step(self, done, total):
        if self.quiet or not total:
            return
        done = min(done, total)
        if self.terminal:
            print(f"\r{self.what}: {done}/{total}", end="", file=sys.stderr, flush=True)
        elif done * 10 // total > self.told:
            self.told = done * 10 // total
            print(f"{self.what}: {done}/{total}, {time.monotonic() - self.start:.0f} s", file=sys.stderr, flush=True)

    def done(self):
        if self.terminal and not self.quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


# ---- the verdict ----

def named_goals(path):
    """The goals that may stay open: one a line, a reason after #."""
    names = {}
    if path.is_file():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            name, _, reason = line.partition("#")
            if name.strip():
                if name.strip() in names:
                    raise Failure(f"{shown(path)}:{number}: {name.strip()} is named twice")
                names[name.strip()] = reason.strip()
    return names


def check_goals(run, named):
    """Point 1; the log, WP's own total and the JSON report must tell the same story."""
    problems = []
    still_open = {name for name, goal in run.goals.items() if not goal["proved"]}
    for name in sorted(still_open - set(named)):
        problems.append(f"goal {name} is not proved")
    for name in sorted(set(named) - still_open):
        state = "is proved" if name in run.goals else "does not exist"
        problems.append(f"open-goals.txt names {name}, which {state}")
    proved = len(run.goals) - len(still_open)
    if run.total is None or run.total != (proved, len(run.goals)):
        problems.append(f"goals counted in the log: {proved} of {len(run.goals)}; Frama-C says {run.total}")
    main = run.report.get("wp:global", {}).get("wp:main", {})
    # Goals settled before any prover is asked ("CFG") are not in the JSON report.
    settled = sum(goal["by"] == "CFG" for goal in run.goals.values())
    if (main.get("valid", 0) + settled, main.get("total", 0) + settled) != (proved, len(run.goals)):
        problems.append(f"goals counted in the log: {proved} of {len(run.goals)}; "
                        f"the JSON report has {main.get('valid', 0)} of {main.get('total', 0)} and {settled} trivial ones")
    if not run.goals:
        problems.append("no goal at all: nothing was proved")
    return problems


def owner(goal, functions):
    best = "lemmas" if goal.startswith("lemma_") else ""
    for name in functions:
        if (goal == name or goal.startswith(name + "_")) and len(name) > len(best):
            best = name
    return best or "other"


def make_report(run, smoke, functions, named):
    by_function = collections.defaultdict(list)
    for name in sorted(run.goals):
        by_function[owner(name, functions)].append(name)
    rows = {}
    for function, names in sorted(by_function.items()):
        goals = [run.goals[name] for name in names]
        provers = collections.Counter(re.split(r"[ :]", g["by"])[0] if "counter" not in g["by"] else "Z3-ce"
                                      for g in goals if g["proved"])
        rows[function] = {
            "goals": len(goals), "proved": sum(g["proved"] for g in goals), "provers": dict(sorted(provers.items())),
            "seconds": round(sum(g["seconds"] for g in goals), 1),
            "slowest": round(max(g["seconds"] for g in goals), 1),
            "open": [name for name in names if not run.goals[name]["proved"]],
        }
    return {
        "goals": len(run.goals), "proved": sum(g["proved"] for g in run.goals.values()),
        "smoke_tests": len(smoke.smoke), "smoke_passed": sum(smoke.smoke.values()),
        "functions": sum(body for _, _, body in functions.values()),
        "open": {name: named.get(name, "") for name in sorted(named)}, "by_function": rows,
    }


def table(report):
    lines = ["| function | goals | proved | open |", "|---|---:|---:|---|"]
    for function, row in report["by_function"].items():
        lines.append(f"| `{function}` | {row['goals']} | {row['proved']} | {', '.join(f'`{n}`' for n in row['open'])} |")
    return lines


def summary(report):
    left = report["goals"] - report["proved"]
    return (f"{report['proved']} of {report['goals']} goals proved ({report['functions']} functions; "
            f"{left} open, by name in proofs/open-goals.txt), "
            f"{report['smoke_passed']} of {report['smoke_tests']} smoke tests passed.")


def report_page(report):
    lines = ["# Proof report", "", "Generated by `ci/prove --update`; do not edit.", "", summary(report), "",
             "| function | goals | proved | by | seconds | slowest |", "|---|---:|---:|---|---:|---:|"]
    for function, row in report["by_function"].items():
        by = ", ".join(f"{name} {count}" for name, count in row["provers"].items())
        lines.append(f"| `{function}` | {row['goals']} | {row['proved']} | {by} | {row['seconds']} | {row['slowest']} |")
    if report["open"]:
        lines += ["", "Open goals:", ""] + [f"- `{name}`: {why or 'no reason given'}" for name, why in report["open"].items()]
    return "\n".join(lines) + "\n"


def agreement(committed, report):
    """Point 5: everything but prover names and times must be what was committed."""
    def essence(r):
        return ({k: r.get(k) for k in ("goals", "proved", "smoke_tests", "smoke_passed", "functions", "open")},
                {f: (row["goals"], row["proved"], row["open"]) for f, row in r.get("by_function", {}).items()})
    if essence(committed) == essence(report):
        return []
    old, new = essence(committed)[1], essence(report)[1]
    changed = sorted(f for f in set(old) | set(new) if old.get(f) != new.get(f))
    return [f"proofs/report.json is out of date ({', '.join(changed) or 'totals'}); `ci/prove --update` renews it"]


# ---- the documents ----

BEGIN, END = "<!-- proof:begin -->", "<!-- proof:end -->"


def documents(report):
    """path -> what stands between the markers."""
    return {ROOT / "README.md": summary(report),
            ROOT / "proofs" / "SOUNDNESS.md": "\n".join([summary(report), "", *table(report)])}


def documents_differ(report, write):
    problems = []
    for path, block in documents(report).items():
        text = path.read_text() if path.is_file() else ""
        if BEGIN not in text or END not in text:
            continue
        head, rest = text.split(BEGIN, 1)
        tail = rest.split(END, 1)[1]
        fresh = f"{head}{BEGIN}\n{block}\n{END}{tail}"
        if fresh == text:
            continue
        if write:
            path.write_text(fresh)
        else:
            problems.append(f"{shown(path)} does not say what proofs/report.json says; `ci/prove --write-docs` renews it")
    return problems


# ---- the command ----

def gate(args, files, folder):
    """Everything; returns the report and the list of problems."""
    include = [ROOT / "src", ROOT / "specs"]
    options = ["-cpp-extra-args=" + " ".join(f"-I{folder}" for folder in include)]
    problems = check_sources(files, include)
    program = printed_program(files, options)
    functions = functions_of(program)
    fail(problems + check_functions(functions))
    named = named_goals(args.open_goals)

    session = folder / "session"
    if args.from_zero:
        shutil.copytree(args.session, session, dirs_exist_ok=True, ignore=shutil.ignore_patterns("cache")) \
            if args.session.is_dir() else session.mkdir()
    else:
        session = args.session
    cache = "offline" if args.replay else "update"
    if "WHY3CONFIG" not in os.environ:
        os.environ["WHY3CONFIG"] = str(folder / "why3.conf")
        subprocess.run([tool("why3"), "config", "detect"], capture_output=True, check=False)

    run = run_wp(files, options, PROVERS, False, args, cache, session, Progress("proof", args.quiet))
    smoke = run_wp(files, options, ["z3"], True, args, cache, session, Progress("smoke", args.quiet))
    problems = [f"Frama-C says: {line}" for line in dict.fromkeys(run.trouble + smoke.trouble)]
    problems += check_goals(run, named)
    problems += [f"smoke test {name} failed: a contract, loop or branch is contradictory or dead"
                 for name, passed in sorted(smoke.smoke.items()) if not passed]
    return make_report(run, smoke, functions, named), problems


def arguments():
    parser = argparse.ArgumentParser(prog="ci/prove", description=__doc__.split("\n\n")[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--replay", action="store_true", help="use the committed results only; no prover starts")
    how.add_argument("--update", action="store_true", help="run what changed; renew results, reports and documents")
    how.add_argument("--write-docs", action="store_true", help="write the committed report into README and SOUNDNESS")
    how.add_argument("--check-docs", action="store_true", help="fail when README or SOUNDNESS differ from the report")
    parser.add_argument("--source", type=pathlib.Path, action="append", help="prove this file instead of src/core (tests)")
    parser.add_argument("--open-goals", type=pathlib.Path, default=ROOT / "proofs" / "open-goals.txt")
    parser.add_argument("--session", type=pathlib.Path, default=ROOT / "proofs" / "session")
    parser.add_argument("--jobs", type=int, default=2, help="provers at a time (default 2)")
    parser.add_argument("--timeout", type=int, default=TIMEOUT, help="seconds a goal and prover (default %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    args = parser.parse_args()
    args.from_zero = not (args.replay or args.update)
    return args


def main():
    args = arguments()
    start = time.monotonic()
    report_path = ROOT / "proofs" / "report.json"
    if args.write_docs or args.check_docs:
        fail(documents_differ(json.loads(report_path.read_text()), args.write_docs))
        return
    for name in ("frama-c", "why3", "z3", "cvc4"):
        tool(name)
    own_core = not args.source
    files = listed_files(ROOT / "src" / "core") if own_core else args.source
    with tempfile.TemporaryDirectory() as folder:
        report, problems = gate(args, files, pathlib.Path(folder))
    if own_core and args.update and not problems:
        report_path.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
        report_path.with_suffix(".md").write_text(report_page(report))
        documents_differ(report, True)
    elif own_core and report_path.is_file():
        committed = json.loads(report_path.read_text())
        problems += agreement(committed, report) + documents_differ(committed, False)
    elif own_core:
        problems.append("there is no proofs/report.json; `ci/prove --update` writes it")
    print(summary(report))
    print(f"ci/prove: {time.monotonic() - start:.0f} s")
    fail(problems)
    print("ci/prove: closed goals and open ones are exactly as stated")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit("ci/prove: FAILED\n" + str(failure))
