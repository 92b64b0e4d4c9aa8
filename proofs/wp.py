"""One run of Frama-C/WP: its command line, and its log as goals, smoke tests
and trouble.
"""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

# Asked in this order, each for the seconds a goal may take. What is hard for one is often easy for another, so most of
# the time goes to provers that fail first: a hint names the one that is to begin.
PROVERS = ["script", "z3", "cvc4", "z3-ce"]
# Without hints they race, three processes a goal; the first answer ends the others.
RACERS = "3"
# A smoke test ends by Z3's own count, not by the clock, so that its answer does not depend on the machine: of the goals
# that Z3 proves, 19 in 20 take fewer steps. The seconds only bound what never counts.
SMOKE_STEPS = 400000
SMOKE_TIMEOUT = 10
OPTIONS = ["-wp", "-wp-rte", "-warn-unsigned-overflow", "-warn-unsigned-downcast", "-warn-signed-downcast",
           "-wp-check-memory-model"]
# How Frama-C prepares goals. Two simplifications take most of its time, and most goals do without them: a function is
# proved when all its goals are, one way or the other.
WAYS = {"plain": ["-wp-no-pruning", "-wp-no-ground"], "simplified": []}
# Every kind of property but smoke tests, which have no name of their own.
KINDS = ["lemma", "requires", "assigns", "ensures", "exits", "assert", "invariant", "variant", "breaks", "continues",
         "returns", "complete_behaviors", "disjoint_behaviors", "terminates", "decreases", "check"]

GOAL = re.compile(r"^\[wp\] \[(?P<by>[^\]]+)\] (?P<kind>Goal|Smoke-test) (?:typed_\w*?ref_|typed_)?(?P<name>\w+)"
                  r"(?: \(\w+\))?(?: : (?P<result>\w+))?(?P<rest>.*)$")
SECONDS = re.compile(r"\((?:Qed:)?([0-9.]+)(ms|s|min)\)")
TROUBLE = re.compile(r"\b(Warning|Error|error|Failure|not yet|not implemented|unsupported|skipped|ignored|"
                     r"Missing|missing|hypothes[ie]s)\b")


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


def settings(timeout):
    """What a result depends on besides the text: the tools' versions and how they are asked."""
    return " ".join([*versions(), *OPTIONS, *WAYS["plain"], *PROVERS, str(timeout), str(SMOKE_TIMEOUT), str(SMOKE_STEPS)])


