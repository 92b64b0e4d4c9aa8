"""The table in README.md is the one results.json gives.

usage: table.py SOURCE_FOLDER"""
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1])
bench = root / "tests/bench"
table = subprocess.run([sys.executable, bench / "run.py", "table", bench / "results.json"], capture_output=True, check=True)
with tempfile.NamedTemporaryFile() as file:
    file.write(table.stdout)
    file.flush()
    claims = [sys.executable, root / "ci/claims", "--check", bench / "README.md", "bench", file.name]
    sys.exit(subprocess.run(claims).returncode)
