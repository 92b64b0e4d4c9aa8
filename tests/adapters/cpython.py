#!/usr/bin/env python3
"""Real CPython as implementation under test: executes traces on the interpreter
that runs this file and answers over the pipe protocol of specs/interpreting.md.

Standard library only, any CPython from 3.9 on. `python3 cpython.py` speaks on
standard input and output; `refheap test TRACE... -- python3 cpython.py` drives it.

Every trace runs in a process of its own, forked from a warmed-up parent, so it
starts from the same state: three full collections done, automatic collection
off, every primitive used once. What is older than the trace is frozen if the
trace cannot see that: else each collection would visit, and so copy, the whole
of the parent's heap, which is two thirds of the time. The parent passes lines
on and tells how the child ended. What the operations do is in
cpython_operations.py.
"""
import gc
import mmap
import os
import re
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
pm.malloc A 600|pm.mmalloc B 600|pm.rmalloc C 600|pm.off A|pm.delta A B|pm.samepool A B|pm.free A|pm.mfree B|pm.rfree C|pm.perpool 600
pm.malloc A 600|nomem 0 0|pm.malloc B 600|pm.calloc B 600 1|pm.realloc A 700|try pm.batch B 600 1|nomem 1 3|pm.malloc B 600|nomemoff|pm.free A
pm.drain 0|pm.poolbatch A 600|pm.batch A 600 4|pm.freebut A 2|pm.freerest A 2|pm.freebatch A rev|pm.lossidentity|try pm.bytes A 9 9|repeat 2: pm.avail 31
pm.snap|pm.blocks 31|pm.pools 31|pm.avail 31|pm.arenas current|pm.identity|pm.batch A 600 2|pm.pick B A 0|pm.freebatch A|blocks.mark|blocks
freecount PyFloatObject|freetuples 7|tm.start|tm.mark|tm.delta|tm.peakdelta|tm.resetpeak|tm.limit|tm.objtb A
tm.track 5 1 1|tm.has 5 1|tm.tracesize 5 1|tm.untrack 5 1|tm.clear|tm.stop
count 0|statmark|stat 2 collected|threshold|tracked Z|gen Z|referents Z|referrers Z|new A node|gen A|referents A|referrers A|finalized A|drop A
"""


def calibrate():
    """How many references to `self` the code of this adapter holds while a
    finalizer and a callback run: seen once on objects whose count is known. It
    is 1 in a finalizer; of two references called back at one death each is held
    by its name and by the call (of a single one the call may hold nothing)."""
    calls = {
        "finalizer": (1, "act A: refs self => ?", "new A fin", "drop A"),
        "callback": (2, "cbact W: refs self => ?", "new A node", "weak W A cb", "weak V A cb", "drop A"),
    }
    if operations.Legacy:
        calls["legacy"] = (1, "act A: refs self => ?", "new A legacy", "drop A")
    for call, (count, *lines) in calls.items():
        operations.overheads[call] = 0
        for line in lines:
            operations.run(line)
        seen = [event for event in operations.log if event.startswith("refs_self=")]
        operations.overheads[call] = int(seen[-1].split("=")[1]) - count
    operations.forget_everything()


def warm_up():
    """Runs every primitive once, so that what the interpreter builds at first
    use is older than any trace."""
    gc.disable()
    operations.forget_everything()
    calibrate()
    for line in WARM_UP.replace("|", "\n").splitlines():
        operations.run(line)
    warm_up_answers()
    operations.native.drain_pools(0 * operations.native.unused_pools())
    operations.forget_everything()
    for _ in range(3):
        gc.collect()
    gc.freeze()


def warm_up_answers():
    """Answers once to nobody: a function called for the first time keeps its
    frame (3.9-3.10), which lies in a class of blocks that traces look at."""
    scratch = Answers()
    scratch.target = os.open(os.devnull, os.O_WRONLY)
    execute("events\npm.avail 31\n", scratch)
    scratch.send()
    os.close(scratch.target)
    scratch.room.close()
    os.close(scratch.fd)


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data) :]


AFTER_END = frozenset(("late", "stderr", "nostderr", "fatal"))
MARK = "\1"  # in front of an operation that the parent answers when the process has ended
ERROR_OUTPUT_MAX = 1 << 22


class Files:
    """Files in memory that a child shares with its parent, so that what it
    wrote outlives it: `kept` has answers that wait for the end, `late` what
    finalizers wrote during exit, `errors` the error output."""

    def __init__(self, numbers=None):
        if numbers is None:
            numbers = [os.memfd_create(name, 0) for name in ("kept", "late", "errors")]
        self.kept, self.late, self.errors = numbers

    def numbers(self):
        return [self.kept, self.late, self.errors]

    def empty(self):
        for fd in self.numbers():
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)

    @staticmethod
    def read(fd):
        return os.pread(fd, os.fstat(fd).st_size, 0)


class Answers:
    """Answers on their way to standard output. They wait in memory shared by
    child and parent, so that a child that dies loses none of them: the parent
    then sends what it finds, which ends at the first zero byte. The number of
    answers that have left is in front of them. From the first operation on
    that looks at the end they do not go out but to the file `kept`."""

    SIZE = 1 << 20
    START = 8

    def __init__(self, fd=None):
        self.fd = fd
        if fd is None:
            self.fd = os.memfd_create("answers", 0)
            os.ftruncate(self.fd, self.SIZE)
        self.room = mmap.mmap(self.fd, self.SIZE)
        self.room.seek(self.START)
        self.target = 1

    def add(self, line):
        data = (line + "\n").encode()
        if self.room.tell() + len(data) >= len(self.room):
            self.send()
        if self.START + len(data) >= len(self.room):
            self.write(data)
        else:
            self.room.write(data)

    def send(self):
        end = self.room.tell()
        data = self.room[self.START : end]
        self.room[self.START : end] = bytes(end - self.START)
        self.room.seek(self.START)
        self.write(data)

    def write(self, data):
        if self.target == 1:
            sent = self.sent() + data.count(b"\n")
            self.room[: self.START] = sent.to_bytes(self.START, "little")
        write_all(self.target, data)

    def keep(self, fd):
        if self.target == 1:
            self.send()
            self.target = fd

    def sent(self):
        return int.from_bytes(self.room[: self.START], "little")

    def left(self, kept):
        """What a child left behind: the complete lines, in order."""
        end = self.room.rfind(b"\n", self.START, self.room.find(b"\0", self.START)) + 1
        data = kept + self.room[self.START : max(end, self.START)]
        return data.decode().split("\n")[:-1]

    def empty(self):
        end = self.room.find(b"\0", self.START)
        self.room[:end] = bytes(end)
        self.room.seek(self.START)


SEES_PARENT = re.compile(rb"\b(?:enable|referrers|freeze|unfreeze|frozen|frozendelta|late|stderr|nostderr|fatal)\b")


def thaw_for(data):
    """Before the first operation: what the parent froze goes back, in the state
    of a full collection, unless all of the trace is here and sees no difference.
    What the parent's heap decides is what is frozen, when an automatic collection
    is a full one, what the last collection of a process finds, and who refers to
    what the trace did not make."""
    if not data.endswith(b"\nend\n") or SEES_PARENT.search(data):
        gc.unfreeze()
        gc.collect()


def perform(fd):
    """The child: executes the operations that arrive on fd up to `end`, and
    answers whenever it has no more input at hand. Returns only if the process
    has to end in the ordinary way, because the trace looks at its end."""
    data = os.read(fd, 1 << 16)
    thaw_for(data)
    while True:
        cut = data.rfind(b"\n") + 1
        text = data[:cut].decode()
        ended = execute(text, answers)
        answers.send()
        if ended:
            if answers.target == 1:
                os._exit(0)
            operations.state.ending = True
            return
        more = os.read(fd, 1 << 16)
        if not more:
            os._exit(0)
        data = data[cut:] + more


def execute(text, answers):
    """Executes the operations of these lines and answers each; whether `end` is
    among them."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        line = text[start:end]
        start = end + 1
        if line == "end":
            answers.add("done")
            return True
        answers.add(answer(line))
    return False


