"""Which lines and branches of src a corpus reaches, by clang's source coverage; and which operations its inputs do.

A line or a condition is what is written once in the sources, however often the compiler makes it: for the shipped capacities
and the shrunken ones, in each file that includes a header, at each use of a macro. It is reached if one of these is.
Conditions that the compiler decides are none, and llvm-cov leaves them out. So are those of judges, which go the other way
only when a bug is found: what a macro of fuzz/ demands (REQUIRE), and what only RH_CHECKS compiles, the walks of the heap,
which no shipped program has. Annotations are comments, though llvm-cov counts the lines of those inside a function.
"""
import collections
import json
import os
import re
import shutil
import subprocess

import common
import triage

LAYERS = ("src/core", "src/runtime", "src/trace", "src/oracle")
CHUNK = 64  # inputs a process; a process that fails takes its profile along
OPERATION_FILES = 400


def tool(name):
    """A tool of the compiler's version: clang 14's profiles are read by llvm 14."""
    for candidate in (f"{name}-14", name):
        if shutil.which(candidate):
            return candidate
    raise common.Missing(f"{name}-14: not found; `ci/setup test` installs it")


def measure(build, target, folders, work):
    """Runs the target on all files of the folders; returns what it covers, and the files whose run failed."""
    for old in work.glob("*.profraw"):
        old.unlink()
    files = [path for folder in folders for path in common.files_in(folder)]
    failed = []

    def replay(paths, name):
        environment = {**os.environ, "LLVM_PROFILE_FILE": str(work / f"{name}.profraw")}
        return subprocess.run(common.polite([str(build.program(target.name)), *map(str, paths)]), env=environment, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    for at in range(0, len(files), CHUNK):
        if not replay(files[at:at + CHUNK], f"chunk-{at}"):
            failed += [path for i, path in enumerate(files[at:at + CHUNK]) if not replay([path], f"chunk-{at}-{i}")]
    return read_profiles(build.program(target.name), work), failed


def read_profiles(program, work):
    """What the profiles in a folder cover of a program: {file: ({line: runs}, {branch: times taken})}. Takes them away."""
    profiles = [path for path in work.glob("*.profraw") if path.stat().st_size]
    if not profiles:
        return {}
    profile = work / "corpus.profdata"
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", *map(str, profiles), "-o", str(profile)], check=True)
    for path in profiles:
        path.unlink()

    def export(form):
        return subprocess.run([tool("llvm-cov"), "export", f"-format={form}", str(program), f"-instr-profile={profile}"],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    files = parse(export("lcov"), json.loads(export("text")), common.ROOT)
    texts = {name: (common.ROOT / name).read_text() for name in files}
    return {name: without(judging(texts[name]) | annotations(texts[name]), data) for name, data in files.items()}


def judging(text):
    """The numbers of the lines of a source that only RH_CHECKS compiles."""
    found, depth = set(), 0
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"#\s*if", line) and (depth or line.split()[1:] == ["RH_CHECKS"]):
            depth += 1
        elif depth and re.match(r"#\s*endif", line):
            depth -= 1
        elif depth:
            found.add(number)
    return found


def annotations(text):
    """The numbers of the lines of a source that are ACSL and nothing else."""
    found, inside = set(), False
    for number, line in enumerate(text.splitlines(), 1):
        inside = inside or line.lstrip().startswith("/*@")
        if inside or line.lstrip().startswith("//@"):
            found.add(number)
        inside = inside and "*/" not in line
    return found


def without(numbers, data):
    """What is covered of a file but for these lines."""
    lines, branches = data
    return ({line: runs for line, runs in lines.items() if line not in numbers},
            {place: times for place, times in branches.items() if place[0] not in numbers})


def parse(lcov, exported, root):
    """Lines as lcov has them; branches, each side by itself, by where their condition is written."""
    files, lines = {}, {}

    def relative(path):
        return os.path.relpath(path, root) if os.path.isabs(path) else path

    for row in lcov.splitlines():
        if row.startswith("SF:"):
            lines, _ = files.setdefault(relative(row[3:]), ({}, {}))
        elif row.startswith("DA:"):
            line, runs = row[3:].split(",")[:2]
            lines[int(line)] = max(int(runs), lines.get(int(line), 0))
    for file in exported["data"][0]["files"]:
        name = relative(file["filename"])
        found = [(relative(use["filenames"][branch[6]]), branch) for use in file["expansions"] for branch in use["branches"]]
        found = [(written, branch) for written, branch in found if not written.startswith("fuzz/")]
        found += [(name, branch) for branch in file["branches"]]
        for written, (line, column, _, _, taken, not_taken, *_) in found:
            _, branches = files.setdefault(written, ({}, {}))
            for side, times in ((True, taken), (False, not_taken)):
                branches[(line, column, side)] = max(times, branches.get((line, column, side), 0))
    return {name: data for name, data in files.items() if name.startswith(("src/", "fuzz/"))}


def united(coverages):
    """A line counts as reached if any target reaches it."""
    files = {}
    for coverage in coverages:
        for name, (lines, branches) in coverage.items():
            all_lines, all_branches = files.setdefault(name, ({}, {}))
            for mine, theirs in ((all_lines, lines), (all_branches, branches)):
                for key, count in theirs.items():
                    mine[key] = max(count, mine.get(key, 0))
    return files


def ratio(counts):
    return {"reached": sum(count > 0 for count in counts), "all": len(counts)}


def summed(files, folder):
    chosen = [data for name, data in files.items() if name.startswith(folder + "/")]
    return {"lines": ratio([count for lines, _ in chosen for count in lines.values()]),
            "branches": ratio([count for _, branches in chosen for count in branches.values()])}


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3, 7"."""
    groups = []
    for number in sorted(set(numbers)):
        if groups and number == groups[-1][1] + 1:
            groups[-1][1] = number
        else:
            groups.append([number, number])
    return ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in groups)


