#!/usr/bin/env python3
"""An implementation that is right, because it asks refheap, but for one thing.

usage: wrong.py WAY

WAY is `count`: a reference count is one too large; `crash`: it dies in a
collection; `interrupt`: `count`, and at the fifth trace it interrupts who asks;
`right`: nothing.
"""
import os
import signal
import subprocess
import sys

WAY = sys.argv[1]


def answer(line):
    operation, _, observed = line.partition(" => ")
    word = operation.split()[0]
    if WAY == "crash" and word == "collect":
        os.abort()
    if word in ("act", "cbact") or not observed:
        return "ok"
    return str(int(observed) + 1) if WAY != "right" and word == "refs" and observed.isdigit() else observed


def answers(operations):
    done = subprocess.run(["refheap", "run", "--profile", "cpython-3.11", "-"], input="".join(operations),
                          stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return [answer(line) for line in done.stdout.splitlines() if not line.startswith("%")]


def main():
    print("refheap-adapter 1\nname toy\nversion 0.3\nprofile cpython-3.11\nend", flush=True)
    operations, traces = [], 0
    for line in sys.stdin:
        if line.startswith("trace "):
            operations, traces = [], traces + 1
        elif line == "end\n":
            if WAY == "interrupt" and traces == 5:
                os.kill(os.getppid(), signal.SIGINT)
                signal.pause()
            print("\n".join(answers(operations) + ["done"]), flush=True)
        elif line == "quit\n":
            break
        elif not line.startswith("header "):
            operations.append(line)


main()
