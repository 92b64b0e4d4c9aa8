"""The adapter for a program that judges CPython inside its own process, thousands of
traces a second (fuzz/cpython_fuzzer.c): `start()` gives the manifest,
`execute(lines)` the answers to the operations of one trace.

There is no process for a trace. What is older than the traces is frozen, out of
the collector's sight, and after each trace the interpreter is put back by hand:
what the trace made is given up and collected, settings are those of the start.
Not everything can be put back; what only looks wrong because of that is for the
caller to find out, who has cpython.py to ask.
"""
import gc

import cpython
import cpython_operations as operations

native = operations.native
thresholds = gc.get_threshold()


class Answers(cpython.Answers):
    """Kept until the caller takes them."""

    kept = b""

    def write(self, data):
        self.kept += data

    def take(self):
        self.send()
        taken = self.kept
        self.kept = b""
        return taken


def start():
    cpython.answers = Answers()
    cpython.warm_up()
    for _ in range(2):  # what is made at first use is older than any trace
        execute(cpython.WARM_UP.replace("|", "\n").encode())
    return cpython.manifest().encode()


def execute(lines):
    cpython.execute(lines.decode(), cpython.answers)
    put_back()
    return cpython.answers.take()


def put_back():
    """First nothing acts any more and nothing is watched, then the objects go;
    what they are called is forgotten when their finalizers have run."""
    gc.disable()
    gc.callbacks.clear()
    gc.set_debug(0)
    gc.set_threshold(*thresholds)
    native.put_back()
    for part in (operations.actions, operations.weak_actions, operations.roots):
        native.empty(part)
    operations.self_root.held = operations.MISSING
    untie(gc.garbage)
    gc.garbage.clear()
    while gc.collect():
        pass
    operations.forget_everything()
    gc.freeze()


def untie(garbage):
    """Objects that the collector gives up because of their finalizers hold each
    other for ever."""
    for left in garbage:
        if type(left) is operations.Legacy:
            left.a = left.b = left.c = None
