#!/usr/bin/env python3
"""The gate's own tests: small programs it must refuse, each for the stated
reason, and one that it must accept.

usage: prove_gate.py ROOT
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
HEAD = "#include <stdint.h>\nenum { N = 10 };\nstatic uint32_t table[N];\n"
CONTRACT = "/*@ requires i < N; terminates \\true; assigns table[i]; exits \\false;\n    ensures table[i] == 1;{more} */\n"
SET = HEAD + CONTRACT.format(more="") + "void set(uint32_t i) { table[i] = 1; }\n"
PURE = "/*@ terminates \\true; assigns \\nothing; exits \\false; ensures {ensures}; */\n"


def pure(ensures, code):
    return HEAD + PURE.format(ensures=ensures) + code


# name: (program, what the gate must say; None: it must accept)
CASES = {
    "proved": (SET, None),
    "open": (pure("\\result == 2", "int f(void) { return 1; }"), "goal program.f_ensures is not proved"),
    "index out of range": (SET.replace("requires i < N", "requires i <= N"), "set_assert_rte_index_bound"),
    "unsigned overflow": (pure("\\result > a", "uint32_t f(uint32_t a) { return a + 1; }"),
                          "f_assert_rte_unsigned_overflow"),
    "narrowing": (pure("\\result == a", "uint8_t f(uint32_t a) { return (uint8_t)a; }"), "downcast"),
    "contradictory requires": (SET.replace("requires i < N;", "requires i < N && i > N;"),
                               "smoke test program.set_wp_smoke_default_requires failed"),
    "false requires": (SET.replace("requires i < N;", "requires \\false;"), "a false precondition"),
    "axiom": (HEAD + "/*@ axiomatic a { axiom x: 1 == 2; } */\n" + SET[len(HEAD):], "assumes what it should prove"),
    "admit": (pure("\\result == 1", "int f(int a) { /*@ admit a == 1; */ return a; }"), "assumes what it should prove"),
    "unproved lemma": ("/*@ lemma wrong: \\forall integer x; x > 3; */\n" + SET, "goal program.lemma_wrong is not proved"),
    "union": (HEAD + "union u { uint32_t a; uint8_t b; };\n" + SET[len(HEAD):], "not sound for unions"),
    "pointer cast": (pure("\\result == 0", "int f(void) { uint8_t *p = (uint8_t *)table; return p[0] * 0; }"),
                     "pointer cast"),
    "ignored clause": (pure("\\result == 1", "int f(void) { /*@ ensures \\true; */ { } return 1; }"),
                       "Statement specifications not yet supported"),
    "unknown clause": (HEAD + PURE.format(ensures="\\fresh(\\result, 4)") + "uint32_t *f(void) { return table; }\n",
                       "not yet implemented"),
    "no contract": (SET + "int g(void) { return 1; }\n", "function g: its contract lacks"),
    "no word on the result": (pure("table[0] == \\old(table[0])", "int f(void) { return 1; }"),
                              "function f: its contract lacks an `ensures` about \\result"),
    "may not end": (SET.replace("terminates \\true; ", ""), "function set: its contract lacks `terminates"),
    "ghost code without contract": (SET + "/*@ ghost void g(void) { } */\n", "function g: its contract lacks"),
    "call of an unknown function": (pure("\\result == 1", "extern int h(void); int f(void) { return h() * 0 + 1; }")
                                    .replace("/*@", "extern int h(void);\n/*@", 1).replace("extern int h(void); int f", "int f"),
                                    "function h is called and has no contract"),
    "contract proved nowhere": (HEAD + PURE.format(ensures="\\result == 1") + "int h(void);\n"
                                + PURE.format(ensures="\\result == 1") + "int f(void) { return h(); }\n",
                                "the contract of h is relied on and proved nowhere"),
    "not C": ("int f( { }\n", "Frama-C cannot read the sources"),
}


def prove(folder, how, program):
    source = folder / "program.c"
    source.write_text(program)
    result = subprocess.run(
        [sys.executable, str(ROOT / "proofs" / "prove.py"), "--quiet", how, "--source", str(source),
         "--report", str(folder / "report.json"), "--session", str(folder / "session"), "--jobs", "1", "--timeout", "2"],
        capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def accepted(name, expected, code, said):
    good = code == 0 if expected is None else code != 0 and expected in said
    if not good:
        print(f"{name}: expected {expected or 'to be accepted'}, got exit code {code}:\n{said}")
    return good


def replays(folder):
    """What was proved is believed until its text, or a contract it relies on, changes."""
    other = SET + PURE.format(ensures="\\result == 1") + "int f(void) { return 1; }\n"
    return [
        accepted("replay, never proved", "program.set was never proved", *prove(folder, "--replay", SET)),
        accepted("replay, after update", None, *(prove(folder, "--update", other) and prove(folder, "--replay", other))),
        accepted("replay, comment changed", None, *prove(folder, "--replay", "/* a comment */\n" + other)),
        accepted("replay, body changed", "program.f changed since it was proved",
                 *prove(folder, "--replay", other.replace("return 1;", "return 2;"))),
        accepted("replay, constant changed", "program.set changed since it was proved",
                 *prove(folder, "--replay", other.replace("N = 10", "N = 9"))),
        accepted("replay, function gone", "program.f is in the report and not in the program", *prove(folder, "--replay", SET)),
    ]


def main():
    outcomes = []
    for name, (program, expected) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(accepted(name, expected, *prove(pathlib.Path(folder), "--update", program)))
    with tempfile.TemporaryDirectory() as folder:
        outcomes += replays(pathlib.Path(folder))
    missing = subprocess.run([sys.executable, str(ROOT / "proofs" / "prove.py"), "--replay"], capture_output=True,
                             text=True, env={"PATH": "/nowhere"}, check=False)
    outcomes.append(accepted("missing tool", "frama-c is not installed", missing.returncode, missing.stderr))
    print(f"{sum(outcomes)} passed, {len(outcomes) - sum(outcomes)} failed")
    return not all(outcomes)


if __name__ == "__main__":
    sys.exit(main())