def missed(files):
    """{file: {lines, branches}} of what nobody reached in LAYERS: lines, and lines with a branch that went one way."""
    found = {}
    for name, (lines, branches) in sorted(files.items()):
        if not name.startswith(tuple(layer + "/" for layer in LAYERS)):
            continue
        not_run = [line for line, runs in lines.items() if runs == 0]
        half = {line for (line, *_), taken in branches.items() if taken == 0 and lines.get(line, 1) > 0}
        if not_run or half:
            found[name] = {"lines": ranges(not_run), "branches": ranges(half)}
    return found


def of_corpus(build, targets, folders_of, work, say):
    """Coverage of all targets together. folders_of(target): where its inputs are."""
    coverages, failed = [], []
    for target in targets:
        say(f"coverage: {target.name}")
        folder = work / target.name / "profile"
        folder.mkdir(parents=True, exist_ok=True)
        coverage, failures = measure(build, target, folders_of(target), folder)
        coverages.append(coverage)
        failed += map(common.shown, failures)
    files = united(coverages)
    per_target = {target.name: {layer: summed(coverage, layer) for layer in LAYERS} for target, coverage in zip(targets, coverages)}
    return {"layers": {layer: summed(files, layer) for layer in LAYERS}, "targets": per_target, "missed": missed(files),
            "failed": failed}


# ---- conditions ----

def conditions(targets, folders_of, say):
    """MC/DC of the layers, which clang 19 measures and older ones do not: per layer, and what is needed if nothing is."""
    if not (shutil.which("clang-19") and shutil.which("llvm-cov-19") and shutil.which("llvm-profdata-19")):
        return {"needs": "clang-19 and llvm-19"}
    folder = common.ROOT / "build" / "fuzz-mcdc"
    common.run_logged(["cmake", "-G", "Ninja", "-S", common.ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Debug", "-DRH_COVERAGE=ON",
                       "-DRH_TESTS=OFF", "-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_C_FLAGS=-fcoverage-mcdc"], folder / "configure.log")
    common.run_logged(["cmake", "--build", folder, "-j", "1", "--target", *(f"{t.name}_fuzzer" for t in targets)],
                      folder / "build.log")
    best = collections.defaultdict(dict)
    for target in targets:
        say(f"MC/DC: {target.name}")
        program, files = folder / "fuzz" / f"{target.name}_fuzzer", [p for f in folders_of(target) for p in common.files_in(f)]
        if not files:
            continue
        raw, data = folder / "one.profraw", folder / "one.profdata"
        subprocess.run([program, *files], env={**os.environ, "LLVM_PROFILE_FILE": str(raw)}, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["llvm-profdata-19", "merge", "-sparse", raw, "-o", data], check=True)
        exported = subprocess.run(["llvm-cov-19", "export", "-summary-only", program, f"-instr-profile={data}"], check=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for file in json.loads(exported)["data"][0]["files"]:
            name, mcdc = os.path.relpath(file["filename"], common.ROOT), file["summary"].get("mcdc", {"count": 0, "covered": 0})
            if mcdc["covered"] >= best[name].get("reached", -1):
                best[name] = {"reached": mcdc["covered"], "all": mcdc["count"]}
    return {layer: {key: sum(value[key] for name, value in best.items() if name.startswith(layer + "/"))
                    for key in ("reached", "all")} for layer in LAYERS}


# ---- operations ----

def operations(replay, targets, folders_of):
    """{target: {operation: how often}}: what the inputs do, as their readable form says. Files are drawn evenly."""
    done = {}
    for target in targets:
        files = [path for folder in folders_of(target) for path in common.files_in(folder)]
        counts = collections.Counter()
        for path in files[::max(1, len(files) // OPERATION_FILES)]:
            text = triage.readable(path.read_bytes(), target, replay)
            if target.trace == "-":
                counts.update(triage.PRINTED.findall(text))
            else:
                counts.update(re.findall(r"^\s*([a-z_]+)\b(?!:)", text, re.M))
        done[target.name] = dict(counts.most_common())
    return done