def versions():
    """The tools, as they name themselves: a proof is of one set of versions."""
    def says(*command):
        return subprocess.run([tool(command[0]), *command[1:]], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    return [says("frama-c", "-version"), says("why3", "--version"), says("z3", "--version"), says("cvc4", "--version")]


@dataclasses.dataclass(frozen=True)
class How:
    """How provers are asked: seconds a goal and prover, WP's session folder, whether they race, and whether WP looks
    for earlier answers and keeps new ones (which costs it a third of its time)."""
    timeout: int
    session: pathlib.Path
    race: bool
    cache: bool


class Run:
    """The goals and smoke tests of one run of WP, and its own counts."""

    def __init__(self):
        self.goals = {}       # name -> {"by", "seconds", "proved"}
        self.smoke = {}       # name -> passed
        self.trouble = []     # warnings and errors
        self.total = None     # (proved, all) as WP says
        self.report = {}      # WP's JSON report

    def read(self, line):
        match = GOAL.match(line)
        if match and match["kind"] == "Smoke-test":
            self.smoke[match["name"]] = match["by"] == "Passed"
        elif match:
            seconds = sum(float(n) * {"ms": 0.001, "s": 1, "min": 60}[unit] for n, unit in SECONDS.findall(match["rest"]))
            self.goals[match["name"]] = {"by": match["by"], "seconds": seconds,
                                         "proved": match["result"] == "Valid" and match["by"] != "Failed"}
        totals = re.match(r"\[wp\] Proved goals:\s+(\d+) / (\d+)", line)
        if totals:
            self.total = (int(totals[1]), int(totals[2]))

    def smoke_by_function(self):
        """function -> {smoke test: passed}. A test is named after the function it calls, if it is about a call: the
        JSON report knows whose it is."""
        return {function: {name: self.smoke[name] for name in names if name in self.smoke}
                for function, names in self.report.get("wp:functions", {}).items()}

    def miscounted(self):
        """The log, WP's own total and the JSON report must tell the same story."""
        problems = []
        proved = sum(goal["proved"] for goal in self.goals.values())
        if self.total != (proved, len(self.goals)):
            problems.append(f"goals counted in the log: {proved} of {len(self.goals)}; Frama-C says {self.total}")
        main = self.report.get("wp:global", {}).get("wp:main", {})
        # Goals settled before any prover is asked ("CFG") are not in the JSON report.
        settled = sum(goal["by"] == "CFG" for goal in self.goals.values())
        if (main.get("valid", 0) + settled, main.get("total", 0) + settled) != (proved, len(self.goals)):
            problems.append(f"goals counted in the log: {proved} of {len(self.goals)}; the JSON report has "
                            f"{main.get('valid', 0)} of {main.get('total', 0)} and {settled} trivial ones")
        return problems


def troubles(log):
    """Every warning and error, with its text; failed smoke tests are told apart."""
    found = []
    for number, line in enumerate(log):
        if not re.match(r"\[[\w:-]+\]", line) or GOAL.match(line) or not TROUBLE.search(line):
            continue
        text = [line]
        while number + 1 < len(log) and log[number + 1].startswith(" "):
            number += 1
            text.append(log[number].strip())
        message = " ".join(text)
        if "Failed smoke-test" not in message and "No goal generated" not in message:
            found.append(message)
    return list(dict.fromkeys(found))


def hints_of(goals):
    """What there is to learn from a race: prover -> goals, where another than the usual first one won."""
    hints = {}
    for name, goal in sorted(goals.items()):
        prover = label(goal["by"]).lower()
        if goal["proved"] and prover in PROVERS[2:]:
            hints.setdefault(prover, []).append(name)
    return hints


def leave_hints(session, hints):
    """Puts hints where WP looks for scripts. A script that names a prover has WP ask that one first; it does not make
    WP believe anything, and the others follow when it fails."""
    folder = session / "script"
    folder.mkdir(parents=True, exist_ok=True)
    for prover, goals in hints.items():
        text = json.dumps([{"prover": prover, "verdict": "valid", "time": 1.0, "steps": 1}])
        for goal in goals:
            fresh = folder / f"{goal}.{os.getpid()}"
            fresh.write_text(text)
            fresh.replace(folder / f"{goal}.json")


def label(by):
    """A prover's name in the log, without its version."""
    return "Z3-ce" if "counter" in by else re.split(r"[ :]", by)[0]


def command_line(file, what, smoke, way, cpp, how, report):
    """How WP is called to prove `what` (options that select functions or lemmas) of one file, or for its smoke tests."""
    command = [tool("frama-c"), *cpp, *OPTIONS, *WAYS[way], "-wp-prover", "z3" if smoke else ",".join(PROVERS),
               "-wp-timeout", str(how.timeout), "-wp-par", RACERS if how.race and not smoke else "1",
               "-wp-session", str(how.session), "-wp-cache", "update" if how.cache else "none", "-wp-report-json", str(report), *what]
    if smoke:
        command += ["-wp-smoke-tests", "-wp-smoke-timeout", str(SMOKE_TIMEOUT), "-wp-steps", str(SMOKE_STEPS),
                    "-wp-prop=" + ",".join("-@" + kind for kind in KINDS)]
    return [*command, str(file)]


def run_wp(file, what, smoke, way, cpp, how, root):
    """Proves `what` of one file, or runs its smoke tests."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "wp.json"
        # Some models that Z3 prints send Why3's reader into recursion without end, and Frama-C stops. Asked in turn, the
        # prover that prints models comes last, or where it is known to succeed.
        for asked in (how, dataclasses.replace(how, race=False)) if how.race else (how,):
            command = command_line(file, what, smoke, way, cpp, asked, report)
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=root, check=False)
            if result.returncode == 0:
                break
        log = result.stdout.splitlines()
        if result.returncode != 0:
            raise Failure("Frama-C failed:\n" + "\n".join(log[-20:]))
        run = Run()
        for line in log:
            run.read(line)
        if report.is_file():
            run.report = json.loads(report.read_text()) or {}  # "null" when there is nothing to prove
    run.trouble = troubles(log)
    return run
