"""The tables in README.md, and the short one in the main README, are the ones results.json and heap.json give.

usage: table.py SOURCE_FOLDER"""
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1])
bench = root / "tests/bench"
RUN, HEAP = (bench / "run.py", bench / "results.json"), (bench / "heap/heap.py", bench / "heap.json")
TABLES = [
    (bench / "README.md", "bench", "table", *RUN),
    (bench / "README.md", "heap", "table", *HEAP),
    (root / "README.md", "speed", "extract", *HEAP),
]


def check(document, name, command, program, results):
    table = subprocess.run([sys.executable, program, command, results], capture_output=True, check=True)
    with tempfile.NamedTemporaryFile() as file:
        file.write(table.stdout)
        file.flush()
        claims = [sys.executable, root / "ci/claims", "--check", document, name, file.name]
        return subprocess.run(claims).returncode


sys.exit(max([check(*table) for table in TABLES]))
