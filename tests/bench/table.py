"""The tables in README.md are the ones results.json and heap.json give.

usage: table.py SOURCE_FOLDER"""
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1])
bench = root / "tests/bench"
TABLES = [("bench", bench / "run.py", bench / "results.json"), ("heap", bench / "heap/heap.py", bench / "heap.json")]


def check(name, program, results):
    table = subprocess.run([sys.executable, program, "table", results], capture_output=True, check=True)
    with tempfile.NamedTemporaryFile() as file:
        file.write(table.stdout)
        file.flush()
        claims = [sys.executable, root / "ci/claims", "--check", bench / "README.md", name, file.name]
        return subprocess.run(claims).returncode


sys.exit(max([check(*table) for table in TABLES]))
