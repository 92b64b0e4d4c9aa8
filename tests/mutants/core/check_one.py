"""The model checkers on one changed tree: do they notice?

Run with the tree's proofs/ as PYTHONPATH, so that model_check.py is the tree's
own and reads the changed text.

usage: check_one.py explore|cbmc FUNCTION CHECK TOOLS
  FUNCTION is what has changed, or empty; CHECK the only one to make, or empty;
  TOOLS is where CBMC may be. The answer goes to standard output as JSON, with
  the check that noticed.
"""
import json
import os
import re
import sys
import tempfile

import model_check  # before ctext, which would import that of its own tree
import ctext  # noqa: E402

# What takes seconds without a change does not end if it takes this long.
model_check.LIMIT = 300


def callers(function):
    """The functions that call this one, directly or through others; harnesses are functions, too."""
    root = model_check.ROOT
    bodies = {}
    for path in [*(root / "src" / "core").glob("*.[ch]"), *(root / "proofs" / "cbmc").glob("*.c")]:
        text = path.read_text()
        for f in ctext.functions_of(text):
            bodies.setdefault(f.name, set()).update(re.findall(r"\w+", ctext.code_of(text)[f.begin:f.end]))
    found, new = set(), {function}
    while new:
        found |= new
        new = {name for name, words in bodies.items() if words & new} - found
    return found


def checks(layer, function):
    """(name, what to run in a scratch folder), the quickest first. A step that never comes to the function cannot notice
    what is wrong there."""
    if layer == "explore":
        order = [model_check.QUICK, *(space for space in model_check.SPACES if space is not model_check.QUICK)]
        order.sort(key=lambda space: space is model_check.GRAPH)
        return [(space.name, lambda at, s=space: model_check.explore(at, s)) for space in order]
    reached = callers(function) if function else {step.function for step in model_check.STEPS}
    return [(step.name, lambda at, s=step: model_check.prove(at, s)) for step in reversed(model_check.STEPS)
            if step.function in reached]


def main():
    layer, function, only, tools = sys.argv[1:]
    os.environ["PATH"] += os.pathsep + tools
    chosen = [(name, check) for name, check in checks(layer, function) if only in ("", name)]
    for name, check in chosen:
        with tempfile.TemporaryDirectory(prefix="mutant-check-") as scratch:
            try:
                check(scratch)
            except model_check.Wrong as wrong:
                why = str(wrong).strip().splitlines() or ["it stops"]
                json.dump({"verdict": "killed", "by": f"{name}: {why[0][:120]}", "check": name}, sys.stdout)
                return
    by = "every check that comes there passes" if chosen else "no check comes there"
    json.dump({"verdict": "survived", "by": by}, sys.stdout)


main()
