#!/usr/bin/env python3
"""The theorems in words, and whether they are proved: made from theorems.toml,
the contracts it names and proofs/report.json.

A theorem is `proved` when every clause that states it exists, every function
that carries one of them has all goals proved, and nothing is missing. Proofs
rest on the contracts of other functions, so an open goal elsewhere is named.

usage: theorems.py     print the page; exit code 1: theorems.toml and the contracts disagree
"""
import collections
import json
import pathlib
import re
import sys
import textwrap
import tomllib

import annotation_ratio
from annotation_ratio import DEFINE
from program import LEMMAS, ROOT

TABLE = "proofs/theorems.toml"
GROUPS = {"B": "Blocks", "R": "References", "C": "Collection", "O": "Order and figures", "G": "Above the core"}
CLAUSE = re.compile(r"\bensures\s+(\w+)\s*:")


# ---- contracts as people read them ----

Contract = collections.namedtuple("Contract", "text line")


class Sources:
    """The files of the core and of its logic, by the names that theorems.toml gives them."""

    def __init__(self, root):
        files = [*root.glob("src/core/*.[ch]"), *root.glob("specs/acsl/*.h")]
        self.texts = {str(file.relative_to(root)): file.read_text() for file in files}
        self.macros = {match[1]: match[2] for text in self.texts.values() for match in DEFINE.finditer(text)}

    def contract(self, file, function):
        """The annotation right before the function's declaration, and the line it begins at; None: there is none."""
        text = self.texts.get(file, "")
        declared = re.compile(r"([*@]/)\s*(?:\w+[ *]+)+" + re.escape(function) + r"\([^;{}()]*\)\s*[;{]")
        for match in declared.finditer(text):
            begin = text.rfind("/*@" if match[1] == "*/" else "/@", 0, match.start())
            if begin >= 0 and match[1] not in text[begin:match.start()]:
                return Contract(text[begin:match.start()], text.count("\n", 0, begin) + 1)
        return None

    def clauses(self, text):
        """Names of the clauses of a contract, with those that its macros bring."""
        names = set(CLAUSE.findall(text))
        for word, kind in set(re.findall(r"\b([A-Z]\w+)(?:\((\w+)\))?", text)):
            if word in self.macros:
                names |= self.clauses(re.sub(r"\bclause\b", kind or "clause", self.macros[word]))
        return names

    def defines(self, file, name):
        return re.search(rf"\b(predicate|logic \w+) {name}\b", self.texts.get(file, "")) is not None


# ---- the table ----

def table(root=ROOT):
    return tomllib.loads((root / TABLE).read_text())["theorem"]


Place = collections.namedtuple("Place", "file functions clauses")


def place(entry):
    """FILE FUNCTION...: CLAUSE..."""
    head, _, names = entry.partition(":")
    file, *functions = head.split()
    return Place(file, functions, names.split())


def places(theorem):
    return [place(entry) for entry in theorem.get("where", [])]


class Check:
    """Compares the table with the sources; `problems` is a line for each difference."""

    def __init__(self, root):
        self.root, self.sources, self.problems = root, Sources(root), []
        self.toml = (root / TABLE).read_text()
        for theorem in table(root):
            self.theorem(theorem)

    def at(self, name, entry):
        """Where the table says so."""
        found = self.toml.find(f'"{entry}"', self.toml.find(f'id = "{name}"'))
        return f"{TABLE}:{self.toml.count(chr(10), 0, found) + 1}"

    def contracts(self, name, entry):
        """Each function of an entry with its contract."""
        where = place(entry)
        for function in where.functions:
            found = self.sources.contract(where.file, function)
            if found:
                yield f"{where.file}:{found.line}: {function}", found.text, set(where.clauses)
            else:
                self.problems.append(f"{self.at(name, entry)}: {name}: {where.file} has no contract of {function}")

    def stated(self, name, entry):
        for function, text, expected in self.contracts(name, entry):
            self.problems += [f"{function} has no clause `{clause}`, which {name} names ({self.at(name, entry)})"
                              for clause in sorted(expected - self.sources.clauses(text))]

    def still_missing(self, name, entry):
        for function, text, known in self.contracts(name, entry):
            self.problems += [f"{function}: clause `{clause}` came or went: is the gap of {name} closed? ({self.at(name, entry)})"
                              for clause in sorted(known ^ set(CLAUSE.findall(text)))]

    def theorem(self, theorem):
        name = theorem["id"]
        for entry in theorem.get("where", []):
            self.stated(name, entry)
        for gap in theorem.get("missing", []):
            for entry in gap["while"]:
                self.still_missing(name, entry)
        for entry in theorem.get("defined", []):
            file, *definitions = entry.split()
            self.problems += [f"{self.at(name, entry)}: {name}: {file} does not define {definition}"
                              for definition in definitions if not self.sources.defines(file, definition)]
        if not theorem.get("where") and not (self.root / theorem["outside"]).is_file():
            self.problems.append(f"{self.at(name, theorem['outside'])}: {name}: {theorem['outside']} does not exist")


