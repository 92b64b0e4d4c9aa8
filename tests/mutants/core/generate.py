"""Mutants by rule: one small change of C code, never of an annotation, spread
over all functions of the proven core.

The choice is a function of each function's own text and of SEED alone, so a
change of one function renews its mutants and no other's.
"""
import random
import re

import ctext

SEED = "refheap-1"
# One change a function, and another for every so many places that could be changed.
PLACES_PER_MUTANT = 14

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/", "+=": "-=", "-=": "+=", "++": "--", "--": "++"}
LOGIC = {"&&": "||", "||": "&&"}
TOKEN = re.compile(r"\d\w*|[A-Za-z_]\w*|<=|>=|==|!=|&&|\|\||\+\+|--|\+=|-=|->|\S")
CONTROL = {"if", "for", "while", "return", "sizeof"}
DECLARATION = re.compile(r"(?:static |const )*(?:uint\d+_t|bool|struct \w+) ")


def closing(code, opening):
    """The offset behind the bracket that closes the one at `opening`."""
    depth = 0
    for at in range(opening, len(code)):
        depth += (code[at] in "([{") - (code[at] in ")]}")
        if depth == 0:
            return at + 1
    raise ValueError("unbalanced brackets")


def of_operators(code, tokens):
    """relational, arithmetic and logical operators for their neighbours."""
    for before, token in zip([None, *tokens], tokens):
        text = token[0]
        binary = before is not None and re.match(r"[\w)\]]", before[0][-1]) and before[0] not in CONTROL
        if text in RELATIONS:
            yield "relational", token.start(), token.end(), RELATIONS[text]
        elif text in LOGIC:
            yield "logical", token.start(), token.end(), LOGIC[text]
        elif text in ARITHMETIC and binary:
            yield "arithmetic", token.start(), token.end(), ARITHMETIC[text]


def of_constants(code, tokens):
    """A number becomes the next one, 0 and 1 each other; a named limit is off by one."""
    for token in tokens:
        number = re.fullmatch(r"(\d+)(u?)", token[0])
        if number:
            new = 1 - int(number[1]) if int(number[1]) < 2 else int(number[1]) + 1
            yield "constant", token.start(), token.end(), f"{new}{number[2]}"
        elif re.fullmatch(r"RH_[A-Z_]+|SCRATCH|LARGE_MAX", token[0]):
            for step in ("+", "-"):
                yield "off_by_one", token.start(), token.end(), f"({token[0]} {step} 1)"


def of_conditions(code, tokens):
    """A condition of if or while becomes its opposite."""
    for token in tokens:
        if token[0] in ("if", "while"):
            begin = code.index("(", token.start())
            end = closing(code, begin)
            yield "condition", begin, end, f"(!{code[begin:end]})"


def of_statements(code, tokens):
    """A statement of one line goes; so does a guard's return. A declaration, or a function's last return, stays."""
    for line in re.finditer(r"^[ \t]*(\S[^\n]*;)[ \t]*$", code, re.M):
        begin, guarded = line.start(1), False
        while re.match(r"(if|for|while|else)\b", code[begin:]):
            guarded = True
            begin += re.match(r"\w+ ?", code[begin:]).end()
            if code[begin] == "(":
                begin = closing(code, begin)
            begin += re.match(r"\s*", code[begin:]).end()
        statement = code[begin:line.end(1)]
        if statement.startswith("return") and not guarded or DECLARATION.match(statement) or statement == ";":
            continue
        if statement.count(";") == 1 and not statement.startswith("}"):
            yield "deletion", begin, line.end(1), ";"


def of_arguments(code, tokens):
    """The first two arguments of a call change places."""
    for token, after in zip(tokens, tokens[1:]):
        if after[0] != "(" or not re.match(r"[a-z_]", token[0]) or token[0] in CONTROL or after.start() != token.end():
            continue
        begin, end = after.end(), closing(code, after.start()) - 1
        parts, depth, last = [], 0, begin
        for at in range(begin, end):
            depth += (code[at] in "([") - (code[at] in ")]")
            if code[at] == "," and depth == 0:
                parts.append(code[last:at].strip())
                last = at + 1
        parts.append(code[last:end].strip())
        if len(parts) > 1 and parts[0] != parts[1]:
            yield "arguments", begin, end, ", ".join([parts[1], parts[0], *parts[2:]])


def candidates(code):
    """Every change that the rules allow in a function's body: (rule, number among its rule's, begin, end, new text)."""
    tokens = list(TOKEN.finditer(code))
    found = []
    for rule in (of_operators, of_constants, of_conditions, of_statements, of_arguments):
        found += rule(code, tokens)
    counted = {}
    for kind, begin, end, new in sorted(found):
        counted[kind] = counted.get(kind, 0) + 1
        yield kind, counted[kind], begin, end, new


def chosen(file, function, code):
    """A few of the candidates; one of each rule before a second of any."""
    found = list(candidates(code))
    random.Random(f"{SEED}:{file}:{function}").shuffle(found)
    rank, seen = [], {}
    for place in found:
        seen[place[0]] = seen.get(place[0], 0) + 1
        rank.append((seen[place[0]], len(rank)))
    found = [found[at] for _, at in sorted(rank)]
    return sorted(found[:1 + len(found) // PLACES_PER_MUTANT])


def generated(paths):
    """(file, function, name, begin, end, new) for every mutant of these files."""
    for path in paths:
        text = ctext.read(path)
        code = ctext.code_of(text)
        for function in ctext.functions_of(text):
            for kind, number, begin, end, new in chosen(path.name, function.name, code[function.begin:function.end]):
                yield (path, function.name, kind, f"{path.stem}.{function.name}.{kind}_{number}", function.begin + begin,
                       function.begin + end, new)
