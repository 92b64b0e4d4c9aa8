#!/usr/bin/env python3
"""Runs golden sessions and compares what is printed.

usage: golden.py [--write] REFHEAP [SESSION|FOLDER...]      (default: all of them)

A session is a text file. A line `$ COMMAND` is run by the shell, in the
session's folder, with `refheap` being REFHEAP; the lines after it are what must
come: standard output behind `| `, standard error behind `! `, then
`[CODE]` if the exit code is not 0. Lines beginning with `#` and empty lines are
kept. --write replaces what must come by what came.
"""
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def prefixed(prefix, text):
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    else:
        lines[-1] += "\\"  # the last line has no end
    return [prefix + line if line else prefix.rstrip() for line in lines]


def run(command, folder, environment):
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=100, check=False)
    lines = prefixed("| ", done.stdout.decode("utf-8", "backslashreplace"))
    lines += prefixed("! ", done.stderr.decode("utf-8", "backslashreplace"))
    return lines + ([f"[{done.returncode}]"] if done.returncode else [])


def replay(session, environment):
    came = []
    for line in session.read_text().split("\n"):
        if line.startswith("$ "):
            came.append(line)
            came += run(line[2:], session.parent, environment)
        elif not line or line.startswith("#"):
            came.append(line)
    return came


def sessions_of(path):
    return sorted(path.rglob("*.golden")) if path.is_dir() else [path]


def main():
    arguments = sys.argv[1:]
    write = arguments[:1] == ["--write"]
    arguments = arguments[write:]
    if not arguments:
        sys.exit(__doc__)
    sessions = [session for name in arguments[1:] or [HERE] for session in sessions_of(pathlib.Path(name))]
    status = 0
    with tempfile.TemporaryDirectory() as tools:
        os.symlink(os.path.abspath(arguments[0]), os.path.join(tools, "refheap"))
        environment = dict(os.environ, PATH=tools + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8", TOOLS=tools)
        for session in sessions:
            came = replay(session, environment)
            expected = session.read_text().split("\n")
            if write:
                session.write_text("\n".join(came))
            elif came != expected:
                status = 1
                print("\n".join(difflib.unified_diff(expected, came, str(session), "what came", lineterm="")))
                print(f"golden: {session.name} differs; if that is right: golden.py --write {arguments[0]} {session}")
    if not write and status == 0:
        print(f"golden: {len(sessions)} sessions as written")
    sys.exit(status)


main()
