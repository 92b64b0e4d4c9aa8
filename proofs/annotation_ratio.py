#!/usr/bin/env python3
"""How many lines of annotation the proof needs for each line of code.

Code is what a compiler sees of the files under the gate and of the headers of
src/core. Annotation is ACSL, ghost code included, macros that annotations
alone use, what only Frama-C reads (#ifdef __FRAMAC__), and specs/acsl. Blank
lines and ordinary comments are neither, inside annotations too; a line that
holds both counts for both.

usage: annotation_ratio.py     (exit code 1: above the limit)
"""
import re
import sys

from program import PROVEN, ROOT, with_headers

LIMIT = 4
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.S)
ANNOTATION = re.compile(r"/[*/]\s*@")
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)((?:[^\n]*\\\n)*[^\n]*)", re.M)
FRAMAC = re.compile(r"^[ \t]*#[ \t]*ifdef[ \t]+__FRAMAC__\b.*?^[ \t]*#[ \t]*endif", re.M | re.S)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def separate(text):
    """The C of a file and its annotations, each where it stood."""
    code = notes = ""
    end = 0
    for match in TOKEN.finditer(text):
        token, before = match[0], text[end:match.start()]
        end = match.end()
        annotation = ANNOTATION.match(token) is not None
        inner = re.sub(r"(?<!^)//[^\n]*", lambda comment: blank(comment[0]), token)
        code += before + (token if token[0] == '"' else blank(token))
        notes += blank(before) + (inner if annotation else blank(token))
    return code + text[end:], notes + blank(text[end:])


def unused_macros(codes):
    """Macros that no C uses, not even by way of another one: annotations do."""
    bodies = {name: body for code in codes for name, body in DEFINE.findall(code)}
    todo = [word for code in codes for word in re.findall(r"\w+", DEFINE.sub("", code))]
    used = set()
    while todo:
        name = todo.pop()
        if name in bodies and name not in used:
            used.add(name)
            todo += re.findall(r"\w+", bodies[name])
    return set(bodies) - used


def lines(text):
    return sum(bool(line.strip()) for line in text.splitlines())


def count(texts):
    """Lines of code and of annotation of C files that belong together."""
    codes, notes = zip(*map(separate, texts))
    unused = unused_macros(codes)
    code = annotation = 0
    for own, note in zip(codes, notes):
        moved = [match.span() for match in FRAMAC.finditer(own)]
        moved += [match.span() for match in DEFINE.finditer(own) if match[1] in unused]
        for begin, end in moved:
            note = note[:begin] + own[begin:end] + note[end:]
            own = own[:begin] + blank(own[begin:end]) + own[end:]
        code, annotation = code + lines(own), annotation + lines(note)
    return code, annotation


def figures():
    """Lines of code and of annotation: of what is proven and the headers that it includes, no others."""
    core = ROOT / "src" / "core"
    files = [file for file in with_headers([core / name for name in PROVEN]) if file.parent == core]
    code, annotation = count([file.read_text() for file in files])
    logic = [separate(file.read_text()) for file in sorted((ROOT / "specs" / "acsl").glob("*.h"))]
    return code, annotation + sum(lines(part) for parts in logic for part in parts)


def sentence():
    code, annotation = figures()
    return f"{annotation:,} lines of annotation prove {code:,} lines of code: {annotation / code:.1f} a line, at most {LIMIT}."


def problems():
    code, annotation = figures()
    return [f"{annotation} lines of annotation for {code} of code: more than {LIMIT} a line"] if annotation > LIMIT * code else []


if __name__ == "__main__":
    print(sentence())
    sys.exit("annotation_ratio: " + problems()[0] if problems() else 0)
