#!/usr/bin/env python3
"""What a whole campaign finds: `ci/fuzz --minutes 30` in a copy of the tree, with one published bug after another. Each
time it must end with 1 and name an input that reproduces it. It ends when the first input has failed.

The ten were chosen to lie in ten different places: collector, runs, weak references, finalizers, a failed operation, the
clear model, and each part of the oracle that has a target of its own.

usage: mutants_test.py ROOT [MUTANT...]
"""
import json
import pathlib
import sys
import tempfile

from whole_test import copy_tree, require, run

TEN = ("visited_twice", "taken_run_stays_free", "cleared_before_finalizers", "death_finalizes_twice", "freed_reference_linked",
       "insert_drops_on_failure", "model_resurrection_spares_all", "hooks_overflow", "moved_block_traced",
       "snapshot_root_forgotten")
COMMAND = ("--minutes", "30", "--until-found", "--no-coverage")


def published(root):
    """name -> mutant; those of ci/mutants."""
    sys.path[:0] = [str(root / "tests" / "mutants" / folder) for folder in ("core", "score")]
    import score  # noqa: PLC0415
    return {mutant.name: mutant for mutant in score.published()}


def campaign_on(tree, root, mutant):
    """The number of findings; the tree is as before when this returns."""
    changed, out = tree / mutant.path.relative_to(root), f"out/{mutant.name}"
    before = changed.read_text()
    changed.write_text(mutant.text)
    try:
        code = run(tree, *COMMAND, "--out", out)
    finally:
        changed.write_text(before)
    report = json.loads((tree / out / "report.json").read_text())
    return len(report["findings"]) if code == 1 else 0


def main():
    root, mutants = pathlib.Path(sys.argv[1]).resolve(), published(pathlib.Path(sys.argv[1]).resolve())
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "refheap"
        tree.mkdir()
        copy_tree(root, tree)
        for name in sys.argv[2:] or TEN:
            require(name in mutants, f"{name} is no mutant of tests/mutants/score/published.ini")
            findings = campaign_on(tree, root, mutants[name])
            print(f"{name}: {findings} findings", flush=True)
            missed += [] if findings else [name]
    require(not missed, f"not found: {', '.join(missed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
