"""ci/fuzz --python: hunts differences between CPythons and what refheap predicts for their versions.

Each CPython is linked into a worker of its own (cpython_fuzzer, fuzz/with_python.py); all share OUT/corpus/cpython and take
turns. What a worker saved is then put to the interpreter as `refheap test` does it, a process for a trace, shrunk by
`refheap shrink` to the smallest trace with the same verdict by the same rule at the same operation, and told apart by these.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess

import campaign
import common
import engines

ADAPTER = common.ROOT / "tests" / "adapters" / "cpython.py"
LAUNCHER = common.FUZZ / "with_python.py"
SHRINK_TRIES = 300
WRONG = re.compile(r"^refheap: .*?: ((?:diverges|crashed|protocol|internal)\b.*?); operations: ", re.M)
TARGET = common.Target("cpython", "1")


def version_of(python):
    try:
        done = subprocess.run([python, "-c", "import platform; print(platform.python_version())"], stdout=subprocess.PIPE, text=True,
                              check=False)
    except OSError as error:
        raise common.Usage(f"{python}: {error.strerror}") from None
    if done.returncode != 0:
        raise common.Usage(f"{python}: not a CPython that runs")
    return done.stdout.strip()


def interpreter(path):
    """A prefix or the program itself."""
    path = pathlib.Path(path)
    found = sorted(path.glob("bin/python3.[0-9]*[0-9]")) if path.is_dir() else [path]
    if not found:
        raise common.Usage(f"{path}: no bin/python3.N in this folder")
    return str(found[0].absolute())


def choose(named):
    """{version: program}: those that are named, which must have a library; else all of this machine that have one."""
    found = [interpreter(path) for path in named] or subprocess.run(
        [common.ROOT / "ci" / "pythons"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    pythons = {}
    for program in found:
        version = version_of(program)
        done = subprocess.run([program, LAUNCHER, shutil.which("true")], stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode == 0:
            pythons[version] = program
        elif named:
            raise common.Missing(done.stderr.strip() or f"{program}: exit code {done.returncode}")
    if not pythons:
        raise common.Missing("no CPython with a shared library; `ci/setup fuzz pythons` installs some")
    return pythons


class Worker(engines.Worker):
    """libFuzzer on one CPython."""

    def __init__(self, out, builds, version, program):
        super().__init__(out, builds, TARGET, "libfuzzer", "plain", 1)
        self.key, self.program, self.work = f"cpython/libfuzzer/{version}", program, self.work / version
        self.log, self.artifacts = self.work / "libfuzzer.log", self.work / "artifacts"
        self.artifacts.mkdir(parents=True, exist_ok=True)

    def libfuzzer_command(self, seconds):
        program, *options = super().libfuzzer_command(seconds)
        return [self.program, str(LAUNCHER), program, "-entropic=0", *options]  # rare features cost as much as the interpreter


# ---- findings ----

def read_trace(replay, program, path):
    """The input as text, as the target put it to the interpreter."""
    done = subprocess.run(common.polite([program, str(LAUNCHER), str(replay.program("cpython")), str(path)]),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, env={**os.environ, "RH_FUZZ_PRINT": "1"})
    text = done.stdout.decode(errors="replace")
    return re.sub(r"^\d+ inputs replayed: no failure\n", "", text, flags=re.M)


def shrink(replay, program, trace, small):
    """What is wrong with a trace, as `diverges at refs by RC-3`, and the smallest like it in the file `small`; None: nothing."""
    refheap = replay.folder / "src" / "cli" / "refheap"
    done = subprocess.run(common.polite([str(refheap), "shrink", "--tries", str(SHRINK_TRIES), "-o", str(small), str(trace), "--",
                                         program, str(ADAPTER)]), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    said = WRONG.search(done.stderr.decode(errors="replace"))
    return said.group(1) if said else None


def again(program, trace):
    """One line that reproduces a finding."""
    return ("cmake --preset replay && cmake --build --preset replay --target refheap && build/replay/src/cli/refheap test "
            f"{common.shown(trace)} -- {program} {common.shown(ADAPTER)}")


def write(finding, number, out, small, path):
    folder = out / "findings" / f"cpython-{number}"
    folder.mkdir(parents=True)
    shutil.copy(path, folder / "input")
    shutil.copy(small, folder / "small.trace")
    finding["folder"], finding["reproduce"] = common.shown(folder), again(finding.pop("program"), folder / "small.trace")
    (folder / "how.txt").write_text(f"{finding['reproduce']}\n\nfinding    {finding['says']}\nCPython    {finding['version']}\n")


def triage(workers, replay, out, say):
    """Findings, by version and by what is wrong, written below out/findings; and files that are wrong no more."""
    shutil.rmtree(out / "findings", ignore_errors=True)
    scratch = out / "work" / "cpython"
    trace, small = scratch / "found.trace", scratch / "small.trace"
    findings, lost = {}, []
    for worker in workers:
        version = worker.key.rsplit("/", 1)[1]
        for path, about_time in sorted(worker.crash_files(), key=lambda entry: entry[0].stat().st_size):
            trace.write_text(read_trace(replay, worker.program, path))
            says = shrink(replay, worker.program, trace, small)
            if says is None:
                if not about_time:
                    lost.append(f"cpython {version}: {common.shown(path)} is not wrong in a process of its own")
                continue
            known = findings.get((version, says))
            if known:
                known["count"] += 1
                continue
            finding = {"version": version, "says": says, "program": worker.program, "count": 1}
            findings[(version, says)] = finding
            write(finding, len(findings), out, small, path)
            say(f"triage: cpython {version}: {says}")
    return list(findings.values()), lost


# ---- the whole ----

def judged(workers):
    """Traces judged as the workers' logs say, of the last slice of each: {version: line}."""
    lines = {}
    for worker in workers:
        found = re.findall(r"^cpython (\S+): (traces: .*)$", engines.read_end(worker.log, 8192).decode(errors="replace"), re.M)
        lines.update(found)
    return lines


