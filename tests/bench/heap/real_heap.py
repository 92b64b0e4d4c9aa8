"""The heaps of real programs: takes a snapshot of one, or times CPython's own
full collection of it. A snapshot is what tests/adapters/heapsnap.py writes;
`sympy`, a large library imported, is a program only this benchmark needs.

usage: real_heap.py snapshot PROGRAM OUT
       real_heap.py collect PROGRAM REPEATS
       real_heap.py version"""
import gc
import json
import pathlib
import platform
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "adapters"))
import heapsnap  # noqa: E402


def run_sympy():
    import sympy

    return sympy


heapsnap.PROGRAMS["sympy"] = run_sympy


def snapshot(program, out):
    sys.argv = ["heapsnap.py", "--program", program, out]
    heapsnap.main()


def collect(program, repeats):
    kept = heapsnap.PROGRAMS[program]()
    gc.collect()
    gc.disable()
    tracked = len(gc.get_objects())
    for repeat in range(repeats):
        start = time.process_time_ns()
        gc.collect()
        took = time.process_time_ns() - start
        line = {"subject": "real", "peer": "python", "case": program, "n": tracked}
        print(json.dumps({**line, "repeat": repeat, "ns": took / tracked}))
    return kept


if sys.argv[1] == "snapshot":
    snapshot(*sys.argv[2:])
elif sys.argv[1] == "collect":
    collect(sys.argv[2], int(sys.argv[3]))
else:
    print(json.dumps({"peer": "python", "version": platform.python_version()}))
