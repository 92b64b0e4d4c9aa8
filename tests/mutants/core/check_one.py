"""The model checkers on one changed tree: do they notice?

Run with the tree's proofs/ as PYTHONPATH, so that model_check.py is the tree's
own and reads the changed text.

usage: check_one.py explore|cbmc HARNESS TOOLS
  HARNESS is that of the half that changed, TOOLS where CBMC may be. The answer
  goes to standard output as JSON.
"""
import json
import os
import sys
import tempfile

import model_check

# What takes seconds without a change does not end if it takes this long.
model_check.LIMIT = 300


def checks(layer, harness):
    """(name, what to run in a scratch folder), the quickest first."""
    if layer == "explore":
        order = [model_check.QUICK, *(space for space in model_check.SPACES if space is not model_check.QUICK)]
        order.sort(key=lambda space: space is model_check.GRAPH)
        return [(space.name, lambda at, s=space: model_check.explore(at, s)) for space in order]
    return [(step.name, lambda at, s=step: model_check.prove(at, s)) for step in model_check.STEPS
            if step.harness == harness]


def main():
    os.environ["PATH"] += os.pathsep + sys.argv[3]
    for name, check in checks(sys.argv[1], sys.argv[2]):
        with tempfile.TemporaryDirectory(prefix="mutant-check-") as scratch:
            try:
                check(scratch)
            except model_check.Wrong as wrong:
                why = str(wrong).strip().splitlines() or ["it stops"]
                json.dump({"verdict": "killed", "by": f"{name}: {why[0][:120]}"}, sys.stdout)
                return
    json.dump({"verdict": "survived", "by": "every check passes"}, sys.stdout)


main()