def write_report(result, out):
    lines = ["# CPython and refheap", "", "| worker | executions | seconds | last slice |", "|---|---|---|---|"]
    for worker in result["workers"]:
        version = worker["key"].rsplit("/", 1)[1]
        lines.append(f"| {version} | {worker['executions']:,} | {worker['seconds']} | {result['judged'].get(version, '')} |")
    lines += ["", f"## Findings: {len(result['findings'])}", ""]
    for finding in result["findings"]:
        lines += [f"- cpython {finding['version']}: {finding['says']} ({finding['count']} inputs), `{finding['folder']}`", "",
                  f"      {finding['reproduce']}", ""]
    lines += [f"- {line}" for line in result["lost"] + result["broken"]]
    (out / "pythons.md").write_text("\n".join(lines) + "\n")
    (out / "pythons.json").write_text(json.dumps(result, indent=1) + "\n")


def run(args):
    """ci/fuzz --python: exit code 0 or 1."""
    common.need("cmake", "ninja", "clang", "gcc")
    pythons, voice = choose(args.python), campaign.Voice()
    interrupt = campaign.Interrupt()
    builds = {preset: common.Build(preset, args.jobs).configure() for preset in ("replay", "fuzz-plain")}
    voice.say(f"build: cpython_fuzzer, for {', '.join(pythons)}")
    builds["replay"].make("cpython_fuzzer", "refheap")
    builds["fuzz-plain"].make("cpython_fuzzer", "cpython_seeds")
    out = pathlib.Path(args.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    campaign.share_corpus(out, args.corpus)
    state, workers = campaign.State(out), [Worker(out, builds, *python) for python in pythons.items()]
    state.restore(workers)
    campaign.fuzz(workers, args.jobs, args.minutes * 60, args.until_found, state, [TARGET], interrupt, voice)
    findings, lost = triage(workers, builds["replay"], out, voice.say)
    result = {"findings": findings, "lost": lost, "broken": campaign.broken(workers), "judged": judged(workers),
              "workers": [{"key": worker.key, **state.workers[worker.key], "failures": worker.failures} for worker in workers]}
    write_report(result, out)
    for finding in findings:
        print(f"cpython {finding['version']}: {finding['says']}: {finding['folder']}\n  {finding['reproduce']}")
    for line in lost + result["broken"]:
        print(line)
    executions = sum(worker["executions"] for worker in result["workers"])
    print(f"{len(findings) or 'no'} findings in {executions:,} executions on {len(pythons)} CPythons; {common.shown(out / 'pythons.md')}")
    return 1 if findings else 3 if result["broken"] else 0
