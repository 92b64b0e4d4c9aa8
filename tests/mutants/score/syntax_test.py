#!/usr/bin/env python3
"""What the rules on clang's syntax tree change in a small program, and what
they leave alone.
"""
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "core")]
import sample  # noqa: E402
import syntax  # noqa: E402

PROGRAM = """#include <stdbool.h>
enum { LIMIT = 4 };
#define ROOM 8
#define TWICE(x) ((x) + (x))
#define HIDDEN(a) ((a) - 3)
static int sum(int a, int b) {
  return a - b;
}
static bool is_small(int n, const int *table) {
  if (n < LIMIT && n != ROOM) return true;
  n += sum(n, table[n]); // n < LIMIT
  return HIDDEN(n) > TWICE(5);
}
int f(int n, const int *table) {
  unsigned same = (unsigned)n;
  if (same > 0u) n++;
  return is_small(n, table);
}
"""
# function, operator, what is there, what takes its place
THERE = [
    ("sum", "arithmetic", "-", "+"), ("sum", "return", "a - b", "(a - b) + 1"), ("is_small", "relational", "<", "<="),
    ("is_small", "off_by_one", "LIMIT", "(LIMIT + 1)"), ("is_small", "off_by_one", "ROOM", "(ROOM - 1)"),
    ("is_small", "logical", "&&", "||"), ("is_small", "condition", "n < LIMIT && n != ROOM", "!(n < LIMIT && n != ROOM)"),
    ("is_small", "constant", "true", "false"), ("is_small", "deletion", "return true", ""),
    ("is_small", "deletion", "n += sum(n, table[n])", ""), ("is_small", "arithmetic", "+=", "-="),
    ("is_small", "off_by_one", "n", "(n) - 1"), ("is_small", "arguments", "n, table[n]", "table[n], n"),
    ("is_small", "constant", "5", "6"), ("f", "arithmetic", "++", "--"), ("f", "deletion", "n++", ""),
]
# macros' own text, comments, enumerations, a last return, arguments of two types
NOT_THERE = [("is_small", "constant", "3"), ("is_small", "arithmetic", "-"), ("f", "deletion", "return is_small(n, table)"),
             ("f", "arguments", "n, table"), ("", "constant", "4"), ("", "constant", "8")]


def check(root):
    path = root / "src" / "runtime" / "small.c"
    path.parent.mkdir(parents=True)
    path.write_text(PROGRAM)
    found = syntax.candidates(syntax.parsed(root, path), path, PROGRAM)
    shown = [(function, kind, PROGRAM[begin:end], new) for function, kind, begin, end, new in found]
    problems = [f"is not found: {change}" for change in THERE if change not in shown]
    problems += [f"is found: {change}" for change in shown if change[:3] in NOT_THERE]
    relations = [change for change in shown if change[0] == "is_small" and change[2] == "<"]
    problems += [f"the comment counts: {relations}"] if len(relations) != 1 else []

    compilers = sample.Compilers(root, path, path)
    original, other = compilers(PROGRAM), compilers(PROGRAM.replace("same > 0u", "same != 0u"))
    problems += ["an equivalent change has other object code"] if other != original else []
    problems += ["another program has the same object code"] if compilers(PROGRAM.replace("a - b", "a + b")) == original else []
    problems += ["what is not C compiles"] if compilers(PROGRAM + "}") is not None else []

    chosen = sample.of_file(root, path, path)
    problems += ["the choice is not the same each time"] if chosen != sample.of_file(root, path, path) else []
    for mutant in chosen:
        begin = sample.functions(path, PROGRAM)[mutant["function"]][0] + mutant["at"]
        if PROGRAM[begin:begin + len(mutant["old"])] != mutant["old"]:
            problems.append(f"is not at its place: {mutant}")
    return problems or ([] if chosen else ["nothing is chosen"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        problems = check(pathlib.Path(folder).resolve())
    print("\n".join(problems) or "as expected")
    sys.exit(bool(problems))


main()
