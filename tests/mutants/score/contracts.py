"""The layer contracts: the fuzz targets of the shrunken core in which its
contracts run (fuzz/contracts). The changed text of the core goes the way of the
build: Frama-C makes C of it, a wrapper around each function evaluates its
contract. A mutant may be one of a contract, which is then wrong about a core
that is right.

What kills is a contract. That anything else in such a target notices first, its
model, the walk of the heap or the clock, says nothing about contracts: the
layer fuzz has these.

The build demands that the clauses that cannot run are those on a list. Here the
list is not compared: a change of a contract may take a clause from the run, or
bring one to it, and neither is a clause that was found violated.
"""
import shlex

from build import Changed, run
from judges import PATIENCE, Targets
from layers import OBJECT_HALF, copy_tree

WRITTEN = "fuzz/contracts/core.c"  # what Frama-C writes, in the folder of the build
LIST = "-contracts-left-out"
LONGEST = 1024  # bytes of an input, as in the committed corpus
VIOLATED = ": contract of "  # as fuzz/contracts/monitor.h says it


class Translated(Changed):
    """The programs of a build whose core is translated anew from the changed text."""

    READ = ["src/core", "specs/acsl", "fuzz/contracts"]

    def __init__(self, build, mutant, folder):
        copy_tree(folder, self.READ, build.tree)
        super().__init__(build, mutant, folder)
        written = build.folder / WRITTEN
        self.core = str(written.relative_to(build.tree))
        self.instead[str(written)] = str(folder / "core.c")
        run(self.translation(), folder)

    def translation(self):
        """The command of the build, on the changed tree."""
        tree, words = self.build.tree, shlex.split(self.build.command(WRITTEN))
        words = words[words.index("&&") + 1:]  # behind the change to the folder of the tree
        at = words.index(LIST)
        words[at:at + 2] = []
        return [self.instead.get(word, word.replace(f"{tree}/src/", f"{self.folder}/src/")) for word in words]

    def parts_of(self, program):
        return [*self.build.parts_of(program, self.core), *super().parts_of(program)]


class Contracts(Targets):
    """libFuzzer on both targets, the half of the core that is changed first."""

    NAME, PRESET, CHANGED = "contracts", "fuzz-contracts", Translated
    HALVES = ["core_tiny", "blocks_tiny"]  # objects, blocks
    TARGETS = ["core_tiny_fuzzer", "blocks_tiny_fuzzer", "fuzz/core_tiny_fuzzer_seed_corpus.zip",
               "fuzz/blocks_tiny_fuzzer_seed_corpus.zip"]

    def prepare(self):
        self.starts = {target: [[]] for target in self.HALVES}

    def targets_of(self, mutant):
        return self.HALVES if mutant.user.name in OBJECT_HALF else self.HALVES[::-1]

    def options(self, target):
        """Long programs are slow with contracts; how slow one may be is left to the processor time of the whole."""
        return [f"-max_len={LONGEST}", f"-timeout={PATIENCE * self.seconds}"]

    def judge(self, mutant, changed, folder):
        answer = super().judge(mutant, changed, folder)
        if answer["verdict"] == "killed" and VIOLATED not in answer["by"]:
            return {**answer, "verdict": "survived", "by": f"no contract, but {answer['by']}"}
        return answer
