#!/usr/bin/env python3
"""ci/fuzz --python in a copy of the tree whose profile has a wrong rule: the default threshold of the youngest generation.
It must find that, shrink it to the one operation that shows it, and name a line that reproduces it; wrong usage must end
with 2. Or in a copy of the tree as it is: it must end with 0.

usage: campaign_test.py bug|clean ROOT PYTHON
"""
import json
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fuzz_campaign"))
from whole_test import copy_tree, require, run, shell  # noqa: E402

PROFILE = "src/profile/topics/collector.def"
WRONG = (("SINCE(3, 9, 0, 700)", "SINCE(3, 9, 0, 701)"), ("SINCE(3, 13, 0, 2000)", "SINCE(3, 13, 0, 2001)"))


def change_rule(tree, pairs):
    text = (tree / PROFILE).read_text()
    for old, new in pairs:
        require(text.count(old) == 1, f"{PROFILE} has {text.count(old)} times {old}")
        text = text.replace(old, new)
    (tree / PROFILE).write_text(text)


def hunt(tree, python, out, minutes):
    return run(tree, "--minutes", str(minutes), "--jobs", "1", "--python", python, "--out", out)


def find_bug(tree, python):
    change_rule(tree, WRONG)
    require(hunt(tree, python, "wrong", 0.7) == 1, "a wrong rule, and the exit code is not 1")
    findings = json.loads((tree / "wrong" / "pythons.json").read_text())["findings"]
    found = [finding for finding in findings if finding["says"] == "diverges at threshold by GEN-4"]
    require(len(found) == 1, f"not found, or found twice: {findings}")
    small = (tree / found[0]["folder"] / "small.trace").read_text()
    require(small == "%trace 1\nthreshold\n", f"not small: {small}")
    again = shell(["bash", "-c", found[0]["reproduce"]], tree)
    require(again.returncode == 1 and "GEN-4" in again.stdout, f"{found[0]['reproduce']}: does not reproduce: {again.stdout}")
    require(run(tree, "--regress", "--python") == 2, "wrong usage, and the exit code is not 2")
    require(run(tree, "--minutes", "1", "--python", str(tree)) == 2, "no CPython there, and the exit code is not 2")


def find_nothing(tree, python):
    require(hunt(tree, python, "right", 0.3) == 0, "nothing is wrong, and the exit code is not 0")


def main():
    case, root, python = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "refheap"
        tree.mkdir()
        copy_tree(root, tree)
        shutil.copytree(root / "tests" / "adapters", tree / "tests" / "adapters")
        {"bug": find_bug, "clean": find_nothing}[case](tree, python)
    return 0


if __name__ == "__main__":
    sys.exit(main())
