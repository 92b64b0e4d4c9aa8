"""The layer `suites`: mutants of src/runtime and src/profile. Does a suite
notice the wrong heap, and is a rule named that the mutant breaks?

A mutant is judged like any implementation. The traces whose record it
contradicts are found first; for each of them what it observes is written as a
log, which the unchanged program judges. So the argument is made from a right
heap, and the rule is the one that an implementation with this error is told.
"""
import collections
import concurrent.futures
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mutants
from ctext import ROOT
from layers import copy_tree, run_limited
from mutants import Wrong

sys.path.insert(0, str(ROOT / "tests" / "unit" / "rules"))
import rules as specification  # noqa: E402  (which traces are evidence for a rule)

LAYER = "suites"
HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
TABLE = HERE / "README.md"
SUITES = [ROOT / "tests" / "traces" / name for name in ("seed", "cpython", "rules")]
SHOWN = 4  # traces in one cell of the table


def all_mutants():
    """name -> Mutant."""
    return {mutant.name: mutant for mutant in mutants.written(LAYER)}


# ---- the program ----

class Programs:
    """refheap as it is, built once, and with one mutant: of that only what reads the changed file is compiled."""

    FLAGS = ["-std=c17", "-O2", '-DRH_VERSION="mutant"']

    def __init__(self, folder):
        self.folder, self.source, self.objects = folder, folder / "src", folder / "objects"
        copy_tree(folder, ["src"])
        self.objects.mkdir()
        self.units = sorted(path.relative_to(self.source) for path in self.source.rglob("*.c"))
        found = subprocess.run(["pkg-config", "--libs", "jansson"], check=True, stdout=subprocess.PIPE, text=True)
        self.libraries = found.stdout.split()
        for unit in self.units:
            self.compile(self.source / unit, self.object_of(unit))
        self.unchanged = folder / "refheap"
        self.link(self.unchanged, {})

    def object_of(self, unit):
        return self.objects / (str(unit).replace("/", "_") + ".o")

    def compile(self, path, to, first=None):
        """`first`: a folder whose files stand in for those of the tree."""
        folders = [f"-I{first}"] if first else []
        built = subprocess.run(["gcc", *self.FLAGS, *folders, f"-I{self.source}", "-c", str(path), "-o", str(to)],
                               capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise Wrong(f"{path.name} does not compile:\n{built.stderr}")

    def link(self, program, changed):
        objects = [str(changed.get(unit, self.object_of(unit))) for unit in self.units]
        subprocess.run(["gcc", *objects, *self.libraries, "-lm", "-o", str(program)], check=True)

    def mutated(self, mutant, folder):
        """The program with the mutant. What a table of profiles says is read by one file alone."""
        place = mutant.path.relative_to(ROOT / "src")
        unit = place if place.suffix == ".c" else Path("profile/profile.c")
        changed, program = folder / "src" / place, folder / "refheap"
        changed.parent.mkdir(parents=True)
        changed.write_text(mutant.text)
        self.compile(changed if place.suffix == ".c" else self.source / unit, folder / "unit.o", folder / "src")
        self.link(program, {unit: folder / "unit.o"})
        return program


# ---- judging ----

def versions_of(mutant):
    """The releases that the rows of a changed table name, before and after."""
    rows = re.findall(r"SINCE\((\d+), (\d+), (\d+)", " ".join(mutant.change))
    return sorted({"cpython-" + ".".join(row) for row in rows})


class Suites:
    """Asks about mutants one by one: first the traces that are evidence for the rules it breaks, and if these do not suffice
    all."""

    LIMIT = 300  # seconds for one program and all suites

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="mutants-")
        self.folder = Path(self.temporary.name)
        self.programs = Programs(self.folder)
        rules, _ = specification.read_rules(specification.SPEC.read_text(encoding="utf-8"))
        cases, named = specification.read_traces(specification.TRACES)
        self.evidence = specification.evidence(rules, cases, named)
        self.asked = {}
        if not self.reports(self.programs.unchanged, SUITES) or self.diverging(self.programs.unchanged, SUITES):
            raise Wrong("the suites are not in order without any change; `refheap check` says more")

    def reports(self, program, traces, profile=None):
        """What `refheap check` reports, also if it dies of a trace."""
        under = ["--profile", profile] if profile else []
        command = [str(program), "check", "--engine", "runtime", "--format", "json", *under, *map(str, traces)]
        status, output = run_limited(command, self.LIMIT)
        if status is None:
            raise Wrong(f"`{' '.join(command[1:])}` does not end within {self.LIMIT} s")
        lines = (line for line in output.splitlines() if line.startswith("{") and line.endswith("}"))
        return [report for report in map(json.loads, lines) if report["type"] == "trace"]

    def diverging(self, program, traces, profile=None):
        """file -> report of each trace whose record the program contradicts."""
        return {report["file"]: report for report in self.reports(program, traces, profile) if report["verdict"] == "diverges"}

    def noticed(self, mutant, program, traces):
        """The same; where a boundary between versions has moved, also under the versions that the change is about."""
        found = self.diverging(program, traces)
        for profile in versions_of(mutant):
            if (profile, *traces) not in self.asked:
                self.asked[profile, *traces] = set(self.diverging(self.programs.unchanged, traces, profile))
            always = self.asked[profile, *traces]
            also = self.diverging(program, traces, profile)
            found.update((file, report) for file, report in also.items() if file not in always)
        return found

    def write_log(self, program, trace, profile, to):
        """What the program observes, as a trace that is judged under that profile."""
        _, output = run_limited([str(program), "run", "--profile", profile, trace], self.LIMIT)
        to.write_text("".join(f"{line}\n" for line in output.splitlines() if not line.startswith("%applies")))

    def judged(self, mutant, program, traces, folder):
        """The reports of the unchanged program on what the mutant observes where it is noticed. Whether a text is in the
        error output is decided by what the record asks, which a log does not have: then the mutant's report stands."""
        logs, noticed = folder / "logs", self.noticed(mutant, program, traces)
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir()
        for file, report in noticed.items():
            self.write_log(program, file, report["profile"], logs / Path(file).name)
        told = self.diverging(self.programs.unchanged, [logs]) if noticed else {}
        return {Path(file).stem: told.get(str(logs / Path(file).name), report) for file, report in noticed.items()}

    def named(self, mutant, program, traces, folder):
        """rule -> names of the traces whose divergence names it."""
        found = collections.defaultdict(list)
        for name, report in self.judged(mutant, program, traces, folder).items():
            found[report["rule"]].append(name)
        return {rule: sorted(names) for rule, names in sorted(found.items())}

    def own_traces(self, mutant):
        files = set().union(*(self.evidence.get(rule, set()) for rule in mutant.rules))
        return sorted(file for file in files if any(suite in file.parents for suite in SUITES))

    def __call__(self, mutant):
        with tempfile.TemporaryDirectory(prefix="mutant-", dir=self.folder) as folder:
            program = self.programs.mutated(mutant, Path(folder))
            named = self.named(mutant, program, self.own_traces(mutant), Path(folder))
            if not set(mutant.rules) & set(named):
                named = self.named(mutant, program, SUITES, Path(folder))
        verdict = "killed" if set(mutant.rules) & set(named) else "misnamed" if named else "survived"
        return {"verdict": verdict, "named": named}


