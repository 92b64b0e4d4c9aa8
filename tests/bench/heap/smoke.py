"""refheap's heap benchmarks run to their end on small sizes and print what the
driver reads. Whether they are fast is not asked.

usage: smoke.py BUILD_FOLDER"""
import json
import pathlib
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(sys.argv[1])
SNAPSHOT = "HG1 3 3\n0 dict g 2 64 2 1 2\n1 list g 1 56 1 0\n2 str - 3 50 0\n"
RUNS = [
    *(["collector", kind, state, "500", "2"] for kind in ("pairs", "ring", "random") for state in ("dead",)),
    *(["collector", kind, "alive", "500", "2"] for kind in ("ring", "tree", "random")),
    ["collector", "tree", "alive", "500", "2", "worn"],
    ["young", "100", "2"],
    ["cascade", "ordered", "500", "2"],
    ["cascade", "shuffled", "500", "2"],
    ["mutator", "100", "2000", "2"],
    *(["blocks", workload, "2000", "2"] for workload in ("w1", "w1b", "w2", "w3", "w3b", "w4", "w4b")),
    *(["blocks-at", workload, "2000", "2"] for workload in ("w1", "w3b")),
    ["real", "SNAPSHOT", "tiny", "2"],
]


def run(peer, subject, arguments):
    program = BUILD / f"{subject.removesuffix('-at')}_{peer}{'-at' if subject.endswith('-at') else ''}"
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, (program, arguments, done.returncode, done.stderr)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["repeat"] for line in lines] == [0, 1], (program, lines)
    assert all(line["ns"] >= 0 and line["subject"] == subject.removesuffix("-at") for line in lines), (program, lines)


with tempfile.NamedTemporaryFile("w", suffix=".hg1") as snapshot:
    snapshot.write(SNAPSHOT)
    snapshot.flush()
    for peer in ("refheap", "unchecked"):
        for subject, *arguments in RUNS:
            run(peer, subject, [snapshot.name if argument == "SNAPSHOT" else argument for argument in arguments])
print(f"smoke: {2 * len(RUNS)} runs")
