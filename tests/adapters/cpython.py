#!/usr/bin/env python3
"""Real CPython as implementation under test: executes traces on the interpreter
that runs this file and answers over the pipe protocol of specs/interpreting.md.

Standard library only, any CPython from 3.9 on. `python3 cpython.py` speaks on
standard input and output; `refheap test TRACE... -- python3 cpython.py` drives it.

Every trace runs in a process of its own, forked from a warmed-up parent, so it
starts from the same state: three full collections done, automatic collection
off, every primitive used once. The parent passes lines on and tells how the
child ended. What the operations do is in cpython_operations.py.
"""
import gc
import mmap
import os
import select
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cpython_operations as operations  # noqa: E402  the path is set by the line above

WARM_UP = """\
new A node|new B fin|set A.a B|set B.b A|refs A.a|bind C A|del A.a|unset A.b|drop A B C
new A listfin|append A 1|insert A 0 "x y"|cap A|len A|pop A 0|pop A|appendn A 3|popn A 2|clear A|drop A
new A list|extendn A 2|slicedel A 0 1|sliceset A 0 1 2|imul A 2|copy B A|listcopy B A|drop A B
new A dict|put A 1 2|put A "k" None|delkey A 1|delrange A 5 5|keyof B A 0|drop A B
new A set|add A 1|discardrange A 0 2|drop A|new A deque|append A 1|pop A|drop A
new A tuple|new B tuple A|new C tuple A B|new D tuple A B C|drop A B C D
act A: refs self => ?; probe W; drop Z|cbact W: refs self|new A fin|weak W A cb|weak V A|deref V|weakcount A|drop A W V
hookunraisable|act A: raise ValueError|new A fin|drop A|new A nogcfin|drop A
new A int 5|new B int 100000|new C float 1.5|new D str "a b"|same A B|incr A 1|sizeof A|immortal A|const E ()|drop A B C D E
new A str "warm"|intern B A|char C 65|charof D A 0|idof I A|sameid I A|drop A B C D
new A nodes 30|new A tuples 3 4|new A floats 9|new A lists 9|new A dicts 9|new A intdict 9|new A comb 3|new A chain 3|drop A
gccb|collect 0|collect 1|gccboff|ncollections|events|try pop Z|try collect 3|repeat 2: mark; young|garbage
pm.malloc A 600|pm.calloc B 2 300|pm.realloc A 700|pm.fill A 1 2|pm.poke A 0 1|pm.bytes A 0 2|pm.eq A B|pm.free A B
pm.snap|pm.blocks 31|pm.pools 31|pm.avail 31|pm.arenas current|pm.identity|pm.batch A 600 2|pm.pick B A 0|pm.freebatch A|blocks.mark|blocks
count 0|statmark|stat 2 collected|threshold|tracked Z|gen Z|referents Z|referrers Z|new A node|gen A|referents A|referrers A|finalized A|drop A
"""


def calibrate():
    """How many references to `self` the call of a finalizer and of a callback
    hold: seen once on objects whose count is known to be 1."""
    operations.overheads["finalizer"] = operations.overheads["callback"] = 0
    for line in ("act A: refs self => ?", "new A fin", "drop A"):
        operations.run(line)
    operations.overheads["finalizer"] = int(operations.log[-1].split("=")[1]) - 1
    for line in ("cbact W: refs self => ?", "new A node", "weak W A cb", "drop A"):
        operations.run(line)
    operations.overheads["callback"] = int(operations.log[-1].split("=")[1]) - 1
    operations.forget_everything()


def warm_up():
    """Runs every primitive once, so that what the interpreter builds at first
    use is older than any trace."""
    gc.disable()
    operations.forget_everything()
    calibrate()
    for line in WARM_UP.replace("|", "\n").splitlines():
        operations.run(line)
    operations.forget_everything()
    for _ in range(3):
        gc.collect()


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data) :]


class Answers:
    """Answers on their way to standard output. They wait in memory shared by
    child and parent, so that a child that dies loses none of them: the parent
    then sends what it finds, which ends at the first zero byte."""

    def __init__(self):
        self.room = mmap.mmap(-1, 1 << 20)

    def add(self, line):
        data = (line + "\n").encode()
        if self.room.tell() + len(data) >= len(self.room):
            self.send()
        if len(data) >= len(self.room):
            write_all(1, data)
        else:
            self.room.write(data)

    def send(self):
        end = self.room.tell()
        write_all(1, self.room[:end])
        self.room[:end] = bytes(end)
        self.room.seek(0)

    def send_what_is_left(self):
        end = self.room.rfind(b"\n", 0, self.room.find(b"\0")) + 1
        self.room.seek(end)
        self.send()