def answer(line):
    """The answer to a top-level operation. After the first one that cannot be
    done the state is not the trace's any more: nothing is answered for the rest."""
    if operations.state.unsupported is None:
        word = operations.first_word(line)
        if word in AFTER_END:
            if word != "late" and operations.state.silenced:
                operations.state.unsupported = "error output that was not kept"
            else:
                answers.keep(files.kept)
                return MARK + line
        else:
            observed = operations.run(line)
            if operations.state.unsupported is None:
                return observed
    return "unsupported " + operations.state.unsupported


class Input:
    """Complete lines from standard input; what is read ahead stays here."""

    def __init__(self):
        self.data = b""
        self.ended = False
        self.taken = []  # what take_trace gave of the current trace

    def fill(self):
        more = os.read(0, 1 << 16)
        self.ended = not more
        self.data += more

    def line(self):
        while b"\n" not in self.data and not self.ended:
            self.fill()
        line, _, self.data = self.data.partition(b"\n")
        return line.decode()

    def take_headers(self):
        """The lines a trace begins with that ask for something that must be so
        before the interpreter starts."""
        self.taken = []
        headers = []
        while True:
            while b"\n" not in self.data and not self.ended:
                self.fill()
            if not self.data.startswith(b"header "):
                return headers
            line = self.line()
            if line.startswith(("header env ", "header args ")) and not line.endswith(" none"):
                headers.append(line)

    def looks_at_errors(self):
        """Does an operation at hand look at the error output?"""
        return b"\nstderr\n" in self.data or b"\nnostderr\n" in self.data or b"\nfatal\n" in self.data

    def take_rest(self):
        """Takes what is left of the trace, as far as it is on its way."""
        complete = self.take_trace()[1]
        while not complete and not self.ended and select.select([0], [], [], 1)[0]:
            self.fill()
            complete = self.take_trace()[1]
        return complete

    def operations(self):
        """The operations of the trace as far as they were taken."""
        lines = b"".join(self.taken).decode().split("\n")
        return [line for line in lines if line not in ("", "end")]

    def take_trace(self):
        """The complete lines at hand that belong to the current trace, and
        whether its `end` is among them."""
        cut = self.data.rfind(b"\n") + 1
        end = (b"\n" + self.data[:cut]).find(b"\nend\n")
        if end >= 0:
            cut = end + 4
        taken = self.data[:cut]
        self.data = self.data[cut:]
        self.taken.append(taken)
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


