#!/usr/bin/env python3
"""Driving implementations: several at a time give the same report as one, a
slow one is served while another works, huge answers and huge traces pass, and
one that stays silent, floods or fails to start again is stopped.

usage: sessions_test.py REFHEAP
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import time

REFHEAP = os.path.abspath(sys.argv[1])
MANIFEST = "refheap-adapter 1\\nname echo\\nversion 1\\nprofile cpython-3.11\\nend"
# An implementation that asks refheap itself; BEHAVE decides what else it does.
ECHO = textwrap.dedent(f"""
    import os, subprocess, sys, time
    print("{MANIFEST}", flush=True)
    operations = []
    def answer(line):
        return line.split(" => ")[1] if " => " in line and line.split()[0] not in ("act", "cbact") else "ok"
    for line in sys.stdin:
        if line.startswith("trace "):
            operations, name = [], line.split()[1]
        elif line == "end\\n":
            done = subprocess.run([{REFHEAP!r}, "run", "--profile", "cpython-3.11", "-"], input="".join(operations),
                                  capture_output=True, encoding="utf-8")
            lines = [one for one in done.stdout.splitlines() if not one.startswith("%")]
            BEHAVE
            sys.stdout.write("".join(answer(one) + "\\n" for one in lines))
            print("done", flush=True)
        elif line == "quit\\n":
            break
        else:
            operations.append(line)
    """)


def check(condition, *what):
    if not condition:
        sys.exit(f"sessions: {what}")


def run(folder, behave, *arguments):
    adapter = pathlib.Path(folder) / "echo.py"
    adapter.write_text(ECHO.replace("BEHAVE", behave))
    begin = time.monotonic()
    done = subprocess.run([REFHEAP, "test", *arguments, "--", sys.executable, str(adapter)], cwd=folder,
                          capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - begin


def jobs_do_not_change_the_report(folder):
    arguments = ["--generate", "12", "--seed", "5", "--ops", "60", "--verbose"]
    one = run(folder, "pass", "--jobs", "1", *arguments)
    three = run(folder, "time.sleep(0.1 if name.endswith('1') else 0)", "--jobs", "3", *arguments)
    check(one[0] == 0 and " 12 conform," in one[1], one)
    check(one[:3] == three[:3], one, three)


def huge_traces_pass(folder):
    (pathlib.Path(folder) / "huge.trace").write_text("new L list\n" + "append L None\nlen L\n" * 60000)
    result = run(folder, "pass", "huge.trace")
    check(result[0] == 0 and " 1 conform," in result[1], result)


def huge_answers_pass(folder):
    (pathlib.Path(folder) / "wide.trace").write_text("repeat 30000: new A fin\nevents\nevents\n")
    result = run(folder, "pass", "wide.trace")
    check(result[0] == 0 and " 1 conform," in result[1], result[0], result[1][:500])


def floods_are_stopped(folder):
    (pathlib.Path(folder) / "one.trace").write_text("new L list\nlen L\n")
    result = run(folder, "os.write(1, b'x' * (40 << 20)); time.sleep(100)", "--timeout", "30", "one.trace")
    check(result[0] == 3 and "an answer is too long" in result[1] and result[3] < 25, result[0], result[1][:300])
    result = run(folder, "os.write(1, b'ok\\n' * 1000000); time.sleep(100)", "--timeout", "30", "one.trace")
    check(result[0] == 3 and "expected 'done'" in result[1] and result[3] < 25, result[0], result[1][:300])


def silence_is_stopped(folder):
    (pathlib.Path(folder) / "one.trace").write_text("new L list\nlen L\n")
    result = run(folder, "time.sleep(100)", "--timeout", "1", "one.trace", "one.trace")
    check(result[0] == 3 and result[1].count("no answer within 1 s") == 2 and result[3] < 20, result)


def starts_are_counted(folder):
    marker = pathlib.Path(folder) / "started"
    (pathlib.Path(folder) / "one.trace").write_text("new L list\nlen L\n")
    adapter = pathlib.Path(folder) / "once.py"
    adapter.write_text(f"import os, sys\nif os.path.exists({str(marker)!r}): sys.exit(7)\n"
                       f"open({str(marker)!r}, 'w').close()\nprint('{MANIFEST}', flush=True)\nsys.stdin.readline()\n")
    done = subprocess.run([REFHEAP, "test", *["one.trace"] * 6, "--", sys.executable, str(adapter)], cwd=folder,
                          capture_output=True, encoding="utf-8", check=False)
    check(done.returncode == 4, done)
    check("4 crashed, 2 protocol of 6" in done.stdout, done.stdout)
    check(done.stdout.count("did not start 3 times in a row") == 2, done.stdout)


for test in (jobs_do_not_change_the_report, huge_traces_pass, huge_answers_pass, floods_are_stopped,
             silence_is_stopped, starts_are_counted):
    with tempfile.TemporaryDirectory() as place:
        test(place)
print("sessions: all as they should be")
