"""How fast targets are under libFuzzer, in executions a second of processor time, so that a busy machine measures what an
idle one does. Inputs are programs of about OPERATIONS operations, put together from the committed corpus by a fixed seed;
libFuzzer goes on from them by a seed of its own for each round. The builds take turns, and the median of the rounds counts.
"""
import json
import pathlib
import random
import resource
import statistics
import subprocess
import tempfile

import common
import engines
import report

TARGETS = ("core", "core_tiny", "blocks", "blocks_tiny")  # those whose inputs are records and nothing else
RECORD, OPERATIONS, SPREAD, INPUTS, ROUNDS = 4, 100, 10, 200, 5
EXECUTIONS = {"fuzz": 50_000, "fuzz-plain": 200_000}  # of a round: some seconds of either build
GOALS = {("core", "fuzz"): 10_000, ("core", "fuzz-plain"): 50_000}


def programs(name):
    """INPUTS programs: the records of committed inputs one after the other, as many as make the length."""
    files, chance = [path for folder in common.committed(name) for path in common.files_in(folder)], random.Random(1)
    if not files:
        raise common.Usage(f"{name} has no committed corpus to make programs of")
    for _ in range(INPUTS):
        size, program = RECORD * chance.randint(OPERATIONS - SPREAD, OPERATIONS + SPREAD), b""
        while len(program) < size:
            data = chance.choice(files).read_bytes()
            program += data[:len(data) // RECORD * RECORD]
        yield program[:size]


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(build, name, seed):
    """One round: (executions a second, operations of an input, as a mean over the corpus that libFuzzer has in the end)."""
    with tempfile.TemporaryDirectory() as folder:
        for i, program in enumerate(programs(name)):
            (pathlib.Path(folder) / f"{i:03}").write_bytes(program)
        command = [str(build.program(name)), f"-seed={seed}", f"-runs={EXECUTIONS[build.preset]}", "-reduce_inputs=0",
                   f"-max_len={RECORD * (OPERATIONS + SPREAD)}", "-print_funcs=0", "-print_final_stats=1",
                   f"-artifact_prefix={folder}/", folder]
        before = processor_seconds()
        ended = subprocess.run(common.polite(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        seconds = processor_seconds() - before
        if ended.returncode != 0:
            said = ended.stdout.decode(errors="replace")[-1000:]
            raise common.Missing(f"{' '.join(command)}: exit code {ended.returncode}\n{said}")
        sizes = [path.stat().st_size for path in common.files_in(pathlib.Path(folder))]
    return engines.parse_pulse(ended.stdout)["executions"] / seconds, statistics.mean(sizes) / RECORD


def measure(builds, name, say):
    """The results of one target, one for each build."""
    rounds = {build: [] for build in builds}
    for seed in range(1, ROUNDS + 1):
        for build in builds:
            rounds[build].append(run(build, name, seed))
            say(f"speed: {name}, {build.preset}, round {seed}: {rounds[build][-1][0]:,.0f} executions a second")
    for build, results in rounds.items():
        speeds = [speed for speed, _ in results]
        goal = GOALS.get((name, build.preset))
        yield {"target": name, "preset": build.preset, "median": round(statistics.median(speeds)), "lowest": round(min(speeds)),
               "highest": round(max(speeds)), "operations": round(statistics.mean(length for _, length in results), 1),
               "goal": goal, "met": goal is None or statistics.median(speeds) >= goal}


def command(args, say):
    """Prints a table, writes OUT/speed.json; 0 if every goal is met, else 1."""
    common.need("cmake", "ninja", "clang")
    names = args.target or list(TARGETS)
    for name in names:
        if name not in TARGETS:
            raise common.Usage(f"--speed: the inputs of '{name}' are not records alone; it measures {', '.join(TARGETS)}")
    builds = [common.Build(preset, args.jobs).configure() for preset in EXECUTIONS]
    for build in builds:
        build.make(*(f"{name}_fuzzer" for name in names))
    results = [result for name in names for result in measure(builds, name, say)]
    out = pathlib.Path(args.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    (out / "speed.json").write_text(json.dumps(results, indent=1) + "\n")
    print("\n".join(report.table(("target", "preset", "executions a CPU second", "lowest", "highest", "operations", "goal"), [
        (r["target"], r["preset"], f"{r['median']:,}", f"{r['lowest']:,}", f"{r['highest']:,}", r["operations"],
         f"{r['goal']:,}" if r["goal"] else "-") for r in results])), end="")
    for missed in (r for r in results if not r["met"]):
        say(f"speed: {missed['target']}, {missed['preset']}: {missed['median']:,} are less than {missed['goal']:,}")
    return 0 if all(r["met"] for r in results) else 1
