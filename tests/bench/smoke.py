"""A short measurement runs to its end and records every field. Whether it is
fast is not asked: its time is mostly the start of the process.

usage: smoke.py PYTHON RUN.PY REFHEAP"""
import json
import os
import subprocess
import sys
import tempfile

python, run, refheap = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    results = os.path.join(folder, "results.json")
    done = subprocess.run([python, run, "measure", refheap, results], capture_output=True, text=True)
    if done.returncode not in (0, 3):  # 3: slower than the target
        sys.exit(done.stderr)
    with open(results) as file:
        record = json.load(file)
    assert record["operations"] == 2000 and record["runs"] == 2, record
    assert len(record["rows"]) == 3, record
    assert all(row["cpu_seconds"] > 0 and row["operations_per_second"] > 0 for row in record["rows"]), record
    again = subprocess.run([python, run, "table", results], capture_output=True, text=True, check=True).stdout
    assert again == done.stdout, (again, done.stdout)
