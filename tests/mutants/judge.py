#!/usr/bin/env python3
"""Judges an adapter that is wrong on purpose: it must be caught, with the exit
code and the rule its .expect file demands.

usage: judge.py REFHEAP EXPECT SUITE... -- COMMAND...     (options of `test` may be among the suites)

An .expect file has lines `exit CODE` and `rule ID`; each rule must be named in
the report of some divergence.
"""
import json
import subprocess
import sys


def main():
    refheap, expect, *rest = sys.argv[1:]
    split = rest.index("--")
    suites, command = rest[:split], rest[split + 1 :]
    with open(expect) as lines:
        demands = [line.split() for line in lines]
    run = subprocess.run(
        [refheap, "test", "--format", "json", *suites, "--", *command], stdout=subprocess.PIPE, text=True, timeout=300
    )
    reports = [json.loads(line) for line in run.stdout.splitlines()]
    named = {}  # rule -> traces whose divergence names it
    for report in reports:
        if report.get("rule"):
            named.setdefault(report["rule"], []).append(report.get("case", report["file"]).split()[0])
    failures = []
    for what, wanted in demands:
        if what == "exit" and run.returncode != int(wanted):
            failures.append("exit code %d, expected %s" % (run.returncode, wanted))
        if what == "rule" and wanted not in named:
            failures.append("no divergence names %s" % wanted)
    for rule, traces in sorted(named.items()):
        print("%-7s %s" % (rule, " ".join(map(str, traces))))
    print("\n".join(failures) or "caught as expected")
    sys.exit(bool(failures))


main()
