#!/usr/bin/env python3
"""A whole campaign in a copy of the tree. bug: a reference is dropped and its count not taken back; the campaign must find
it, make it small, name a line that reproduces it, and end with 1; the corpus replay must fail too. clean: it must end with
0, and a second run into the same folder must go on where the first ended. Wrong usage must end with 2.

usage: whole_test.py bug|clean ROOT
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

SECONDS = 20
BUG = ("src/core/object.c", "count_write(t, rh_refcnt[t] - 1);", ";")


def copy_tree(root, to):
    for name in ("CMakeLists.txt", "CMakePresets.json", "cmake", "ci", "src", "fuzz", "specs"):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, to / name)
    shutil.copytree(root / "tests" / "traces", to / "tests" / "traces")


def break_heap(tree):
    path, old, new = tree / BUG[0], BUG[1], BUG[2]
    text = path.read_text()
    require(text.count(old) == 1, f"{BUG[0]} has {text.count(old)} times {old!r}")
    path.write_text(text.replace(old, new))


def require(condition, what):
    if not condition:
        sys.exit(f"whole campaign: {what}")


def shell(command, tree):
    return subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def run(tree, *arguments):
    done = shell([tree / "ci" / "fuzz", *arguments], tree)
    print(f"$ ci/fuzz {' '.join(arguments)}\n{done.stdout}exit code {done.returncode}", flush=True)
    return done.returncode


def fuzz(tree):
    return run(tree, "--minutes", str(SECONDS / 60), "--jobs", "2", "--target", "core", "--engine", "libfuzzer", "--no-coverage",
               "--out", "out")


def with_bug(tree):
    break_heap(tree)
    (tree / "fuzz" / "corpus").rename(tree / "kept")  # the fuzzer must find it, not the corpus
    require(fuzz(tree) == 1, "a bug, and the exit code is not 1")
    report = json.loads((tree / "out" / "report.json").read_text())
    require(report["findings"], "no finding in report.json")
    for finding in report["findings"]:
        folder = tree / finding["folder"]
        size, text = (folder / "input").stat().st_size, (folder / "readable.txt").read_text()
        require(size == finding["size"] <= 64, f"{folder}: the input is not small: {size} bytes")
        require(" new " in text, f"{folder}: no operation in readable.txt")
        line = (folder / "how.txt").read_text().splitlines()[0]
        again = shell(["bash", "-c", line], tree)
        require(again.returncode != 0 and finding["says"] in again.stdout, f"{line}: does not reproduce: {again.stdout}")
    (tree / "kept").rename(tree / "fuzz" / "corpus")
    require(run(tree, "--regress", "--target", "core") == 1, "the committed corpus does not see the bug")


def without_bug(tree):
    require(fuzz(tree) == 0, "nothing is wrong, and the exit code is not 0")
    first = json.loads((tree / "out" / "report.json").read_text())
    require(not first["findings"] and first["totals"]["executions"] > 1000, f"a clean campaign of {first['totals']}")
    require(first["corpus"]["core"]["inputs"] > 20, "no corpus")
    require(fuzz(tree) == 0, "resumed: the exit code is not 0")
    second = json.loads((tree / "out" / "report.json").read_text())
    before, after = first["totals"], second["totals"]
    require(after["runs"] == 2 and after["executions"] > before["executions"], "it was not resumed")
    require(second["corpus"]["core"]["inputs"] >= first["corpus"]["core"]["inputs"], "the corpus was lost")
    require(run(tree, "--minutes", "1", "--target", "none_such") == 2 and run(tree) == 2, "wrong usage, and the exit code is not 2")


def main():
    case, root = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "refheap"
        tree.mkdir()
        copy_tree(root, tree)
        {"bug": with_bug, "clean": without_bug}[case](tree)
    return 0


if __name__ == "__main__":
    sys.exit(main())