def problems(root=ROOT):
    return Check(root).problems


# ---- the state, from the report ----

def units(theorem, results):
    """The units of the report that carry the theorem, lemmas of their files included; a name for each that has none."""
    found, lost = set(), set()
    for where in places(theorem):
        stem = pathlib.Path(where.file).stem
        for function in where.functions:
            mine = {path for path in results
                    if path == f"{stem}.{function}" or where.file.endswith(".h") and path.split(".")[1] == function}
            found |= mine
            lost |= set() if mine else {function}
    lemmas = {f"{path.split('.')[0]}.{LEMMAS}" for path in found} & set(results)
    return found | lemmas, lost


def is_open(result):
    return bool(result["open"] or result["smoke_failed"] or result["proved"] != result["goals"])


State = collections.namedtuple("State", "word goals why")


def state(theorem, results):
    if not theorem.get("where"):
        return State("not in src/core yet", None, [f"is what `{theorem['outside']}` does: tested, not proved"])
    mine, lost = units(theorem, results)
    goals = sum(results[path]["goals"] for path in mine)
    proved = sum(results[path]["proved"] for path in mine)
    why = [f"`{name}` is not under the gate" for name in sorted(lost)]
    why += [f"has open goals in `{path}`" for path in sorted(mine) if is_open(results[path])]
    if why:
        return State("not proved", f"{proved} of {goals}", why)
    elsewhere = [path for path in sorted(results) if is_open(results[path])]
    why = [f"rests on open goals of `{path}`" for path in elsewhere] + [gap["text"] for gap in theorem.get("missing", [])]
    return State("partly" if why else "proved", str(goals), why)


# ---- the documents ----

def short(results):
    """README's table."""
    lines = ["| | theorem | state | goals |", "|---|---|---|---:|"]
    for theorem in table():
        now = state(theorem, results)
        lines.append(f"| {theorem['id']} | {theorem['says']} | {now.word} | {now.goals or '-'} |")
    return "\n".join(lines)


def wrapped(text, indent=""):
    return textwrap.fill(text, 110, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def paragraph(theorem, results):
    now = state(theorem, results)
    figure = f", {now.goals} goals" if now.goals else ""
    return wrapped(f"- **{theorem['id']} {theorem['name']}** ({now.word}{figure}). {theorem['says']} *{theorem['means']}*", "  ")


def reasons(theorem, results):
    """Why it is not simply proved."""
    return [wrapped(f"- **{theorem['id']}** {why}.", "  ") for why in state(theorem, results).why]


def link(file):
    return f"[{pathlib.Path(file).name}](../{file})"


def named(names):
    return ", ".join(f"`{name}`" for name in names)


def reference(theorem):
    lines = [f"- **{theorem['id']}**"]
    for where in places(theorem):
        lines.append("  - " + wrapped(f"{link(where.file)} {named(where.functions)}: {named(where.clauses)}", "    "))
    for entry in theorem.get("defined", []):
        file, *names = entry.split()
        lines.append("  - " + wrapped(f"defined in {link(file)}: {named(names)}", "    "))
    return "\n".join(lines)


def page(results):
    """THEOREMS.md between its markers."""
    words = collections.Counter(state(theorem, results).word for theorem in table())
    lines = [wrapped(", ".join(f"{count} {word}" for word, count in words.items()) + f". {annotation_ratio.sentence()}")]
    for theorem in table():
        heading = GROUPS.get(theorem["id"][0])
        if heading and f"## {heading}" not in lines:
            lines += ["", f"## {heading}", ""]
        lines.append(paragraph(theorem, results))
    lines += ["", "## What is missing", ""]
    for theorem in table():
        lines += reasons(theorem, results)
    lines += ["", "## Where each is stated", "",
              "Clauses of `ensures`; a contract stands before the declaration or, where there is none, the definition.", ""]
    return "\n".join(lines + [reference(theorem) for theorem in table() if theorem.get("where")])


def main():
    print(page(json.loads((ROOT / "proofs" / "report.json").read_text())))
    found = problems() + annotation_ratio.problems()
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
