"""The contracts that run inside the fuzzer (fuzz/contracts): the committed corpus
keeps every one of them, and bugs seeded in the core break the contract of the
very function they are in, or of one that it calls wrongly.

usage: contracts_test.py corpus|bugs [--write]
  corpus   replays the corpus; fuzz/README.md must say how many clauses it evaluated (--write: writes that)
  bugs     builds the core with each of BUGS, in a copy of the tree, and replays the corpus
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "mutants" / "core"))
import mutants  # noqa: E402
from layers import copy_tree  # noqa: E402

PARTS = ["CMakeLists.txt", "CMakePresets.json", "cmake", "fuzz", "specs", "src"]
PRESET = "fuzz-contracts"
TARGETS = ["core_tiny", "blocks_tiny"]
README = ROOT / "fuzz" / "README.md"
FIGURES = re.compile(r"(<!-- contracts:begin -->\n).*?(<!-- contracts:end -->)", re.S)
# Of tests/mutants/core/seeded.ini: the target whose corpus shows it, and the function whose contract breaks.
BUGS = {
    "decref_missing": ("core_tiny", "drop_edge"),
    "death_without_untrack": ("core_tiny", "bury"),
    "shrink_drops_references": ("core_tiny", "exchange_spans"),
    "subtract_outside": ("core_tiny", "count_inner"),
    "tracked_twice": ("core_tiny", "append"),
    "freed_block_stays_live": ("blocks_tiny", "rh_pool_give"),
    "calloc_dirty": ("blocks_tiny", "rh_block_new_zeroed"),
    "realloc_loses_content": ("blocks_tiny", "hand_over"),
    "arenas_unsorted": ("blocks_tiny", "settle"),
}


class Wrong(Exception):
    """What is not as it should be."""


def run(command, tree, **options):
    return subprocess.run([str(word) for word in command], cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False, **options)


def must(command, tree, **options):
    done = run(command, tree, **options)
    if done.returncode != 0:
        raise Wrong(f"{' '.join(str(word) for word in command)} fails:\n{done.stdout[-3000:]}")
    return done.stdout


def new_tree(folder):
    tree = Path(folder) / "tree"
    copy_tree(tree, PARTS)
    must(["cmake", "--preset", PRESET], tree)
    return tree


def build(tree, targets):
    return must(["cmake", "--build", "--preset", PRESET, "--target", *(f"{target}_fuzzer" for target in targets)], tree)


def replay(tree, target, **options):
    return run([tree / "build" / PRESET / "fuzz" / f"{target}_fuzzer", "-runs=0", f"-artifact_prefix={tree}/",
                tree / "fuzz" / "corpus" / target], tree, **options)


def corpus(tree, write):
    """Every clause holds on the committed corpus; how many clauses that is."""
    built = build(tree, TARGETS)
    all_clauses = re.search(r"(\d+) of (\d+) clauses run", built)
    ran = tree / "ran.txt"
    for target in TARGETS:
        done = replay(tree, target, env={**os.environ, "RH_CONTRACTS_RAN": str(ran)})
        if done.returncode != 0:
            raise Wrong(f"{target}: the corpus breaks a contract:\n{done.stdout[-3000:]}")
    evaluated = len(set(ran.read_text().splitlines()))
    figures = (f"Of {all_clauses[2]} `requires`, `ensures` and `assigns` clauses {all_clauses[1]} run (a header's once for each "
               f"file that includes it);\nthe committed corpus evaluates {evaluated} of them.\n")
    text = README.read_text()
    now = FIGURES.sub(lambda match: match[1] + figures + match[2], text)
    if write:
        README.write_text(now)
    elif now != text:
        raise Wrong(f"fuzz/README.md does not say what is so; contracts_test.py corpus --write would say:\n{figures}")
    print(figures, end="")


def bugs(tree, _):
    """Each bug breaks the contract where it is expected to."""
    seeded = {mutant.name: mutant for mutant in mutants.written("seeded")}
    wrong = []
    for name, (target, function) in BUGS.items():
        mutant = seeded[name]
        path = tree / mutant.path.relative_to(ROOT)
        path.write_text(mutant.text)
        build(tree, [target])
        done = replay(tree, target)
        path.write_text(mutants.ctext.read(mutant.path))
        broken = re.search(r"^(\S+:\d+): contract of (\w+): .*", done.stdout, re.M)
        said = broken[0] if broken else f"ends with {done.returncode} and no word of a contract"
        print(f"{name}: {said}", flush=True)
        if not broken or broken[2] != function:
            wrong.append(f"{name}: expected the contract of {function} to break, but: {said}")
    if wrong:
        raise Wrong("\n".join(wrong))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=["corpus", "bugs"])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="contracts-") as folder:
        {"corpus": corpus, "bugs": bugs}[arguments.case](new_tree(folder), arguments.write)


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(f"contracts_test.py: {wrong}")