def start_interpreter(headers, reading):
    """Starts this file again, for one trace, the way its headers ask for."""
    environment = dict(os.environ)
    options = []
    for line in headers:
        _, key, text = line.split(" ", 2)
        if key == "args":
            options += text.split()
        else:
            variable, _, environment[variable] = text.partition("=")
    numbers = map(str, [answers.fd] + files.numbers())
    command = [sys.executable] + options + [os.path.abspath(__file__), "trace", *numbers]
    actions = [(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, files.errors, 2)]
    return os.posix_spawn(sys.executable, command, environment, file_actions=actions)


def run_alone(numbers):
    """What a started interpreter does: its one trace, from the same state as a
    forked one. Nothing of the way there is left on the error output."""
    global answers, files
    answers = Answers(numbers[0])
    files = Files(numbers[1:])
    warm_up()
    operations.state.late = files.late
    sys.unraisablehook = sys.__unraisablehook__
    files.empty()
    perform(0)


def run_trace(source):
    """Runs one trace in a process of its own. False: this is that process, and
    it has to end in the ordinary way."""
    headers = source.take_headers()
    gc.collect()
    reading, writing = os.pipe()
    child = start_interpreter(headers, reading) if headers else os.fork()
    if child == 0:
        os.close(writing)
        os.dup2(files.errors, 2)
        operations.state.late = files.late
        if source.looks_at_errors():
            sys.unraisablehook = sys.__unraisablehook__
        perform(reading)
        return False
    os.close(reading)
    try:
        complete = pass_on(source, writing)
    except BrokenPipeError:
        complete = False
    os.close(writing)
    _, status = os.waitpid(child, 0)
    complete = finish(source, how_it_died(status), complete)
    while not complete and not source.ended:
        if not source.take_trace()[1]:
            source.fill()
        else:
            complete = True
    return True


def how_it_died(status):
    """The signal or exit code of an abnormal end, None for the ordinary one."""
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return "exit %d" % os.WEXITSTATUS(status) if os.WEXITSTATUS(status) else None


def finish(source, died, complete):
    """Sends what waited for the end of the process. Its death is an observation
    if the trace looks at its end, else a crash. Returns whether the trace's
    `end` was read."""
    lines = answers.left(files.read(files.kept))
    looked = bool(lines)
    if died:
        complete = complete or source.take_rest()
        rest = source.operations()
        looked = any(operations.first_word(line) in AFTER_END for line in rest)
        if looked and lines[-1:] != ["done"]:
            for line in rest[answers.sent() + len(lines) :]:
                lines.append(MARK + line if operations.first_word(line) in AFTER_END else "died " + died)
            lines.append("done")
    errors = files.read(files.errors)
    for line in lines:
        text = look_at_end(line[1:], died, errors) if line.startswith(MARK) else line
        write_all(1, (text + "\n").encode())
    if not looked:
        write_all(2, errors)
        if died:
            write_all(1, ("crashed %s\n" % died).encode())
    answers.empty()
    files.empty()
    return complete


def look_at_end(line, died, errors):
    """What an operation observes that looks at a process that has ended."""
    if operations.first_word(line) == "late":
        return operations.list_observation(files.read(files.late).decode().split(), line)
    if len(errors) > ERROR_OUTPUT_MAX:
        return "unsupported so much error output"
    return "%s %s" % ("died " + died if died else "ended", quoted(errors))


ESCAPES = {ord("\n"): "\\n", ord("\t"): "\\t", ord("\r"): "\\r", ord('"'): '\\"', ord("\\"): "\\\\"}


def quoted(data):
    """Bytes as a text of the trace language."""
    return '"' + "".join(ESCAPES.get(c) or (chr(c) if 32 <= c < 127 else "\\x%02x" % c) for c in data) + '"'


def manifest():
    version = "%d.%d.%d" % sys.version_info[:3]
    lines = ["refheap-adapter 1", "name cpython", "version " + version, "profile cpython-" + version]
    if not operations.Legacy:
        lines.append("unsupported kind legacy")
    if not operations.native.set_nomemory:
        lines.append("unsupported operation nomem nomemoff")
    return "\n".join(lines + ["end", ""])


def main():
    global answers, files
    if sys.argv[1:2] == ["trace"]:
        run_alone([int(number) for number in sys.argv[2:]])
        return
    answers = Answers()
    files = Files()
    warm_up()
    write_all(1, manifest().encode())
    source = Input()
    while True:
        line = source.line()
        if line.startswith("trace "):
            if not run_trace(source):
                return
        elif line == "quit" or (not line and source.ended):
            return
        else:
            sys.exit("cpython.py: expected `trace ID` or `quit`, got %r" % line)


if __name__ == "__main__":
    main()
