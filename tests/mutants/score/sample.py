"""A sample of the changes that syntax.py finds, without those that compilers
show to change nothing.

A file gives one mutant, and another for every so many lines. Operators take
turns, so that the rare ones are there too. The choice depends on the file, on
what it includes and on SEED: a change of one file renews its mutants and no
other's. A change whose object code is that of the original, or of a mutant
chosen before, with gcc or with clang, is passed over (trivial compiler
equivalence), as is one that does not compile.
"""
import json
import random
import subprocess
import tempfile
from pathlib import Path

import ctext
import syntax

SEED = "refheap-1"
LINES_PER_MUTANT = {"runtime": 70, "profile": 14, "model": 100, "oracle": 200, "topics": 40}
STORED = Path(__file__).resolve().parent / "generated.json"


def files(root):
    """The files that are mutated, and the file of code that each is part of."""
    for folder in LINES_PER_MUTANT:
        for path in sorted((root / "src" / folder).glob("*.c")):
            yield path, path
    for path in sorted((root / "src" / "profile" / "topics").glob("*.def")):
        if syntax.NUMBER.search(path.read_text()):
            yield path, root / "src" / "profile" / "profile.c"


def functions(path, text):
    """name -> (begin, end) in the text; a table is one piece without a name."""
    if path.suffix == ".def":
        return {"": (0, len(text))}
    return {function.name: (function.begin, function.end) for function in ctext.functions_of(text)}


class Compilers:
    """Object code of a file of code in which one file has another text."""

    COMMANDS = [["gcc", "-O2"], ["clang", "-O2"]]

    def __init__(self, root, path, user):
        self.root, self.folder = root, tempfile.TemporaryDirectory(prefix="mutants-")
        self.place = Path(self.folder.name) / path.relative_to(root / "src")
        self.place.parent.mkdir(parents=True)
        self.source = self.place if path == user else user

    def __call__(self, text):
        """One object a compiler; None if it is not C."""
        self.place.write_text(text)
        objects, to = [], Path(self.folder.name) / "object.o"
        for command in self.COMMANDS:
            options = [*syntax.FLAGS, "-w", "-iquote", self.folder.name, f"-I{self.root}/src", "-o", str(to)]
            if subprocess.run([*command, *options, "-c", str(self.source)], capture_output=True, check=False).returncode != 0:
                return None
            objects.append(to.read_bytes())
        return objects


def numbered(found):
    """name -> change; the names count the changes of one operator in one function."""
    counted, named = {}, {}
    for change in found:
        counted[change[:2]] = counted.get(change[:2], 0) + 1
        named[".".join(filter(None, [change[0], f"{change[1]}_{counted[change[:2]]}"]))] = change
    return named


def in_turn(found, seed):
    """The names in random order, but one of each operator before a second of any."""
    order, seen = sorted(found), {}
    random.Random(seed).shuffle(order)
    ranked = []
    for name in order:
        kind = found[name][1]
        seen[kind] = seen.get(kind, 0) + 1
        ranked.append((seen[kind], len(ranked), name))
    return [name for *_, name in sorted(ranked)]


def of_file(root, path, user):
    """The mutants of one file, as they are stored."""
    text, shown = path.read_text(), str(path.relative_to(root))
    found = numbered(syntax.candidates(syntax.parsed(root, user), path, text))
    bodies, compilers = functions(path, text), Compilers(root, path, user)
    count = 1 + text.count("\n") // LINES_PER_MUTANT[path.parent.name]
    seen, mutants = [compilers(text)], []
    for name in in_turn(found, f"{SEED}:{shown}"):
        function, kind, begin, end, new = found[name]
        objects = compilers(text[:begin] + new + text[end:])
        if objects is None or any(one == other for known in seen for one, other in zip(objects, known)):
            continue
        seen.append(objects)
        mutants.append({"name": f"{path.parent.name}.{path.stem}.{name}", "file": shown, "function": function,
                        "operator": kind, "at": begin - bodies[function][0], "old": text[begin:end], "new": new})
        if len(mutants) == count:
            break
    return sorted(mutants, key=lambda mutant: (mutant["function"], mutant["at"], mutant["name"]))


def stored():
    return json.loads(STORED.read_text()) if STORED.is_file() else []


def store(mutants):
    STORED.write_text("[\n" + ",\n".join(json.dumps(mutant) for mutant in mutants) + "\n]\n")
