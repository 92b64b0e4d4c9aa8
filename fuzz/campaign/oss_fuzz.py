"""`ci/fuzz --oss-fuzz-check`: builds through build.sh with the environment that OSS-Fuzz's base builder sets, without its
image, and applies the rules of its bad-build check: the sanitizer asked for and no other, the engine asked for, enough
instrumentation, a start without a crash, seeds that do not fail, and no library that the runner does not have.
"""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import common
import oss_fuzz_project

CONFIGURATIONS = ("libfuzzer/address", "libfuzzer/undefined", "libfuzzer/memory", "libfuzzer/coverage", "afl/address", "afl/none")
BASE_FLAGS = "-O1 -fno-omit-frame-pointer -gline-tables-only -Wno-error -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
UNDEFINED = ("array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,"
             "shift,signed-integer-overflow,{}unreachable,vla-bound,vptr")
SANITIZER_FLAGS = {
    "address": "-fsanitize=address -fsanitize-address-use-after-scope",
    "undefined": f"-fsanitize={UNDEFINED.format('unsigned-integer-overflow,')} -fno-sanitize-recover={UNDEFINED.format('')}",
    "memory": "-fsanitize=memory -fsanitize-memory-track-origins",
    "coverage": "-fprofile-instr-generate -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm "
                "-Wno-unused-command-line-argument",
    "none": "",
}
EDGES_MIN = 100
RUNS = 4
# Calls in the machine code, (at least, at most) by sanitizer. The run-time library's own calls are counted too: an
# undefined-behaviour library has up to 165, so from 168 on the target has some.
CALLS = {
    "address": {"asan": (1000, None), "dfsan": (0, 0), "msan": (0, 3), "ubsan": (0, 200)},
    "undefined": {"asan": (0, 0), "dfsan": (0, 0), "msan": (0, 3), "ubsan": (168, None)},
    "memory": {"asan": (0, 0), "dfsan": (0, 0), "msan": (1000, None), "ubsan": (0, 200)},
}
NAME = re.compile(r"^[A-Za-z0-9_@-]+$")
LIBRARIES = re.compile(r"^(linux-vdso|/lib\S*/ld-linux|ld-linux|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|resolv)\.so)")
FUZZER_ARGUMENTS = ["-rss_limit_mb=2560", "-timeout=25"]
AFL_SECONDS = 5

Run = collections.namedtuple("Run", "output code")


# ---- the builder ----

def environment(engine, sanitizer, source, work, out):
    """What the base builder sets."""
    flags = f"{BASE_FLAGS} {SANITIZER_FLAGS[sanitizer]}"
    known = {key: value for key, value in os.environ.items() if not key.startswith(("AFL_", "ASAN_", "MSAN_", "UBSAN_", "LLVM_"))}
    if engine == "afl":
        driver = pathlib.Path(shutil.which("afl-fuzz")).resolve().parent.parent / "lib" / "afl" / "libAFLDriver.a"
        tools = {"CC": "afl-clang-fast", "CXX": "afl-clang-fast++", "LIB_FUZZING_ENGINE": str(driver), "AFL_QUIET": "1"}
        if sanitizer == "address":  # AFL++ adds the sanitizer itself
            flags, tools["AFL_USE_ASAN"] = BASE_FLAGS, "1"
    else:
        tools = {"CC": "clang", "CXX": "clang++", "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer"}
        if sanitizer != "coverage":
            flags += " -fsanitize=fuzzer-no-link"
    return {**known, **tools, "CFLAGS": flags, "CXXFLAGS": flags, "FUZZING_ENGINE": engine, "SANITIZER": sanitizer,
            "ARCHITECTURE": "x86_64", "FUZZING_LANGUAGE": "c", "SRC": str(source), "WORK": str(work), "OUT": str(out)}


def build(engine, sanitizer, script, folder):
    """Runs build.sh; returns OUT. The tree is below SRC by its name, as a clone would be."""
    source, work, out = folder / "src", folder / "work", folder / "out"
    shutil.rmtree(folder, ignore_errors=True)
    for path in (source, work, out):
        path.mkdir(parents=True)
    (source / "refheap").symlink_to(common.ROOT)
    run_in = environment(engine, sanitizer, source, work, out)
    common.run_logged(["bash", "-eu", script], folder / "build.log", env=run_in, cwd=source / "refheap")
    return out


