"""The C text of the core: what of a file is code, its functions, and the text
that a result about one function depends on.

Relies on the layout clang-format gives: a function's head begins, and its
closing brace stands, in column one.
"""
import functools
import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "proofs"))
import model_check  # noqa: E402, F401  (what the model checkers go through)
import program  # noqa: E402  (the gate's own idea of the program)

NOT_CODE = re.compile(
    r"^#ifdef RH_CHECKS\b.*?^#endif[^\n]*"  # test builds only
    r"|/\*.*?\*/|//[^\n]*|^[ \t]*#(?:\\\n|[^\n])*"
    r'|"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'", re.S | re.M)
HEAD = re.compile(r"^[A-Za-z_][\w *]*?\b(?P<name>\w+) ?\([^;{}]*\) (?P<brace>\{)", re.M)


def code_of(text):
    """The text with all that is not C code blanked (annotations too); offsets stay."""
    return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


class Function:
    """Where a function's body stands, from its opening brace to behind its closing one."""

    def __init__(self, name, begin, end):
        self.name, self.begin, self.end = name, begin, end


def functions_of(text):
    """The C functions of a file in order; ghost functions are not code."""
    code = code_of(text)
    found = []
    for match in HEAD.finditer(code):
        begin = match.start("brace")
        end = code.index("}", begin) + 1 if "\n" not in code[begin:code.index("}", begin)] else code.index("\n}", begin) + 2
        found.append(Function(match["name"], begin, end))
    return found


def as_the_gate_sees(text):
    """The text without the branches of conditionals that the gate does not take: shrunken capacities, test builds."""
    lines, taking = [], []
    for line in text.splitlines():
        words = line.split()
        if words and words[0] in ("#ifdef", "#ifndef"):
            taking.append((words[0] == "#ifndef") != (words[1] == "__FRAMAC__"))
        elif words and words[0] == "#elif":
            taking[-1] = False
        elif words and words[0] == "#else":
            taking[-1] = not taking[-1]
        elif words and words[0] == "#endif":
            taking.pop()
        elif all(taking):
            lines.append(line)
    return "\n".join(lines)


def without_bodies(text, kept):
    """Contracts, definitions and declarations, and the body of the one function `kept`; spaces and comments do not count."""
    parts, end, text = [], 0, as_the_gate_sees(text)
    for function in functions_of(text):
        if function.name != kept:
            parts += [text[end:function.begin], "{}"]
            end = function.end
    return " ".join(program.without_c_comments("".join(parts) + text[end:]).split())


@functools.lru_cache(None)
def read(path):
    return path.read_text()


@functools.lru_cache(None)
def included(path):
    """The file and the headers of ours that it includes."""
    return [p.resolve() for p in program.with_headers([path.resolve()])]


@functools.lru_cache(None)
def unchanged(path, kept):
    return without_bodies(read(path), kept)


def key(files, function, changed_file, changed_text):
    """Names the text of these files, with one of them changed, but for the bodies of other functions."""
    texts = [without_bodies(changed_text, function) if path == changed_file else unchanged(path, function) for path in files]
    return hashlib.sha256("\0".join([function, *texts]).encode()).hexdigest()[:20]


def first_user(path):
    """The proven file in which the gate proves what is in this header."""
    for name in program.PROVEN:
        if path in included(ROOT / "src" / "core" / name):
            return ROOT / "src" / "core" / name
    raise ValueError(f"{path.name} is in no proven file")
