"""The proven program: which files it is, what their text may not hold, and
each function as Frama-C reads it, with the text its proof depends on.
"""
import concurrent.futures
import hashlib
import pathlib
import re
import subprocess

from wp import Failure, fail, tool

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = [ROOT / "src", ROOT / "specs"]
CPP = ["-cpp-extra-args=" + " ".join(f"-I{folder}" for folder in INCLUDE)]

PROVEN = ["arena.c", "block.c", "collect.c", "core.c", "growth.c", "intern.c", "object.c", "pool.c", "ring.c", "run.c"]
# Not under the gate, and why; proofs/SOUNDNESS.md says what that means.
NOT_PROVEN = {
    "address.c": "the address shell: the only file that knows addresses",
    "prefetch.c": "hints to the memory system",
    "tables.c": "where the tables are; nothing proven calls it",
    "block_check.c": "test builds only: walks the heap and looks for broken invariants",
    "intern_check.c": "test builds only: walks the intern table and looks for broken invariants",
    "object_check.c": "test builds only: walks the heap and looks for broken invariants",
}

# The shell's functions that proven code calls: their contracts are assumed.
ASSUMED = {"rh_region_zero", "rh_region_copy", "rh_prefetch_object", "rh_prefetch_slots", "rh_intern_same"}

FORBIDDEN = [
    (re.compile(r"\b(axiom|axiomatic|admit)\b"), "assumes what it should prove"),
    (re.compile(r"\brequires\b[^;]*\\false"), "a false precondition proves anything"),
    (re.compile(r"\bassumes\b\s*(?:\w+\s*:)?\s*\\false"), "a behavior that never applies proves anything"),
    (re.compile(r"\bunion\b"), "the provers' memory model is not sound for unions"),
    (re.compile(r"\basm\b|__asm"), "the provers cannot see what assembly does"),
    (re.compile(r"\((?:const |volatile |struct |unsigned |signed )*\w+ \*+\)"), "a pointer cast hides what is accessed"),
]


def listed_files(folder):
    """The proven files of a folder; every C file must be in one of the two lists."""
    problems = []
    present = {path.name for path in folder.glob("*.c")}
    for name in sorted(present - set(PROVEN) - set(NOT_PROVEN)):
        problems.append(f"src/core/{name} is neither in PROVEN nor in NOT_PROVEN of proofs/program.py")
    for name in sorted((set(PROVEN) | set(NOT_PROVEN)) - present):
        problems.append(f"proofs/program.py lists src/core/{name}, which does not exist")
    fail(problems)
    return [folder / name for name in PROVEN]


def shown(path):
    try:
        return str(path.resolve().relative_to(ROOT))
    except ValueError:
        return path.name


# ---- the text that people read ----

def without_c_comments(text):
    """The text with comments blanked, annotations and line numbers kept; only spaces stand for what is gone."""
    def blank(match):
        comment = match.group(0)
        return comment if re.match(r"/[*/]\s*@", comment) else re.sub(r"[^\n]", " ", comment)
    return re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)


def with_headers(files):
    """The files and the headers of ours that they include."""
    seen, todo = [], list(files)
    while todo:
        path = todo.pop(0)
        if path in seen:
            continue
        seen.append(path)
        for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', path.read_text(), re.M):
            for folder in [path.parent, *INCLUDE]:
                if (folder / name).is_file():
                    todo.append((folder / name).resolve())
                    break
    return seen


def check_sources(files):
    """What no proven file may hold."""
    problems = []
    for path in with_headers([f.resolve() for f in files]):
        text = without_c_comments(path.read_text())
        for pattern, why in FORBIDDEN:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{shown(path)}:{line}: `{' '.join(match.group(0).split())}`: {why}")
    fail(problems)


# ---- the program as Frama-C reads it ----

HEADER = re.compile(r"^[ ]*(?:/\*@ ghost )?(?:static |extern |__inline |inline |const |_Noreturn )*(?:struct |enum |unsigned |signed )*"
                    r"(?P<type>\w+)(?P<star> \**| )(?P<name>\w+)\((?P<parameters>[^;{}()]*)\)(?P<end>;|\s*$)", re.M)
NOT_A_TYPE = {"return", "else", "goto", "predicate", "lemma", "logic"}
LEMMA = re.compile(r"\blemma\s+(\w+)")


def printed(file):
    """The program with macros expanded and contracts merged."""
    result = subprocess.run([tool("frama-c"), *CPP, str(file), "-no-unicode", "-print"], capture_output=True, text=True,
                            cwd=ROOT, check=False)
    if result.returncode != 0:
        raise Failure("Frama-C cannot read the sources:\n" + result.stdout + result.stderr)
    return "\n".join(line for line in result.stdout.splitlines() if not line.startswith("["))


class Function:
    """A function with a body: its result's type, its contract, where it and its body stand in the printed text."""

    def __init__(self, result, contract, begin, end):
        self.result, self.contract, self.begin, self.end = result, contract, begin, end


def contract_before(text, end):
    """The annotation that ends at `end`, spaces apart."""
    before = text[:end].rstrip()
    for opening, closing in (("/*@", "*/"), ("/@", "@/")):
        if before.endswith(closing) and opening in before:
            return before[before.rindex(opening):]
    return ""