answers = Answers()


def perform(fd):
    """The child: executes the operations that arrive on fd up to `end`, and
    answers whenever it has no more input at hand."""
    data = b""
    while True:
        more = os.read(fd, 1 << 16)
        if not more:
            os._exit(0)
        data += more
        cut = data.rfind(b"\n") + 1
        text = data[:cut].decode()
        data = data[cut:]
        start = 0
        while start < len(text):
            end = text.find("\n", start)
            line = text[start:end]
            start = end + 1
            if line == "end":
                answers.add("done")
                answers.send()
                os._exit(0)
            if line.startswith("header "):
                read_header(line)
            else:
                answers.add(answer(line))
        answers.send()


def answer(line):
    """The answer to a top-level operation. After the first one that cannot be
    done the state is not the trace's any more: nothing is answered for the rest."""
    if operations.state.unsupported is None:
        observed = operations.run(line)
        if operations.state.unsupported is None:
            return observed
    return "unsupported " + operations.state.unsupported


def read_header(line):
    """What must be set before an interpreter starts cannot be set by a fork."""
    if line.startswith(("header env ", "header args ")) and not line.endswith(" none"):
        operations.state.unsupported = line


class Input:
    """Complete lines from standard input; what is read ahead stays here."""

    def __init__(self):
        self.data = b""
        self.ended = False

    def fill(self):
        more = os.read(0, 1 << 16)
        self.ended = not more
        self.data += more

    def line(self):
        while b"\n" not in self.data and not self.ended:
            self.fill()
        line, _, self.data = self.data.partition(b"\n")
        return line.decode()

    def take_trace(self):
        """The complete lines at hand that belong to the current trace, and
        whether its `end` is among them."""
        cut = self.data.rfind(b"\n") + 1
        end = (b"\n" + self.data[:cut]).find(b"\nend\n")
        if end >= 0:
            cut = end + 4
        taken = self.data[:cut]
        self.data = self.data[cut:]
        return taken, end >= 0


def pass_on(source, fd):
    """The parent: passes the lines of one trace to the child, however slowly it
    reads, until both are done. Returns whether the trace's `end` was read."""
    os.set_blocking(fd, False)
    poll = select.poll()
    pending, complete = source.take_trace()
    while pending or not complete:
        poll.register(fd, select.POLLOUT if pending else 0)
        if complete or source.ended:
            if not pending:
                return complete
        else:
            poll.register(0, select.POLLIN)
        for ready, event in poll.poll():
            if ready == 0:
                source.fill()
                taken, complete = source.take_trace()
                pending += taken
                if complete or source.ended:
                    poll.unregister(0)
            elif event & select.POLLERR:  # the child is gone
                return complete
            else:
                pending = pending[os.write(fd, pending[: 1 << 16]) :]
    return complete


def run_trace(source):
    gc.collect()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        perform(reading)
    os.close(reading)
    try:
        complete = pass_on(source, writing)
    except BrokenPipeError:
        complete = False
    os.close(writing)
    _, status = os.waitpid(child, 0)
    if status:
        answers.send_what_is_left()
    if os.WIFSIGNALED(status):
        write_all(1, ("crashed %s\n" % signal.Signals(os.WTERMSIG(status)).name).encode())
    elif os.WEXITSTATUS(status):
        write_all(1, ("crashed exit %d\n" % os.WEXITSTATUS(status)).encode())
    while not complete and not source.ended:
        if not source.take_trace()[1]:
            source.fill()
        else:
            complete = True


UNSUPPORTED = [  # what cannot be done, or not be seen, from inside a running process
    "unsupported kind nogcbox latefin" + ("" if operations.Legacy else " legacy"),
    "unsupported operation late fatal stderr nostderr nomem nomemoff",
    "unsupported operation tm.track tm.untrack tm.has tm.tracesize",
]


def manifest():
    version = "%d.%d.%d" % sys.version_info[:3]
    lines = ["refheap-adapter 1", "name cpython", "version " + version, "profile cpython-" + version]
    return "\n".join(lines + UNSUPPORTED + ["end", ""])


def main():
    warm_up()
    write_all(1, manifest().encode())
    source = Input()
    while True:
        line = source.line()
        if line.startswith("trace "):
            run_trace(source)
        elif line == "quit" or (not line and source.ended):
            return
        else:
            sys.exit("cpython.py: expected `trace ID` or `quit`, got %r" % line)


if __name__ == "__main__":
    main()