# ---- the rules; each returns what is wrong, or nothing ----

def run(command, timeout=120, **options):
    try:
        done = subprocess.run(common.polite([str(part) for part in command]), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=timeout, check=False, **options)
    except subprocess.TimeoutExpired as error:
        return Run((error.stdout or b"").decode(errors="replace") + "\n(time-out)", -1)
    return Run(done.stdout.decode(errors="replace"), done.returncode)


def tail(output, lines=4):
    return " / ".join(output.strip().splitlines()[-lines:])


def check_name(target):
    if not NAME.match(target.name) or not target.name.endswith("_fuzzer"):
        return f"its name is no target's name: {target.name}"
    return "" if b"LLVMFuzzerTestOneInput" in target.read_bytes() else "LLVMFuzzerTestOneInput is not in it"


def count_calls(disassembly):
    """{library: number of call instructions to it}"""
    counts = collections.Counter(re.findall(r"\bcallq?\s+[0-9a-f]+\s+<__(asan|dfsan|msan|ubsan)", disassembly))
    return {name: counts[name] for name in ("asan", "dfsan", "msan", "ubsan")}


def judge_calls(sanitizer, counts):
    for name, (least, most) in CALLS.get(sanitizer, {}).items():
        if counts[name] < least:
            return f"{counts[name]} calls of __{name}, at least {least} are expected: not built with the sanitizer"
        if most is not None and counts[name] > most:
            return f"{counts[name]} calls of __{name}, at most {most} are allowed: built with another sanitizer"
    return ""


def check_calls(target, sanitizer):
    return judge_calls(sanitizer, count_calls(run(["objdump", "-dC", target]).output))


def judge_start(output):
    """Of a libFuzzer target that ran a few times."""
    if "no interesting inputs were found" in output:
        return "no coverage instrumentation"
    edges = re.search(r"INFO: Loaded \d+ module.*\(.*(?:counters|guards)\):\s+(\d+)", output)
    if not edges or int(edges.group(1)) < EDGES_MIN:
        return f"{edges.group(1) if edges else 0} edges, at least {EDGES_MIN} are expected: partial instrumentation"
    return "" if f"Done {RUNS} runs" in output else f"does not start: {tail(output)}"


def check_libfuzzer(target, scratch):
    return judge_start(run([target, *FUZZER_ARGUMENTS, "-seed=1337", f"-runs={RUNS}"], cwd=scratch).output)


def check_coverage(target, scratch):
    """The runner merges profiles of the corpus and asks llvm-cov about them."""
    (scratch / "in").write_bytes(bytes(range(64)))
    started = run([target, "-runs=0", scratch / "in"], env={**os.environ, "LLVM_PROFILE_FILE": str(scratch / "profraw")})
    if started.code != 0:
        return f"does not start: {tail(started.output)}"
    merged = run(["llvm-profdata-14", "merge", "-sparse", scratch / "profraw", "-o", scratch / "profdata"])
    report = run(["llvm-cov-14", "report", target, f"-instr-profile={scratch / 'profdata'}"])
    return "" if merged.code == 0 and "_fuzzer.c" in report.output else f"no profile: {tail(merged.output + report.output)}"


def judge_afl(output):
    if "All set and ready to roll" not in output:
        return f"afl-fuzz does not get ready: {tail(output)}"
    return "crashes at the start" if re.search("target binary (crashed|terminated)", output) else ""


def check_afl(target, scratch):
    if b"##SIG_AFL_PERSISTENT##" not in target.read_bytes():
        return "no mark of AFL++: the engine is not linked"
    (scratch / "in").mkdir()
    (scratch / "in" / "zeros").write_bytes(bytes(16))
    fuzzed = run(["afl-fuzz", "-V", AFL_SECONDS, "-m", "none", "-i", scratch / "in", "-o", scratch / "out", "--", target], env={
        **os.environ, "AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_FORKSRV_INIT_TMOUT": "30000",
        "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1"})
    if judge_afl(fuzzed.output):
        return judge_afl(fuzzed.output)
    queue = list((scratch / "out" / "default" / "queue").glob("id:*"))
    return "" if len(queue) > 3 else f"{len(queue)} inputs after {AFL_SECONDS} s: no coverage"


