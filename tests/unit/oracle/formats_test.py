#!/usr/bin/env python3
"""Reports in every format are what their readers expect: JSON Lines that parse,
JUnit documents of the usual shape, TAP 13; all with the same counts. Texts that
need escaping are among them.

usage: formats_test.py REFHEAP
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

VERDICTS = ["conforms", "diverges", "undefined", "unsupported", "unknown", "crashed", "protocol"]
TRACES = {
    "good.trace": "new A list\nrefs A => 1\n",
    "a<b>&\"c'.trace": 'new A str "<\\"&\\\\>"\nrefs A => "<&\\"]]>"\n',
    "class.trace": "const A len\n",
    "hash # mark.trace": "new A list\nrefs A => 2\n",
    "nothing.trace": "new A list\n",
}
EXPECTED = {"conforms": 1, "diverges": 2, "unsupported": 2}


def check(condition, *what):
    if not condition:
        sys.exit(f"formats: {what}")


def report(folder, form):
    done = subprocess.run([sys.argv[1], "check", "--profile", "cpython-3.11", "--format", form, *sorted(TRACES)],
                          cwd=folder, capture_output=True, encoding="utf-8", check=False)
    check(done.returncode == 1 and not done.stderr, form, done)
    return done.stdout


def check_json(text):
    objects = [json.loads(line) for line in text.splitlines()]
    traces, summary = objects[:-1], objects[-1]
    check([one["file"] for one in traces] == sorted(TRACES), "json order")
    check(all(one["type"] == "trace" for one in traces) and summary["type"] == "summary", "json types")
    counted = collections.Counter(one["verdict"] for one in traces)
    check(counted == EXPECTED, "json verdicts", counted)
    for verdict in VERDICTS:
        check(summary[verdict] == str(EXPECTED.get(verdict, 0)), "json summary", verdict)
    check(summary["total"] == str(len(TRACES)), "json total")
    check(summary["unsupported_by_reason"] == {"literal len": "1", "nothing recorded": "1"}, "json reasons")
    for one in traces:
        check(all(isinstance(value, (str, list)) for value in one.values()), "json numbers are strings", one)
        if one["verdict"] == "diverges":
            check({"line", "operation", "observed", "allowed", "rule", "sentence", "argument", "objects"} <= set(one), one)
    check(any(one.get("observed") == '"<&\\"]]>"' for one in traces), "json escaping")


def check_junit(text):
    root = ElementTree.fromstring(text)
    suites = list(root)
    check(root.tag == "testsuites" and [suite.tag for suite in suites] == ["testsuite"], "junit frame")
    suite = suites[0]
    shape = [child.tag for child in suite]
    check(shape == ["properties"] + ["testcase"] * len(TRACES), "junit order", shape)
    counts = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    check(counts == {"tests": 5, "failures": 2, "errors": 0, "skipped": 2}, "junit counts", counts)
    properties = {one.get("name"): one.get("value") for one in suite.find("properties")}
    for verdict in VERDICTS:
        check(properties[verdict] == str(EXPECTED.get(verdict, 0)), "junit properties", verdict)
    results = collections.Counter()
    for case in suite.iter("testcase"):
        check(set(case.attrib) == {"classname", "name", "time"} and len(case) <= 1, "junit case", case.attrib)
        for result in case:
            results[result.tag] += 1
            check(result.get("message") and (result.tag == "skipped" or result.get("type")), "junit result")
    check(results == {"failure": 2, "skipped": 2}, "junit results", results)
    check({case.get("name") for case in suite.iter("testcase")} == set(TRACES), "junit names")


def check_tap(text):
    lines = text.splitlines()
    check(lines[:2] == ["TAP version 13", "1..5"], "tap head", lines[:2])
    points = [line for line in lines[2:] if not line.startswith("#")]
    for number, line in enumerate(points, 1):
        match = re.fullmatch(r"(not )?ok (\d+) - ((?:[^#\\]|\\.)+?)( # SKIP .+)?", line)
        check(match and int(match.group(2)) == number, "tap point", line)
    check(sum(line.startswith("not ok") for line in points) == 2, "tap failures")
    check(sum("# SKIP" in line for line in points) == 2, "tap skips")


with tempfile.TemporaryDirectory() as place:
    for name, trace in TRACES.items():
        (pathlib.Path(place) / name).write_text(trace)
    check_json(report(place, "json"))
    check_junit(report(place, "junit"))
    check_tap(report(place, "tap"))
    check("1 conform, 2 diverge, 0 undefined, 2 unsupported, 0 unknown, 0 crashed, 0 protocol of 5"
          in report(place, "text"), "text summary")
print("formats: json, junit, tap and text agree")
