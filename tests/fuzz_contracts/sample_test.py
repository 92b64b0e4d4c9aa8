"""The translator of contracts (fuzz/contracts), construct by construct: each
function of sample.c by itself. Then what it must refuse: a clause that does not
run and is not listed, one that is listed in vain, a bound of no use.

usage: sample_test.py CC
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONTRACTS = HERE.parents[1] / "fuzz" / "contracts"
BOUND = "leads n N\n"
UNBOUNDED = "/*@ ensures endless: \\forall integer i; i * i >= 0; */\nvoid f(void) {}\n"


def run(command, folder):
    return subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False)


def must(command, folder):
    done = run(command, folder)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(word) for word in command)} fails:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def build_plugin(folder):
    library = must(["frama-c", "-print-lib-path"], folder)
    names = ["tables.ml", "logic.ml", "contracts.ml"]
    for name in names:
        (folder / name).write_text((CONTRACTS / name).read_text())
    must(["ocamlopt", "-shared", "-I", library, "-I", "+zarith", "-I", "+ocamlgraph", "-o", "contracts.cmxs", *names], folder)


def translate(folder, source, bounds, left_out):
    """With these tables; without a list of what is left out if it is None."""
    (folder / "bounds.txt").write_text(bounds)
    (folder / "left_out.txt").write_text(left_out or "")
    compared = [] if left_out is None else ["-contracts-left-out", "left_out.txt"]
    return run(["frama-c", "-load-module", folder / "contracts.cmxs", "-machdep", "gcc_x86_64", source, "-contracts-output",
                "out.c", "-contracts-bounds", "bounds.txt", *compared], folder)


def check_functions(folder, compiler):
    """The functions that do not end as their names say."""
    done = translate(folder, HERE / "sample.c", BOUND, "")
    if done.returncode != 0:
        return [f"sample.c is not translated:\n{done.stdout}"]
    names = re.findall(r"^void (\w+)\(void\)", (HERE / "sample.c").read_text(), re.M)
    calls = "".join(f'  if (!strcmp(argv[1], "{name}")) {name}();\n' for name in names)
    declared = "".join(f"void {name}(void);\n" for name in names)
    main = f"int main(int argc, char **argv) {{\n  (void)argc;\n{calls}}}\n"
    (folder / "main.c").write_text(f"#include <string.h>\n{declared}{main}")
    must([compiler, "-std=c17", "-g", "-w", "-I", CONTRACTS, "out.c", "main.c", "-o", "sample"], folder)
    wrong = []
    for name in names:
        done = run([folder / "sample", name], folder)
        broken = "contract of" in done.stderr
        if broken != name.startswith("breaks_") or broken != (done.returncode != 0):
            wrong.append(f"{name}: ends with {done.returncode}: {done.stderr}")
    return wrong


def check_refusals(folder):
    source = folder / "unbounded.c"
    source.write_text(UNBOUNDED)
    line = "f ensures endless: i in f has no bound\n"
    wrong = []
    for bounds, left_out, expected in [("", "", "does not run: f ensures endless"), ("", line, None), ("", None, None),
                                       ("", line + "g ensures x: y\n", "is listed in vain: g ensures x"),
                                       ("f j N\n", line, "the bound of j in f is of no use"),
                                       ("f j\n", line, "bounds.txt:1: expected a definition, its variable and a bound")]:
        done = translate(folder, source, bounds, left_out)
        if (done.returncode == 0) != (expected is None) or (expected and expected not in done.stdout):
            wrong.append(f"bounds {bounds!r}, list {left_out!r}: expected {expected}, got {done.returncode}:\n{done.stdout}")
    return wrong


def main():
    with tempfile.TemporaryDirectory(prefix="contracts-") as name:
        folder = Path(name)
        build_plugin(folder)
        wrong = check_functions(folder, sys.argv[1]) + check_refusals(folder)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