def check_seeds(target, engine, scratch):
    archive, folder = target.with_name(f"{target.name}_seed_corpus.zip"), scratch / "seeds"
    if not archive.is_file():
        return ""
    shutil.unpack_archive(archive, folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    arguments = [*FUZZER_ARGUMENTS, "-runs=0", folder] if engine == "libfuzzer" else files
    replayed = run([target, *arguments], cwd=scratch, env={**os.environ, "LLVM_PROFILE_FILE": os.devnull,
                                                           "UBSAN_OPTIONS": "silence_unsigned_overflow=1"})
    return "" if files and replayed.code == 0 else f"a seed of {len(files)} fails: {tail(replayed.output)}"


def check_libraries(target):
    needed = [line.split()[0] for line in run(["ldd", target]).output.splitlines() if line.strip()]
    foreign = [name for name in needed if not LIBRARIES.match(name) and name != "not"]  # "not a dynamic executable"
    if foreign:
        return f"needs {', '.join(foreign)}, which the runner does not have"
    return "has a run path" if re.search(r"R(UN)?PATH", run(["readelf", "-d", target]).output) else ""


def problems(target, engine, sanitizer):
    """All rules on one target, which was moved away from OUT, as the runner does."""
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        if engine == "afl":
            started = check_afl(target, scratch)
        else:
            started = check_coverage(target, scratch) if sanitizer == "coverage" else check_libfuzzer(target, scratch)
        seeds = check_seeds(target, engine, scratch)
        found = [check_name(target), check_calls(target, sanitizer), started, seeds, check_libraries(target)]
    return [problem for problem in found if problem]


# ---- the whole ----

def check_one(configuration, script, names):
    """Builds one configuration and checks its targets: the number of targets, and what is wrong."""
    engine, _, sanitizer = configuration.partition("/")
    folder = common.ROOT / "build" / "oss-fuzz" / f"{engine}-{sanitizer}"
    try:
        out = build(engine, sanitizer, script, folder)
    except common.Missing as failure:
        return 0, [f"build.sh: {failure}"]
    expected = [target.name for target in common.choose(
        common.read_targets((folder / "work" / "refheap" / "fuzz" / "targets.txt").read_text()), names)]
    found = []
    with tempfile.TemporaryDirectory() as moved:
        elsewhere = pathlib.Path(moved) / "out"
        shutil.copytree(out, elsewhere)
        for name in expected:
            target = elsewhere / f"{name}_fuzzer"
            wrong = problems(target, engine, sanitizer) if target.is_file() else ["is not in OUT"]
            found += [f"{name}: {problem}" for problem in wrong]
    shutil.rmtree(folder / "work")
    return len(expected), found


def check(configurations, script, names):
    """The exit code: 0 if every configuration passes."""
    chosen = configurations or CONFIGURATIONS
    unknown = set(chosen) - set(CONFIGURATIONS)
    if unknown:
        raise common.Usage(f"no configuration {', '.join(sorted(unknown))}; there are {', '.join(CONFIGURATIONS)}")
    common.need("cmake", "ninja", "clang", "clang++", "zip", "objdump", "readelf", "ldd", "llvm-cov-14", "llvm-profdata-14")
    if any(configuration.startswith("afl/") for configuration in chosen):
        common.need("afl-fuzz", "afl-clang-fast++")
    wrong = oss_fuzz_project.problems(common.FUZZ / "oss-fuzz")
    print("\n".join(f"fuzz/oss-fuzz/{problem}" for problem in wrong) or "project.yaml         ok", flush=True)
    script, failed = pathlib.Path(script or common.FUZZ / "oss-fuzz" / "build.sh").resolve(), 0
    for configuration in chosen:
        number, bad = check_one(configuration, script, names)
        failed += bool(bad)
        print(f"{configuration:20} {number:3} targets  {'BAD BUILD' if bad else 'ok'}", flush=True)
        for problem in bad:
            print(f"    {problem}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} configurations pass")
    return 1 if failed or wrong else 0
