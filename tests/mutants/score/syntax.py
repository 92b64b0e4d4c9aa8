"""Changes of C code by clang's syntax tree: every place of a file that one of
the standard operators can change, as (operator, begin, end, new text).

A place is where the tree says that an expression or statement is spelled in
the file; what a macro spells elsewhere stays, a macro's argument and a macro
that stands for a number do not. So whatever is changed here is code, and what
takes its place has the syntax that was there.
"""
import json
import re
import subprocess

FLAGS = ["-std=c17", "-D_POSIX_C_SOURCE=200809L", '-DRH_VERSION="0"']

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"}
ASSIGNMENTS = {"+=": "-=", "-=": "+=", "*=": "+=", "/=": "*=", "|=": "&=", "&=": "|=", "^=": "|=", "<<=": ">>=", ">>=": "<<="}
LOGIC = {"&&": "||", "||": "&&"}
STEPS = {"++": "--", "--": "++"}
BINARY = [("relational", RELATIONS), ("arithmetic", ARITHMETIC), ("arithmetic", ASSIGNMENTS), ("logical", LOGIC)]
EXPRESSION_STATEMENTS = {"CallExpr", "CompoundAssignOperator", "UnaryOperator", "CStyleCastExpr", "BinaryOperator"}
JUMPS = {"ReturnStmt", "BreakStmt", "ContinueStmt"}
CONDITION = {"IfStmt": 0, "WhileStmt": 0, "ForStmt": 2, "DoStmt": 1, "ConditionalOperator": 0}
BODIES = {"IfStmt": (1, 2), "WhileStmt": (1,), "ForStmt": (4,), "DoStmt": (0,)}
ENUMERATOR = {"kind": "EnumConstantDecl"}
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)")


def parsed(root, path):
    """clang's tree of one file; every place in it names its file."""
    command = ["clang", *FLAGS, f"-I{root}/src", "-Xclang", "-ast-dump=json", "-fsyntax-only", str(path)]
    dump = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    last = [None]

    def named(node):  # clang names a file only where it differs from that of the place before
        if "offset" in node and "tokLen" in node:
            last[0] = node.setdefault("file", last[0])
        return node

    return json.loads(dump, object_hook=named)


class Source:
    """One file's text and where the tree's nodes are spelled in it."""

    def __init__(self, path, text):
        self.path, self.text = str(path), text
        if not text.isascii():
            raise ValueError(f"{path}: places are counted in bytes, so the text must be ASCII")

    def token(self, place):
        """(begin, end, whether a macro stands there) of one token; None if it is spelled elsewhere."""
        macro = False
        if "expansionLoc" in place:
            macro = not place["expansionLoc"].get("isMacroArgExpansion")
            place = place["expansionLoc"] if macro else place["spellingLoc"]
        if place.get("file") != self.path:
            return None
        return place["offset"], place["offset"] + place["tokLen"], macro

    def span(self, node):
        """(begin, end) of a node that no macro spells, or of a macro without arguments that is the whole of it."""
        first, last = (self.token(node["range"].get(side, {})) for side in ("begin", "end"))
        if first is None or last is None or (last[2] and self.text[last[1]:last[1] + 1] == "("):
            return None
        if first[2] and first[:2] != last[:2] and not self.text[first[0]:first[1]].isidentifier():
            return None
        return (first[0], last[1]) if first[0] < last[1] else None

    def of(self, node):
        span = self.span(node)
        return self.text[slice(*span)] if span else None


def type_of(node):
    kind = node.get("type", {})
    return kind.get("desugaredQualType", kind.get("qualType", "")).removeprefix("const ")


def inner(node):
    return node.get("inner", [])


def bare(node):
    """The node without the casts and brackets that are not written, or say nothing."""
    while node.get("kind") in ("ImplicitCastExpr", "ParenExpr", "ConstantExpr") and inner(node):
        node = inner(node)[0]
    return node


def of_binary(source, node):
    if node["kind"] not in ("BinaryOperator", "CompoundAssignOperator"):
        return
    left, right = map(source.span, inner(node))
    if left is None or right is None or left[1] >= right[0]:
        return
    gap = source.text[left[1]:right[0]]
    code = COMMENT.sub(lambda match: " " * len(match[0]), gap)
    for kind, table in BINARY:
        new = table.get(node["opcode"])
        if new and code.strip(" \n()") == node["opcode"]:
            at = left[1] + code.index(node["opcode"])
            yield kind, at, at + len(node["opcode"]), new


def of_steps(source, node):
    span = source.span(node) if node["kind"] == "UnaryOperator" and node["opcode"] in STEPS else None
    if span:
        at = span[1] - 2 if node["isPostfix"] else span[0]
        if source.text[at:at + 2] == node["opcode"]:
            yield "arithmetic", at, at + 2, STEPS[node["opcode"]]