def shown(names):
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def tell(mutant, result):
    """One line: the verdict, the rules it breaks, and what was named where."""
    named = "; ".join(f"{rule} ({shown(names)})" for rule, names in result["named"].items())
    return f"{mutant.name}: {result['verdict']}: breaks {', '.join(mutant.rules)}; named: {named or 'nothing'}"


def complaints(mutant, verdict):
    """Every mutant is killed, but for those that are noticed under another rule, whose gap is written down."""
    if verdict == "killed":
        return [f"{mutant.name} is killed and needs no gap any more"] if mutant.gap else []
    if verdict == "misnamed" and mutant.gap:
        return []
    return [f"{mutant.name}: {verdict}; it breaks {', '.join(mutant.rules)}; `ci/mutants --layer suites --only {mutant.name}` asks"]


def run(chosen, jobs, keep):
    """Asks about each mutant, keep(name, result) after each; what is not as it should be, as complaints."""
    judge, problems = Suites(), []

    def work(mutant):
        try:
            return mutant, judge(mutant)
        except Wrong as wrong:
            return mutant, wrong

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for mutant, result in pool.map(work, chosen):
            if isinstance(result, Wrong):
                problems.append(f"{mutant.name}: {result}")
                continue
            keep(mutant.name, result)
            print(tell(mutant, result), flush=True)
            problems += complaints(mutant, result["verdict"])
    return problems


