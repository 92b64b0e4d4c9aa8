"""The mutants of the core: those written by hand (seeded.ini), those of
contracts and loop bounds (contracts.ini), and the generated ones. And the form
of the tables, which those of the runtime (../suites/seeded.ini) have too.
"""
import configparser
import functools
import re
from pathlib import Path

import ctext
import generate
from ctext import ROOT

HERE = Path(__file__).resolve().parent
CORE = ROOT / "src" / "core"
TABLES = {"seeded": HERE / "seeded.ini", "contract": HERE / "contracts.ini", "suites": HERE.parent / "suites" / "seeded.ini"}
AT_LEAST = {"generated": 120, "seeded": 20, "contract": 10, "suites": 70}


class Wrong(Exception):
    """Something about the mutants or their results does not fit; the message says what."""


class Mutant:
    """One change of one file. `unit` names the function that the gate looks at first, as file.function; `rules` those of
    specs/memory-model.md that it breaks, if it is one of the runtime."""

    def __init__(self, family, name, kind, path, unit, begin, end, new, source="", rules=(), gap=""):
        self.family, self.name, self.kind, self.source, self.rules, self.gap = family, name, kind, source, rules, gap
        self.path, self.unit, self.begin, self.end, self.new = path, unit, begin, end, new

    @property
    def text(self):
        whole = ctext.read(self.path)
        return whole[:self.begin] + self.new + whole[self.end:]

    @property
    def line(self):
        return ctext.read(self.path).count("\n", 0, self.begin) + 1

    @property
    def change(self):
        """The changed lines, before and after, in one line each."""
        whole = ctext.read(self.path)
        first = whole.rfind("\n", 0, self.begin) + 1
        last = whole.find("\n", self.end)
        return tuple(" ".join(text.split()) for text in
                     (whole[first:last], whole[first:self.begin] + self.new + whole[self.end:last]))

    @property
    def user(self):
        """The file of code that the changed file is part of."""
        return CORE / f"{self.unit.split('.')[0]}.c"

    @functools.cached_property
    def key(self):
        """All the text that a proof about the function depends on, as the gate's keys have it."""
        return ctext.key(ctext.included(self.user), self.unit.split(".")[1], self.path, self.text)


def place_of(text, old):
    """Where the old text stands, whatever its spaces; it must stand there once."""
    pattern = r"\s+".join(re.escape(word) for word in old.split())
    found = [match.span() for match in re.finditer(pattern, text)]
    if len(found) != 1:
        raise Wrong(f"its old text stands in the file {len(found)} times, not once: {' '.join(old.split())}")
    return found[0]


def written(family):
    """The mutants of one table."""
    table = configparser.ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None, strict=True)
    with open(TABLES[family], encoding="utf-8") as lines:
        table.read_file(lines)
    for name in table.sections():
        entry = table[name]
        path = ROOT / entry["file"]
        try:
            begin, end = place_of(ctext.read(path), entry["old"])
        except Wrong as wrong:
            raise Wrong(f"{TABLES[family].relative_to(ROOT)}: [{name}]: {wrong}") from None
        rules = tuple(rule.strip() for rule in entry.get("rules", "").split(",") if rule.strip())
        yield Mutant(family, name, entry["kind"], path, entry.get("unit", ""), begin, end, entry["new"],
                     entry.get("source", ""), rules, entry.get("gap", ""))


def by_rule():
    paths = [CORE / name for name in ctext.program.PROVEN]
    for path, function, kind, name, begin, end, new in generate.generated([*paths, CORE / "object_state.h"]):
        user = path if path.suffix == ".c" else ctext.first_user(path)
        yield Mutant("generated", name, kind, path, f"{user.stem}.{function}", begin, end, new)


def all_mutants():
    """name -> Mutant of the core: by hand first, then by rule."""
    found = [*written("seeded"), *written("contract"), *by_rule()]
    mutants = {}
    for mutant in found:
        if mutant.name in mutants:
            raise Wrong(f"two mutants are called {mutant.name}")
        mutants[mutant.name] = mutant
    return mutants


def code(text):
    """Text of a program in a cell of a table."""
    return f"`` {text} ``" if "`" in text else f"`{text}`" if text else "nothing"


def survivors(folder=HERE):
    """name -> argument, from survivors.txt."""
    named = {}
    for number, line in enumerate((folder / "survivors.txt").read_text().splitlines(), 1):
        name, _, reason = line.partition("#")
        if name.strip():
            if not reason.strip():
                raise Wrong(f"survivors.txt:{number}: {name.strip()} is not argued")
            if name.strip() in named:
                raise Wrong(f"survivors.txt:{number}: {name.strip()} is named twice")
            named[name.strip()] = reason.strip()
    return named