def of_constants(source, node):
    """A number becomes its neighbours, true false, a named constant or a named limit is off by one."""
    literal = node["kind"] in ("IntegerLiteral", "DeclRefExpr", "ParenExpr")
    span = source.span(node) if literal else None
    word = source.text[slice(*span)] if span else ""
    number = NUMBER.fullmatch(word)
    if number:
        value = int(number[1], 0)
        for new in {value + 1, max(value - 1, 0)} - {value}:
            yield "constant", *span, f"{new}{number[2]}"
    elif word in ("true", "false"):
        yield "constant", *span, "false" if word == "true" else "true"
    elif re.fullmatch(r"[A-Z][A-Z0-9_]+", word) and node.get("referencedDecl", ENUMERATOR)["kind"] == ENUMERATOR["kind"]:
        for step in ("+", "-"):
            yield "off_by_one", *span, f"({word} {step} 1)"


def of_subscripts(source, node):
    span = source.span(inner(node)[1]) if node["kind"] == "ArraySubscriptExpr" else None
    if span and not NUMBER.fullmatch(source.text[slice(*span)]):
        for step in ("+", "-"):
            yield "off_by_one", *span, f"({source.text[slice(*span)]}) {step} 1"


def of_conditions(source, node):
    at = CONDITION.get(node["kind"])
    parts = inner(node)
    span = source.span(parts[at]) if at is not None and parts[at].get("range") else None
    if span:
        yield "condition", *span, f"!({source.text[slice(*span)]})"


def of_arguments(source, node):
    """Two neighbouring arguments of one type change places."""
    arguments = inner(node)[1:] if node["kind"] == "CallExpr" else []
    for one, other in zip(arguments, arguments[1:]):
        a, b = source.span(one), source.span(other)
        if a and b and a[1] < b[0] and type_of(one) == type_of(other) and source.of(one) != source.of(other):
            yield "arguments", a[0], b[1], source.of(other) + source.text[a[1]:b[0]] + source.of(one)


def of_returns(source, node, result):
    """Another value is returned: the opposite, the next number, no object at all."""
    value = inner(node)[0] if node["kind"] == "ReturnStmt" and inner(node) else None
    span = source.span(value) if value else None
    if span is None or bare(value)["kind"] in ("IntegerLiteral", "CharacterLiteral", "StringLiteral"):
        return
    text = source.text[slice(*span)]
    if result in ("bool", "_Bool"):
        yield "return", *span, f"!({text})"
    elif result.endswith("*"):
        yield "return", *span, "0"
    elif result != "void" and not result.startswith("struct "):
        yield "return", *span, f"({text}) + 1"


def of_statement(source, node, last):
    """A statement goes; a function's last return stays."""
    kind = node.get("kind")
    if kind == "BinaryOperator" and node["opcode"] != "=" or kind == "ReturnStmt" and last:
        return
    span = source.span(node) if kind in EXPRESSION_STATEMENTS | JUMPS else None
    if span and source.text[span[1]:].lstrip().startswith(";"):
        yield "deletion", *span, ""


def of_statements(source, node, last):
    """The statements that stand directly in this one."""
    parts = inner(node)
    if node["kind"] == "CompoundStmt":
        for child in parts:
            yield from of_statement(source, child, last and child is parts[-1])
    elif node["kind"] in ("CaseStmt", "DefaultStmt"):
        yield from of_statement(source, parts[-1], False)
    else:
        for at in BODIES.get(node["kind"], ()):
            if at < len(parts):
                yield from of_statement(source, parts[at], False)


def of_function(source, function):
    """Every change of one function's body."""
    result = function["type"]["qualType"].partition("(")[0].strip()
    body = inner(function)[-1]
    todo = [body]
    while todo:
        node = todo.pop()
        if "kind" not in node:
            continue
        for rule in (of_binary, of_steps, of_constants, of_subscripts, of_conditions, of_arguments):
            yield from rule(source, node)
        yield from of_returns(source, node, result)
        yield from of_statements(source, node, node is body)
        todo += inner(node)[1:] if node["kind"] == "CaseStmt" else inner(node)


def of_initialisers(source, tree):
    """The numbers of a table, which are arguments of macros in what initialises variables."""
    todo = [node for node in inner(tree) if node["kind"] == "VarDecl"]
    while todo:
        node = todo.pop()
        if node.get("kind") == "IntegerLiteral":
            yield from of_constants(source, node)
        todo += [child for child in inner(node) if "kind" in child]


def candidates(tree, path, text):
    """[(function, operator, begin, end, new)] in order, each change once. A table has no functions."""
    source = Source(path, text)
    found = {("", *change) for change in of_initialisers(source, tree)} if path.suffix == ".def" else set()
    for node in inner(tree):
        if path.suffix == ".c" and node["kind"] == "FunctionDecl" and inner(node) and inner(node)[-1]["kind"] == "CompoundStmt":
            if source.span(inner(node)[-1]):
                found |= {(node["name"], *change) for change in of_function(source, node)}
    return sorted(found, key=lambda change: change[2:] + change[:2])
