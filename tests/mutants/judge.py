#!/usr/bin/env python3
"""Judges an adapter that is wrong on purpose: it must be caught, with the exit
code and the rule its .expect file demands.

usage: judge.py REFHEAP EXPECT SUITE... -- COMMAND...     (or options of `test` instead of suites)

An .expect file has lines `exit CODE` and `rule ID`; each rule must be named in
the report of some divergence. Suites are put to the adapter one after another
until it is caught as demanded.
"""
import json
import subprocess
import sys


def test(refheap, suites, command, named):
    """The exit code; adds to `named`, which has the traces whose divergence names a rule."""
    run = subprocess.run(
        [refheap, "test", "--format", "json", *suites, "--", *command], stdout=subprocess.PIPE, text=True, timeout=300
    )
    for report in map(json.loads, run.stdout.splitlines()):
        if report.get("rule"):
            named.setdefault(report["rule"], []).append(report.get("case", report["file"]).split()[0])
    return run.returncode


def judge(demands, code, named):
    """What is not as demanded."""
    failures = []
    for what, wanted in demands:
        if what == "exit" and code != int(wanted):
            failures.append("exit code %d, expected %s" % (code, wanted))
        if what == "rule" and wanted not in named:
            failures.append("no divergence names %s" % wanted)
    return failures


def main():
    refheap, expect, *rest = sys.argv[1:]
    split = rest.index("--")
    suites, command = rest[:split], rest[split + 1 :]
    with open(expect) as lines:
        demands = [line.split() for line in lines]
    code, named, failures = 0, {}, ["no suite"]
    for part in [suites] if suites[0].startswith("--") else [[suite] for suite in suites]:
        code = max(code, test(refheap, part, command, named))
        failures = judge(demands, code, named)
        if not failures:
            break
    for rule, traces in sorted(named.items()):
        print("%-7s %s" % (rule, " ".join(map(str, traces))))
    print("\n".join(failures) or "caught as expected")
    sys.exit(bool(failures))


main()
