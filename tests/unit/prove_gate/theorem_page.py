#!/usr/bin/env python3
"""Tests of what documents say of the proof: a theorem is proved only when its
clauses exist and its functions are proved, and lines are counted for what they
are.

usage: theorem_page.py ROOT
"""
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(ROOT / "proofs"))
import annotation_ratio  # noqa: E402
import theorems  # noqa: E402

HEADER = """#define RH_SAFE ensures safe: ok(o)
/*@ predicate ok{L}(integer o) = o >= 0; */
/* Frees o. */
/*@ requires ok(o);
    RH_SAFE;
    ensures sound: \\result == 1;
*/
int rh_free(uint32_t o);
/*@ ghost
  /@ ensures fact: ok(1); @/
  void facts(void) {}
*/
/*@ ensures mine: \\true; */
static inline uint32_t rh_next(uint32_t o) {
  return rh_free(o);
}
int rh_bare(int x);
"""
TABLE = """[[theorem]]
id = "R2"
says = "It frees."
where = ["src/core/a.h rh_free: sound safe", "src/core/a.h facts: fact"]
defined = ["src/core/a.h ok"]
[[theorem.missing]]
text = "leaves something open"
while = ["src/core/a.h rh_free: sound"]
[[theorem]]
id = "G1"
outside = "src/runtime/growth.c"
"""
# name: (what is changed in the table or the header, what must be said; None: nothing)
CASES = {
    "as it is": ("", "", None),
    "clause gone": ("ensures sound:", "ensures sounder:",
                    "src/core/a.h:4: rh_free has no clause `sound`, which R2 names (proofs/theorems.toml:4)"),
    "clause of a macro gone": ("ensures safe:", "requires safe:", "src/core/a.h:4: rh_free has no clause `safe`"),
    "clause of a ghost function gone": ("ensures fact:", "assert fact:", "src/core/a.h:10: facts has no clause `fact`"),
    "function gone": ("int rh_free(", "int rh_freed(", "proofs/theorems.toml:4: R2: src/core/a.h has no contract of rh_free"),
    "contract gone": ("int rh_free(", "int rh_bare(int y);\nint rh_free(", "src/core/a.h has no contract of rh_free"),
    "ordinary comment in between": ("int rh_free(", "/* none */\nint rh_free(", "src/core/a.h has no contract of rh_free"),
    "definition gone": ("predicate ok{L}", "predicate okay{L}", "proofs/theorems.toml:5: R2: src/core/a.h does not define ok"),
    "gap closed": ("    ensures sound", "    ensures more: ok(2);\n    ensures sound",
                   "src/core/a.h:4: rh_free: clause `more` came or went: is the gap of R2 closed? (proofs/theorems.toml:8)"),
    "file outside gone": ("growth.c", "grown.c", "proofs/theorems.toml:11: G1: src/runtime/grown.c does not exist"),
}


def problems(folder, old, new):
    root = pathlib.Path(folder)
    for path, text in (("src/core/a.h", HEADER), ("proofs/theorems.toml", TABLE)):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text.replace(old, new) if old else text)
    (root / "src/runtime").mkdir()
    (root / "src/runtime/growth.c").write_text("")
    return theorems.problems(root), theorems.table(root)


def check_table():
    for name, (old, new, expected) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            said, _ = problems(folder, old, new)
        good = not said if expected is None else any(line.startswith(expected) or expected in line for line in said)
        yield name, good, f"expected {expected or 'nothing'}, got {said}"


def result(goals, proved, smoke_failed=()):
    return {"goals": goals, "proved": proved, "open": ["x"] * (goals - proved), "smoke_failed": list(smoke_failed)}


def check_states():
    with tempfile.TemporaryDirectory() as folder:
        release, growth = problems(folder, "", "")[1]
    report = {"a.rh_free": result(5, 5), "a.facts": result(2, 2), "a.lemmas": result(1, 1), "b.other": result(3, 3)}
    complete = {key: value for key, value in release.items() if key != "missing"}
    cases = {
        "proved": (complete, {}, "proved", "8"),
        "a gap": (release, {}, "partly", "8"),
        "an open goal": (complete, {"a.facts": result(2, 1)}, "not proved", "7 of 8"),
        "an open lemma": (complete, {"a.lemmas": result(1, 0)}, "not proved", "7 of 8"),
        "a failed smoke test": (complete, {"a.rh_free": result(5, 5, ["x"])}, "not proved", "8 of 8"),
        "an open goal elsewhere": (complete, {"b.other": result(3, 2)}, "partly", "8"),
        "elsewhere": (growth, {}, "not in src/core yet", None),
    }
    for name, (theorem, changes, word, goals) in cases.items():
        state = theorems.state(theorem, {**report, **changes})
        yield "state: " + name, (state.word, state.goals) == (word, goals), state
    state = theorems.state(complete, {"a.facts": result(2, 2)})
    yield "state: not under the gate", state.word == "not proved" and "`rh_free` is not under the gate" in state.why, state


# name: (text of the files, lines of code, lines of annotation)
LINES = {
    "code": (["int x;\n\n  int y;\n"], 2, 0),
    "comments": (["/* a\n   b */\n// c\nint x; /* d */\n"], 1, 0),
    "annotation": (["/*@ requires x;\n\n    ensures y;\n*/\n//@ ghost z = 1;\nint f(void);\n"], 1, 4),
    "comment in an annotation": (["/*@ // what it means\n    // more\n    predicate p = x;\n*/\n"], 0, 3),
    "ghost code": (["/*@ ghost\n  /@ requires x; @/\n  void g(void) {}\n*/\n"], 0, 4),
    "both": (["int x; //@ assert x == 0;\n"], 1, 1),
    "string": (['const char *s = "/*@ no */ // no";\n'], 1, 0),
    "for Frama-C": (['#ifdef __FRAMAC__\n#include "a.h"\n#endif\nint x;\n'], 1, 3),
    "macro of clauses": (["#define E \\\n  ensures a: b; \\\n  ensures c: d\n/*@ E; */\nint f(void);\n"], 1, 4),
    "macro of code": (["#define N (M + 1)\n#define M 2\n", "int x = N;\n"], 3, 0),
}


def check_lines():
    for name, (texts, code, annotation) in LINES.items():
        counted = annotation_ratio.count(texts)
        yield "lines: " + name, counted == (code, annotation), counted


def check_limit():
    code, annotation = annotation_ratio.figures()
    limit, annotation_ratio.LIMIT = annotation_ratio.LIMIT, (annotation - 1) / code
    yield "lines: above the limit", len(annotation_ratio.problems()) == 1, annotation_ratio.problems()
    annotation_ratio.LIMIT = limit


def check_project():
    for name, said in (("theorems.toml", theorems.problems()), ("annotation", annotation_ratio.problems())):
        yield "project: " + name, not said, "\n".join(said)


def main():
    outcomes = [*check_table(), *check_states(), *check_lines(), *check_limit(), *check_project()]
    for name, good, why in outcomes:
        if not good:
            print(f"{name}: {why}")
    failed = sum(not good for _, good, _ in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
