#!/usr/bin/env python3
"""Tests of the CPython adapter as a party of the pipe protocol.

usage: protocol.py INTERPRETING.md PYTHON ADAPTER
"""
import re
import subprocess
import sys
import threading
import zlib

spec, python, adapter = sys.argv[1:]
failures = []


def check(what, found, expected):
    if found != expected:
        failures.append("%s: found %r, expected %r" % (what, found, expected))


class Session:
    """An adapter, its manifest already read."""

    def __init__(self):
        self.process = subprocess.Popen([python, adapter], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.guard = threading.Timer(60, self.process.kill)  # no test waits for ever
        self.guard.start()
        self.manifest = []
        while not self.manifest or self.manifest[-1] not in ("end", ""):
            self.manifest.append(self.take())

    def send(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def take(self):
        return self.process.stdout.readline().rstrip("\n")

    def take_all(self, *expected):
        for answer in expected:
            check("answer", self.take(), answer)

    def finish(self):
        """What comes after the last answer, and the exit code."""
        self.process.stdin.close()
        rest = self.process.stdout.read()
        code = self.process.wait()
        self.guard.cancel()
        return rest, code


def test_the_session_of_the_specification():
    """What the driver sends there is answered as there, but for the manifest's details."""
    with open(spec) as text:
        block = re.search(r"^```session\n(.*?)^```", text.read(), re.M | re.S).group(1)
    lines = [(line[0], line[2:]) for line in block.splitlines()]
    manifest_end = lines.index(("<", "end"))
    keys = {line.split()[0] for _, line in lines[:manifest_end]}
    session = Session()
    # What is unsupported, if anything, depends on the interpreter.
    check("keys of the manifest", {line.split()[0] for line in session.manifest[:-1]} | {"unsupported"}, keys)
    session.send(*(line for side, line in lines if side == ">"))
    session.take_all(*(line for side, line in lines[manifest_end + 1 :] if side == "<"))
    check("end", session.finish(), ("", 0))


def test_one_operation_at_a_time():
    session = Session()
    session.send("trace slow")
    for operation, answer in (("new A list", "ok"), ("append A A", "ok"), ("refs A", "2"), ("drop A", "ok"), ("collect", "1")):
        session.send(operation)
        check(operation, session.take(), answer)
    session.send("end")
    session.take_all("done")
    check("end", session.finish(), ("", 0))


def test_much_is_sent_before_anything_is_read():
    count = 200000
    session = Session()
    lines = ["trace long", "new A list"] + ["len A"] * count + ["end", "trace next", "len A", "end"]
    session.send(*lines)
    session.take_all("ok")
    check("answers", {session.take() for _ in range(count)}, {"0"})
    session.take_all("done", "skip", "done")
    check("end", session.finish(), ("", 0))


def test_every_trace_starts_afresh():
    session = Session()
    session.send("trace one", "new A fin", "enable", "threshold 5", "gccb", "debug SAVEALL", "act A: raise ValueError", "end")
    session.take_all(*["ok"] * 6, "done")
    session.send("trace two", "new A fin", "drop A", "events", "garbage", "count 1", "end")
    session.take_all("ok", "ok", "[del:A]", "[]", "0", "done")
    check("end", session.finish(), ("", 0))


def test_answers_survive_a_crash():
    session = Session()
    session.send("trace dies", "new A list", "len A", 'const B __import__("os").abort()', "len A", "end")
    session.take_all("ok", "0", "crashed SIGABRT")
    session.send("trace lives", "len A", "end")
    session.take_all("skip", "done")
    check("end", session.finish(), ("", 0))


def test_what_cannot_be_done():
    session = Session()
    session.send("trace odd", "new A list", "new B gizmo A", "len A", "end")
    session.take_all("ok", "unsupported kind gizmo", "unsupported kind gizmo", "done")
    session.send("trace odd", "act A: frobnicate", "new A fin", "drop A", "end")
    session.take_all("ok", "ok", "unsupported operation frobnicate", "done")
    session.send("trace odd", "append A 1 (fail_nth=1)", "end")
    session.take_all("unsupported attribute fail_nth", "done")
    session.send("trace empty", "end")
    session.take_all("done")
    check("end", session.finish(), ("", 0))


def test_an_interpreter_of_its_own():
    session = Session()
    operations = ("pm.malloc P 20", "pm.bytes P -8 1", "pm.free P", "pm.bytes P 8 2")
    session.send("trace guarded", "header env PYTHONMALLOC=debug", *operations, "end")
    session.take_all("ok", "6f", "ok", "dddd", "done")
    session.send("trace plain", "header args none", "new A list", "end")
    session.take_all("ok", "done")
    session.send("trace none", "header args -Wd", "end")
    session.take_all("done")
    check("end", session.finish(), ("", 0))


def test_looking_at_the_end():
    session = Session()
    session.send("trace late", "new A latefin", "late", "drop A", "new A latefin", "len A", "stderr", "end")
    session.take_all("ok", "[del:A]", "ok", "ok", "skip", 'ended ""', "done")
    session.send("trace cycle", "new A latefin", "set A.a A", "new B latefin", "drop A", "late (digest,unordered)", "end")
    session.take_all("ok", "ok", "ok", "ok", "2:%08x" % zlib.crc32(b"del:A,del:B"), "done")
    session.send("trace written", r'const B __import__("os").write(2, b"x\"\xff\n\\")', "nostderr", "end")
    session.take_all("ok", r'ended "x\"\xff\n\\"', "done")
    session.send("trace leaves", "late", 'const B __import__("os")._exit(3)', "len B", "stderr", "end")
    session.take_all("[]", "died exit 3", "died exit 3", 'died exit 3 ""', "done")
    session.send("trace dies", "new A list", 'const B __import__("os").abort()', "len A", "fatal", "end")
    session.take_all("ok", "died SIGABRT", "died SIGABRT", 'died SIGABRT ""', "done")
    session.send("trace lives", "new A list", "len A", "end")
    session.take_all("ok", "0", "done")
    check("end", session.finish(), ("", 0))


def test_the_end_in_the_middle_of_a_trace():
    session = Session()
    session.send("trace cut", "new A list", "len A")
    session.take_all("ok", "0")
    rest, _ = session.finish()
    check("after the end", rest, "")


def test_operands():
    """Texts that look like syntax, and values of every form."""
    session = Session()
    session.send("trace texts")
    for operation, answer in (
        ('new S str "a; b => ? \\"c\\" (digest)"', "ok"),
        ("len S", "22"),
        ("new D dict", "ok"),
        ('put D "x y" "p q"', "ok"),
        ('put D -3 "z;"', "ok"),
        ("put D None S", "ok"),
        ("len D", "3"),
        ('delkey D "x y"', "ok"),
        ('repeat 2: put D "a; b" 1; put D "c" None', "ok"),
        ("len D", "4"),
        ('act F: put D "; raise" 1; len D => ?', "ok"),
        ("new F fin", "ok"),
        ("drop F", "ok"),
        ("events", "[del:F, len_D=5]"),
        ("put D D 1", "TypeError"),
        ("try put D D 1", "TypeError"),
        ("try put D NOBODY 1", "skip"),
        ("new T str \"h\\u00e9\\x41\\n\"", "ok"),
        ("len T", "4"),
        ("events (unordered,digest)", "0:00000000"),
    ):
        session.send(operation)
        check(operation, session.take(), answer)
    session.send("end")
    session.take_all("done")
    check("end", session.finish(), ("", 0))


def main():
    tests = [(name, test) for name, test in sorted(globals().items()) if name.startswith("test_")]
    for name, test in tests:
        before = len(failures)
        test()
        failures[before:] = ["%s: %s" % (name, failure) for failure in failures[before:]]
    print("\n".join(failures) or "%d tests of the protocol passed" % len(tests))
    sys.exit(bool(failures))


main()