# ---- results and their table ----

def read_results():
    return json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}


def write_results(results):
    lines = [f" {json.dumps(name)}: {json.dumps(results[name])}" for name in all_mutants() if name in results]
    RESULTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    TABLE.write_text(table(results))


def row(mutant, result):
    before, after = (text.replace("|", "\\|") for text in mutant.change)
    kind = f"{mutant.kind} ({mutant.source})" if mutant.source else mutant.kind
    named = sorted(result.get("named", {}).items(), key=lambda item: item[0] not in mutant.rules)
    named = "; ".join(f"**{rule}**: {shown(names)}" if rule in mutant.rules else f"{rule}: {len(names)}" for rule, names in named)
    named += f". Gap: {mutant.gap}" if mutant.gap else ""
    return (f"| `{mutant.name}` | {kind} | `{mutant.path.name}`: {mutants.code(before)} → {mutants.code(after)} | {', '.join(mutant.rules)} "
            f"| {result.get('verdict', 'not asked')} | {named} |")


def table(results):
    """README.md: what was changed, which rules that breaks, and which were named."""
    found = all_mutants().values()
    counts = collections.Counter(results.get(m.name, {}).get("verdict", "not asked") for m in found)
    lines = ["# Mutants of the runtime and of the profiles", "",
             "Generated by `ci/mutants --layer suites`; do not edit. A mutant is killed when a trace of the suites diverges",
             "and a rule is named that it breaks. The traces that are evidence for these rules are asked first, the others if",
             "they do not suffice; with other rules stands how many traces name them. A misnamed one is noticed, and its gap",
             "says what the argument does not see.", "",
             f"{len(found)} mutants: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) + ".", ""]
    for file in sorted({m.path for m in found}):
        lines += [f"## {file.relative_to(ROOT / 'src')}", "", "| mutant | kind | change | breaks | verdict | named |",
                  "|---|---|---|---|---|---|"]
        lines += [row(m, results.get(m.name, {})) for m in found if m.path == file] + [""]
    return "\n".join(lines)


# ---- commands ----

def ask(chosen, jobs):
    """Asks, stores the results and writes the table; the mutants that were not killed, as complaints."""
    results = read_results()
    try:
        return run(chosen, jobs, results.__setitem__)
    finally:
        write_results(results)


def verify(chosen, jobs):
    """Asks again; nothing is stored."""
    return run(chosen, jobs, lambda name, result: None)


def write_table():
    TABLE.write_text(table(read_results()))


def check():
    """Do mutants, results and table agree, and do the rules exist?"""
    by_name, results = all_mutants(), read_results()
    rules, _ = specification.read_rules(specification.SPEC.read_text(encoding="utf-8"))
    problems = [f"results.json has {name}, which is no mutant" for name in sorted(set(results) - set(by_name))]
    for name, mutant in by_name.items():
        problems += [f"{name}: there is no rule {rule}" for rule in mutant.rules if rule not in rules]
        problems += complaints(mutant, results.get(name, {}).get("verdict", "not asked"))
    if not TABLE.is_file() or TABLE.read_text() != table(results):
        problems.append("tests/mutants/suites/README.md does not say what results.json says; `ci/mutants --table` renews it")
    return problems
