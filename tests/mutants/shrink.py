#!/usr/bin/env python3
"""Shrinks a trace at which an adapter that is wrong on purpose is caught: the
result must have the verdict and the rule the .expect file demands and diverge at
the same operation, be short, lose both when any single operation is taken out,
and stay as it is when it is shrunk again.

usage: shrink.py REFHEAP EXPECT MOST SUITE... -- COMMAND...     (options of `test` may be among the suites)

MOST is the number of operations, nested ones counted, the result may have. The
longest trace of the suites at which the adapter is caught by the rule is shrunk.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"((?:act|cbact|repeat) \S+:)(?: (.*))?$")


def test(refheap, arguments, command):
    run = subprocess.run([refheap, "test", "--format", "json", *arguments, "--", *command], stdout=subprocess.PIPE,
                         encoding="utf-8", timeout=300, check=False)
    return [report for report in map(json.loads, run.stdout.splitlines()) if report["type"] == "trace"]


def finding(report):
    operation = report["operation"].split() if report["verdict"] == "diverges" else [None]
    return report["verdict"], report.get("rule"), operation[operation[0] == "try"]


def source(refheap, report, suites, folder):
    """The file of the trace a report is about, made again if it was generated."""
    made = re.fullmatch(r"generated-seed(\d+)-ops(\d+)", report["file"])
    if not made:
        return report["file"]
    path = os.path.join(folder, "big.trace")
    mix = suites[suites.index("--mix") + 1] if "--mix" in suites else "legal"
    subprocess.run([refheap, "gen", "--mix", mix, "--seed", made[1], "--ops", made[2], "--profile", report["profile"],
                    "--out", path], check=True)
    return path


def nested(operation):
    """The operations of a block, as texts; a block among them has the rest."""
    block = BLOCK.match(operation)
    pieces = block[2].split("; ") if block and block[2] else []
    for i, piece in enumerate(pieces):
        if BLOCK.match(piece):
            return pieces[:i] + ["; ".join(pieces[i:])]
    return pieces


def count(operation):
    return 1 + operation.startswith("try ") + sum(map(count, nested(operation)))


def without_one(operation):
    """The operation without each of those nested in it."""
    inner = nested(operation)
    for i, one in enumerate(inner):
        for less in [[], *([text] for text in without_one(one))]:
            yield " ".join([BLOCK.match(operation)[1], "; ".join(inner[:i] + less + inner[i + 1:])]).rstrip()


def variants(lines):
    for i, line in enumerate(lines):
        if not line.startswith("%"):
            for less in [[], *([text] for text in without_one(line))]:
                yield lines[:i] + less + lines[i + 1:]


def shrink(refheap, path, command):
    run = subprocess.run([refheap, "shrink", path, "--", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         encoding="utf-8", timeout=300, check=False)
    print(run.stderr.strip())
    return run.returncode, run.stdout


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as out:
        out.write(text)
    return path


def check(refheap, demands, most, suites, command, folder):
    rule = demands.get("rule")
    caught = [report for report in test(refheap, suites, command)
              if report.get("rule") == rule and (rule or report["verdict"] != "conforms")]
    if not caught:
        return ["not caught at all"]
    chosen = max(caught, key=lambda report: int(report["judged"]))
    code, small = shrink(refheap, source(refheap, chosen, suites, folder), command)
    print(small, end="")
    lines = small.splitlines()
    operations = sum(count(line) for line in lines if not line.startswith("%"))
    path = write(folder, "small.trace", small)
    wanted = finding(chosen)
    failures = []
    if code != int(demands["exit"]):
        failures.append(f"exit code {code}, expected {demands['exit']}")
    if not 0 < operations <= most:
        failures.append(f"{operations} operations, expected 1 to {most}")
    if [finding(report) for report in test(refheap, [path], command)] != [wanted]:
        failures.append(f"the result is not {wanted}")
    if shrink(refheap, path, command) != (code, small):
        failures.append("shrunk again, it is not the same")
    less = os.path.join(folder, "less")
    os.mkdir(less)
    for i, text in enumerate(variants(lines)):
        write(less, f"{i:03}.trace", "\n".join(text) + "\n")
    reports = test(refheap, [less], command)
    if len(reports) < sum(not line.startswith("%") for line in lines):
        failures.append(f"{len(reports)} variants of {len(lines)} lines")
    failures += [f"{report['file']} is {wanted} too" for report in reports if finding(report) == wanted]
    return failures


def main():
    refheap, expect, most, *rest = sys.argv[1:]
    split = rest.index("--")
    with open(expect) as lines:
        demands = dict(line.split() for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        failures = check(refheap, demands, int(most), rest[:split], rest[split + 1:], folder)
    print("\n".join(failures) or "shrunk as expected")
    sys.exit(bool(failures))


main()
