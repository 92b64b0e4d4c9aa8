#!/usr/bin/env python3
"""Writes a trace for every kind of object with every size that is a limit somewhere, and for every kind with every
operation on it: what random traces meet seldom or never.

    sweep.py FOLDER

Kinds, operations and words come from the tables of the language (src/trace), so what is new there is swept too. A trace
makes objects of one kind, does to each one thing that may fail, the same with other arguments, and looks at all there is to see. Left out is what changes the interpreter
and not an object, and what has no object in it.
"""
import itertools
import pathlib
import re
import sys

TABLES = pathlib.Path(__file__).resolve().parents[2] / "src" / "trace"
COUNTS = ["0", "1", "2", "5", "6", "7", "8", "11", "12", "13", "17", "30", "31", "33", "86"]
SAMPLES = {  # by letter of a signature; A is the object
    "C": ["0", "1", "9"],
    "I": ["-1", "2"],
    "L": [],
    "N": ["A"],
    "R": ["1.5"],
    "S": ["A.a", "A.x"],
    "T": ['""', '"a"', '"two words"', '"\\u00e9"', '"\\u20ac"', '"\\U0001f600"'],
    "V": ["None", '"k"', "A"],
    "X": ["41", "e9", "20ac", "1f600"],
    "n": ["C"],
}
LOOKS = ["sizeof A", "len A", "cap A", "tracked A", "finalized A", "gen A", "refs A", "immortal A", "referents A",
         "referrers A", "weakcount A", "same A A"]
LAST = ["drop A", "events", "collect", "events", "sizeof B", "refs B", "sizeof C", "len C"]


def table(name, macro):
    """[(spelling, [signature letters])] of a table."""
    text = (TABLES / name).read_text()
    return [(spelling, re.findall(r"[?*+]?[A-Za-z](?:\{[^}]*\})?", signature))
            for spelling, signature in re.findall(macro + r'\(\w+, "([^"]+)", "([^"]*)"\)', text)]


def values(letter, path, counts=None):
    """What may stand for a letter; a path is told, as it is another one behind the first."""
    optional, letter = letter[0] in "?*+", letter.lstrip("?*+")
    words = re.fullmatch(r"W\{(.*)\}", letter)
    limits = re.fullmatch(r"I\{(-?\d+)\.\.(-?\d+)\}", letter)
    if words:
        made = words.group(1).split("|")
    elif limits:
        made = [number for number in SAMPLES["I"] if int(limits.group(1)) <= int(number) <= int(limits.group(2))]
    elif letter == "P":
        made = path
    elif letter == "C" and counts:
        made = counts
    else:
        made = SAMPLES.get(letter, [])
    return made + [""] * optional


def spelled(spelling, parts):
    return " ".join([spelling, *(part for part in parts if part)])


def kinds(counts):
    """Every kind, as `new` takes it; with all counts, or else with one or two samples."""
    for spelling, signature in table("kinds.def", "KIND"):
        choices = [values(letter, ["B"], COUNTS if counts else ["5"]) for letter in signature]
        yield from (spelled(spelling, parts) for parts in itertools.product(*(c if counts else c[:2] for c in choices)))


def operations():
    """For every operation that names the object first, all it is tried with; and every kind that is made of the object."""
    for spelling, signature in table("ops.def", "OP"):
        letters = signature[1:] if signature[:1] == ["n"] else signature
        if letters[:1] not in (["P"], ["S"]):
            continue
        choices = [["A"] if i == 0 and letter == "P" else values(letter, ["A", "B"]) for i, letter in enumerate(letters)]
        made = ["C"] if letters is not signature else []
        yield [spelled(spelling, [*made, *parts]) for parts in itertools.product(*choices)]
    yield [f"new C {spelling} A" for spelling, signature in table("kinds.def", "KIND")
           if "P" in [letter.lstrip("?*+") for letter in signature]]


def scene(kind, operation):
    return ["new B node", "new C list", f"new A {kind}", *([operation] if operation else []),
            *LOOKS, *LAST]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.trace"):
        old.unlink()
    chosen = [[(kind, None)] for kind in kinds(True)]
    chosen += [[(kind, operation) for operation in group] for kind in kinds(False) for group in operations()]
    for i, scenes in enumerate(chosen):
        lines = ["%trace 1", "disable", *(line for kind, operation in scenes for line in scene(kind, operation))]
        (folder / f"{i:05}.trace").write_text("\n".join([*lines, ""]))
    print(f"{len(chosen)} traces, {sum(map(len, chosen))} scenes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: sweep.py FOLDER")
    main()
