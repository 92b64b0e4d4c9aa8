"""An adapter whose state leaks: from the second trace on that asks for a count, it is one more."""
import importlib.util
import pathlib
import re
import sys

ADAPTERS = pathlib.Path(__file__).resolve().parents[2] / "adapters"
sys.path.insert(0, str(ADAPTERS))
spec = importlib.util.spec_from_file_location("honest", ADAPTERS / "cpython_embedded.py")
honest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(honest)
start = honest.start
asked = []


def execute(lines):
    answers = honest.execute(lines)
    if b"refs " not in lines:
        return answers
    asked.append(lines)
    return answers if len(asked) == 1 else re.sub(rb"^[1-9]$", b"99", answers, flags=re.M)
