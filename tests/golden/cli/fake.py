#!/usr/bin/env python3
"""An implementation that plays what a script says, whatever it is asked.

usage: fake.py SCRIPT

A script is text: the manifest up to `end`, then for each trace what is
answered, up to a line `--`. A line `!kill NAME` dies by a signal, `!exit N`
ends, `!sleep N` waits, `!raw TEXT` prints a Python literal as it is. When it is
started again it goes on with the trace after the one at which it ended: the
number of traces begun is kept in the file named by FAKE_STATE, if set.
"""
import ast
import os
import signal
import sys
import time


def play(lines):
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "!kill":
            os.kill(os.getpid(), getattr(signal, rest))
        elif word == "!exit":
            os._exit(int(rest))
        elif word == "!sleep":
            time.sleep(float(rest))
        elif word == "!raw":
            sys.stdout.buffer.write(ast.literal_eval(rest))
            sys.stdout.buffer.flush()
        else:
            print(line, flush=True)


def main():
    lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
    manifest = lines[:lines.index("end") + 1] if "end" in lines else lines
    traces, current = [], []
    for line in lines[len(manifest):]:
        if line == "--":
            traces.append(current)
            current = []
        else:
            current.append(line)
    state = os.environ.get("FAKE_STATE")
    begun = int(open(state).read()) if state and os.path.exists(state) else 0
    play(manifest)
    for line in sys.stdin:
        if line == "end\n":
            begun += 1
            if state:
                with open(state, "w") as out:
                    out.write(str(begun))
            play(traces[begun - 1])


main()