def functions_of(text):
    """name -> Function of those with a body, ghost ones included, and name -> contract of those without."""
    found, declared = {}, {}
    for match in HEADER.finditer(text):
        if match["type"] in NOT_A_TYPE:
            continue
        contract = contract_before(text, match.start()) or declared.pop(match["name"], "")
        opening = re.compile(r"\s*\{").match(text, match.end())
        if match["end"] == ";" or not opening:
            declared[match["name"]] = contract
            continue
        indent = re.search(r"[ ]*$", text[:opening.end() - 1])[0]
        closing = re.compile(r"^" + indent + r"\}", re.M).search(text, opening.end())
        end = closing.end() if closing else opening.end()
        found[match["name"]] = Function(match["type"] + (" *" if "*" in match["star"] else ""), contract, match.start(), end)
    for name in set(declared) & set(found):
        del declared[name]
    return found, declared


def survey(file):
    """What Frama-C itself counts: functions with a body, with a contract alone, with neither."""
    result = subprocess.run([tool("frama-c"), *CPP, str(file), "-metrics"], capture_output=True, text=True, cwd=ROOT, check=False)
    parts = re.split(r"(Defined functions|Specified-only functions|Undefined and unspecified functions|'Extern' global)",
                     result.stdout)
    if len(parts) != 9:
        raise Failure(f"Frama-C does not count the functions of {shown(file)}:\n" + result.stdout)
    return [set(re.findall(r"(\w+) \(\d+ calls?\)", part)) for part in parts[2:7:2]]


def check_survey(file, counted, functions, declared):
    """The printed text was read as Frama-C reads it; nothing is called that has no contract."""
    with_body, contract_only, neither = counted
    problems = [f"{shown(file)}: function {name} is called and has no contract" for name in sorted(neither)]
    if with_body != set(functions):
        problems.append(f"{shown(file)}: Frama-C counts {len(with_body)} functions, the gate {len(functions)}: "
                        + ", ".join(sorted(with_body ^ set(functions))))
    problems += [f"{shown(file)}: the contract of {name} was not found" for name in sorted(contract_only - set(declared))]
    return problems


def check_assumptions(programs):
    """A contract that one file relies on is the one that another file proves."""
    proved = {name: function.contract for functions, _, _ in programs for name, function in functions.items()}
    problems = []
    for _, declared, (_, contract_only, _) in programs:
        for name in sorted(contract_only - ASSUMED):
            if name not in proved:
                problems.append(f"the contract of {name} is relied on and proved nowhere")
            elif proved[name] != declared[name]:
                problems.append(f"the contract of {name} is not the same where it is relied on and where it is proved")
    return problems


def check_function(name, function):
    """Its contract must say which memory it assigns, that it ends, does not exit, and what it results in."""
    missing = []
    if not re.search(r"\bterminates\s+(?:\w+\s*:\s*)?\\true", function.contract):
        missing.append("`terminates \\true`")
    if not re.search(r"\bexits\s+(?:\w+\s*:\s*)?\\false", function.contract):
        missing.append("`exits \\false`")
    if not re.search(r"\bassigns\b", function.contract):
        missing.append("`assigns`")
    if function.result != "void" and not re.search(r"\bensures\b[^;]*\\result", function.contract):
        missing.append("an `ensures` about \\result")
    elif function.result == "void" and not re.search(r"\bensures\b", function.contract):
        missing.append("an `ensures`")
    return [f"function {name}: its contract lacks {', '.join(missing)}"] if missing else []


LEMMAS = "lemmas"


class Unit:
    """What is proved at one go: a function of a file, or the file's lemmas. The key names the text the proof depends
    on: everything Frama-C prints of the file but the other functions' bodies. Contracts and definitions are in it."""

    def __init__(self, file, name, size, text, settings):
        self.file, self.name, self.size = file, name, size
        self.key = hashlib.sha256("\0".join([settings, name, text]).encode()).hexdigest()[:20]

    @property
    def path(self):
        return f"{self.file.stem}.{self.name}"


def units_of(file, text, functions, settings):
    """The units of a file. What headers bring is proved in every file that includes them: there it is relied on."""
    order = sorted(functions.items(), key=lambda item: item[1].begin)
    parts, end = [], 0
    for _, function in order:
        parts += [text[end:function.begin], "{}"]
        end = function.end
    shell = "".join(parts) + text[end:]
    units = []
    for name, function in order:
        own = text[function.begin:function.end]
        units.append(Unit(file, name, len(function.contract) + len(own), shell + own, settings))
    lemmas = len(LEMMA.findall(shell))
    if lemmas:
        units.append(Unit(file, LEMMAS, 400 * lemmas, shell, settings))
    return units


def read_program(files, settings):
    """Every unit of the files, checked; Failure when a contract says too little."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(printed, files))
        surveys = list(pool.map(survey, files))
    units, programs, problems = [], [], []
    for file, text, counted in zip(files, texts, surveys):
        functions, declared = functions_of(text)
        programs.append((functions, declared, counted))
        problems += check_survey(file, counted, functions, declared)
        for name, function in functions.items():
            problems += check_function(name, function)
        units += units_of(file, text, functions, settings)
    fail(list(dict.fromkeys(problems + check_assumptions(programs))))
    return units
