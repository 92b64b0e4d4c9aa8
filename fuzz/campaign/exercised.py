"""The harness checks itself: what of the language, the rules and the verdicts the committed corpus never exercises, and which
branches of the harnesses never run. What there is, the tables in src say; exceptions are in fuzz/unreached.txt.

An operation is exercised if it was carried out, not skipped; its kind, if it made an object; an observation, if it was
predicted; a rule, if it explains an observation or a piece of evidence cites it; a verdict, if a trace of a suite got it.
"""
import os
import re
import subprocess

import common
import coverage
import unreached

NOT_DONE = ("SKIP", "UNSUPPORTED", "UNKNOWN")  # observations of operations that were not carried out
OBSERVATIONS = ("src/oracle/observe.h", "rh_observation_class")
MUTATOR_TESTS = ("test_unit_fuzz_mutator", "test_unit_fuzz_afl")
SUITES = [str(common.ROOT / "tests" / "traces" / folder) for folder in ("cpython", "rules", "seed", "blocks")]


# ---- what there is ----

def enumerators(header, name):
    """The values of an enum in their order, without their common beginning; the last may be their number."""
    text = re.sub(r"/\*.*?\*/", "", (common.ROOT / header).read_text(), flags=re.S)
    body = re.search(rf"enum {name} {{(.*?)}}", text, re.S)[1]
    values = re.findall(r"\bRH_[A-Z_]+", body)
    start = os.path.commonprefix(values[:-1])
    return [value[len(start):] for value in values if value.startswith(start) and value[len(start):]]


def spellings(table, macro, column):
    """A column of the rows MACRO(a, "b", ...) of a table."""
    return [row[column].strip('"') for row in
            re.findall(rf'^{macro}\((\w+|"[^"]*"), ("[^"]*")', (common.ROOT / table).read_text(), re.M)]


def words():
    """{kind of word: [word]}"""
    return {"operation": spellings("src/trace/ops.def", "OP", 1), "kind": spellings("src/trace/kinds.def", "KIND", 1),
            "observation": enumerators(*OBSERVATIONS),
            "rule": spellings("src/rules/rules.def", "RULE", 0),
            "verdict": [value.lower() for value in enumerators("src/oracle/verdict.h", "rh_verdict")]}


# ---- what is exercised ----

def printed(build, name, paths):
    """What a target says it does with inputs."""
    done = subprocess.run(common.polite([str(build.program(name)), *map(str, paths)]), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False,
                          env={**os.environ, "RH_FUZZ_PRINT": "1", "LLVM_PROFILE_FILE": "/dev/null"})
    if done.returncode != 0:
        raise common.Missing(f"{name}: an input fails; `ci/fuzz --regress` says how")
    return done.stdout.decode(errors="replace")


def read_explanations(text, observations):
    """The words in what target `explain` prints: a line with the operation, a line with rule, class, observation, sentence."""
    met = {"operation": set(), "kind": set(), "observation": set(), "rule": set(re.findall(r"^  ([A-Z]+-\d+): ", text, re.M))}
    for operation, rule, number in re.findall(r"^(\S.*)\n  ([A-Z]+-\d+) (\d+) ", text, re.M):
        name = observations[int(number)]
        met["rule"].add(rule)
        met["observation"].add(name)
        if name not in NOT_DONE:
            done = operation.removeprefix("try ").split()
            met["operation"].update({operation.split()[0], done[0]})
            if done[0] == "new":
                met["kind"].add(done[2])
    return met


def read_verdicts(text, _observations):
    """The words in what target `suite` prints: a line for each verdict that a report counts."""
    return {"verdict": set(re.findall(r"^  ([a-z]+): \d+$", text, re.M))}


READERS = {"explain": read_explanations, "suite": read_verdicts}  # targets that say what they exercise


def words_of(build, name, path):
    """The words that one input exercises, with their kinds; none for most targets."""
    if name not in READERS:
        return frozenset()
    met = READERS[name](printed(build, name, [path]), enumerators(*OBSERVATIONS))
    return frozenset((sort, word) for sort, found in met.items() for word in found)


def exercised(build):
    """{kind of word: {word}} of the committed corpus"""
    met = {}
    for name, read in READERS.items():
        met.update(read(printed(build, name, common.committed(name)), enumerators(*OBSERVATIONS)))
    return met


def check_words(all_words, met, exceptions, say):
    """True if what is not met is what the exceptions say, which have no words that there are not."""
    good = True
    for sort, known in all_words.items():
        excused = exceptions.get(sort, {})
        for word in known:
            if word not in met[sort] and word not in excused:
                say(f"{sort} {word}: no input of fuzz/corpus exercises it, and {common.shown(unreached.LIST)} does not say why")
                good = False
        for word, line in excused.items():
            if word in met[sort] or word not in known:
                say(f"{common.shown(unreached.LIST)}:{line}:1: {sort} {word} is {'exercised' if word in known else 'unknown'}; "
                    "take it off the list")
                good = False
        say(f"{sort}: {len(met[sort] & set(known))} of {len(known)} exercised")
    return good


# ---- the harnesses ----

def helpers(build, work):
    """Coverage of what goes with the targets: mutators, by their tests; seeds, dictionaries and drivers, by a call each."""
    seeds, tests = work / "seeds", build.folder / "tests" / "unit" / "fuzz"
    seeds.mkdir(parents=True, exist_ok=True)
    calls = [(tests / test, []) for test in MUTATOR_TESTS]
    calls += [(build.folder / "fuzz" / "make_seeds", [form, seeds, *SUITES]) for form in ("trace+1", "text", "records+2")]
    calls += [(build.folder / "fuzz" / "make_dictionary", [form, work / "words.dict"]) for form in ("trace+1", "text")]
    calls += [(build.program("trace_text"), [200, 1, SUITES[0]]), (build.program("blocks"), [20, 1])]
    covered = []
    for i, (program, arguments) in enumerate(calls):
        common.run_logged([program, *arguments], work / "log", env={**os.environ, "LLVM_PROFILE_FILE": str(work / f"{i}.profraw")})
        covered.append(coverage.read_profiles(program, work))
    return coverage.united(covered)


def run(jobs, say):
    """ci/fuzz --self-check: exit code 0 or 1."""
    files = unreached.measure(jobs, say)
    build = common.Build(unreached.PRESET, jobs)
    build.make(*MUTATOR_TESTS, "make_seeds", "make_dictionary")
    work = build.folder / "committed" / "helpers"
    work.mkdir(parents=True, exist_ok=True)
    files = coverage.united([files, helpers(build, work)])
    _, exceptions = unreached.read_list(unreached.LIST.read_text())
    good = check_words(words(), exercised(build), exceptions, say)
    return 0 if unreached.check(("fuzz",), files, say) and good else 1
