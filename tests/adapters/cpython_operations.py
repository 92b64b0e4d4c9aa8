"""The operations of the trace language on the CPython that runs this file: the
table OPERATIONS, and the state of the one trace a process executes.

The observer must not be seen. Three invariants keep it out of the observations:

  * Between two operations the driver owns no object that the collector tracks
    and that is younger than the trace: operations are parsed with find and
    slices, actions are kept as text, labels of finalizable objects and of
    weak references are kept by address in dictionaries without containers.
  * While an object dies, no temporary of the driver refers to it, to the object
    it dies from, or to the value that replaces it. Where that cannot be had
    (a method call holds its own `self`), `pins` says how many references of
    the driver an object has, and `refs` subtracts them.
  * A handler answers None (`ok`), SKIP, or the text observed. What does not
    apply is decided by the kind of the object, before anything happens.

Arguments reach a handler as the rest of the line; operands are separated by
single blanks (canonical text).
"""
import array
import binascii
import builtins
import collections
import gc
import itertools
import operator
import os
import sys
import weakref

import cpython_native as native

SKIP = "skip"
MISSING = type("missing", (), {})()  # what a name or path that does not resolve stands for

NODE_SLOTS = ("a", "b", "c", "__weakref__")


class Unsupported(Exception):
    """Raised by a handler that cannot do its operation; the text is the reason,
    and what the trace observes from here on is not answered."""


# --- the state of one trace ---------------------------------------------------

roots = {}  # name -> Root: the one reference a binding is, MISSING while unbound. No
# container: the collector must see a binding as a reference from outside
log = []  # texts of the events since the last `events`
labels = {}  # id of a finalizable object -> the name it was created under
weak_labels = {}  # id of a weak reference with callback -> its name
actions = {}  # name -> text of the operations its finalizer runs
weak_actions = {}  # name -> the same for a callback
pins = {}  # id -> references to that object held by the driver right now
addresses = {}  # name -> id remembered by `idof`
starts = []  # generations of the collections that started since `ncollections`
overheads = {}  # "finalizer", "legacy", "callback": references its call holds to its object
marked = {}  # statistics remembered by `statmark`, and the counter by `mark`


class State:
    """Single values; an instance with slots is tracked from the start."""

    __slots__ = ("frozen", "depth", "borrowed", "raising", "unsupported", "silenced", "late", "ending")

    def reset(self):
        self.frozen = 0  # objects frozen before the last `freeze`
        self.depth = 0  # actions running
        self.borrowed = False  # `self` is bound by a running action: no reference of the trace
        self.raising = None  # the exception an action is being left by
        self.unsupported = None  # why nothing is answered any more
        self.silenced = False  # an error was ignored that belongs on the error output
        self.late = -1  # the file that finalizers write to that may run during exit
        self.ending = False  # the trace is over, the process exits


state = State()


def pin(key):
    pins[key] = pins.get(key, 0) + 1


def unpin(key):
    pins[key] -= 1
    if pins[key] <= 0:
        del pins[key]


def run_action(body, owner, overhead):
    """Runs the operations of an action with `self` bound to `owner`; `overhead`
    is how many references to it the call of its finalizer or callback holds.
    During exit no action runs: it might make work for exit without end."""
    if state.ending:
        return
    key = id(owner)
    outer = self_root.held
    outer_borrowed = state.borrowed
    outer_raising = state.raising
    pins[key] = pins.get(key, 0) + overhead
    self_root.held = owner
    pin(key)
    state.borrowed = True
    state.raising = None
    state.depth += 1
    run_body(body)
    state.depth -= 1
    raising = state.raising
    state.raising = outer_raising
    give_up_self()
    state.borrowed = outer_borrowed
    pins[key] = pins.get(key, 0) - overhead
    if not pins[key]:
        del pins[key]
    self_root.held = outer
    if raising is not None:
        raise raising


def give_up_self():
    """The binding of `self` an action began with ends here or is replaced."""
    if state.borrowed:
        state.borrowed = False
        unpin(id(self_root.held))


def finalize(self):
    label = labels[id(self)]
    log.append("del:" + label)
    if label in actions:
        run_action(actions[label], self, overheads["finalizer"])


def on_death(ref):
    """The callback of every weak reference."""
    label = weak_labels[id(ref)]
    log.append("cb:" + label)
    if label in weak_actions:
        run_action(weak_actions[label], ref, overheads["callback"])


def on_collection(phase, info):
    generation = info["generation"]
    if phase == "start":
        starts.append(str(generation))
        log.append("gc:start:%d" % generation)
    else:
        log.append("gc:stop:%d:%d:%d" % (generation, info["collected"], info["uncollectable"]))


def on_unraisable(report):
    log.append("unraisable:" + report.exc_type.__name__)


def finalize_without_gc(self):
    log.append("del:nogc")
    if "nogc" in actions:
        run_action(actions["nogc"], self, overheads["finalizer"])


def finalize_legacy(self):
    label = labels[id(self)]
    log.append("tpdel:" + label)
    if label in actions:
        run_action(actions[label], self, overheads["legacy"])


def finalize_late(self, labels=labels, write=os.write, state=state, address=id):
    """Its event is written during exit only. Then it uses no global name, not
    even a built-in one: these may be gone."""
    label = labels[address(self)]
    if state.ending:
        write(state.late, ("del:" + label + "\n").encode())
    elif label in actions:
        run_action(actions[label], self, overheads["finalizer"])


def log_finalize(label):
    log.append("finalize:" + label)


def ignore_unraisable(report):
    """Errors of finalizers go to the error output unless `hookunraisable` asks
    for events; where nothing looks at it, it is kept clean."""
    state.silenced = True


# --- the kinds' classes -------------------------------------------------------

Node = type("node", (), {"__slots__": NODE_SLOTS})
Fin = type("fin", (), {"__slots__": NODE_SLOTS, "__del__": finalize})
ListFin = type("listfin", (list,), {"__slots__": ("__weakref__",), "__del__": finalize})
Obj = type("obj", (), {})
Bare = type("bare", (), {"__slots__": ()})
Sizer = type("sizer", (), {"__sizeof__": lambda self: self.size})
StrSub = type("strsub", (str,), {})
Root = native.type_without_gc("root", "held")
self_root = Root()
NoGcFin = native.type_without_gc("nogcfin")
NoGcFin.__del__ = finalize_without_gc
Legacy = native.type_with_legacy_finalizer("legacy", NODE_SLOTS, finalize_legacy)
LateFin = type("latefin", (), {"__slots__": NODE_SLOTS, "__del__": finalize_late})
NoGcBox = native.type_without_gc("nogcbox", "held")

FIELDS = frozenset(("a", "b", "c"))
FIELD_KINDS = frozenset((Node, Fin, Legacy, LateFin))
ATTRIBUTE_KINDS = frozenset((Obj, StrSub))
HEAP_TYPE = 1 << 9  # the flag of classes, as opposed to built-in types
LISTS = frozenset((list, ListFin))
GROWING = frozenset((list, ListFin, collections.deque))
BYTE_KINDS = frozenset((bytearray, array.array))
POPPED = GROWING | BYTE_KINDS
MAPPINGS = frozenset((dict, weakref.WeakValueDictionary, weakref.WeakKeyDictionary))
SIZED = frozenset((list, ListFin, tuple, dict, set, collections.deque, str, bytes)) | BYTE_KINDS | MAPPINGS
CLEARABLE = frozenset((list, ListFin, dict, set, collections.deque, bytearray)) | MAPPINGS
COPYABLE = frozenset((list, ListFin, dict, set, collections.deque, bytearray))
PROXIES = frozenset((weakref.ProxyType, weakref.CallableProxyType))


# --- operands -----------------------------------------------------------------


def find(path):
    """The object a path NAME[.slot...] leads to, or MISSING."""
    root = roots.get(path)
    if root is not None:
        return root.held
    return walk(path) if "." in path else MISSING


def walk(path):
    end = path.find(".")
    found = find(path[:end])
    while end >= 0:
        start = end + 1
        end = path.find(".", start)
        slot = path[start:] if end < 0 else path[start:end]
        if type(found) in FIELD_KINDS:
            if slot not in FIELDS:
                return MISSING
        elif not has_attributes(found):
            return MISSING
        found = getattr(found, slot, MISSING)
    return found


def has_attributes(found):
    """Is it an object that takes any attribute: an instance, a class of ours?"""
    return type(found) in ATTRIBUTE_KINDS or (type(found) is type and found.__flags__ & HEAP_TYPE)


def value(text):
    """The object a value operand stands for: path, None, integer or quoted text."""
    root = roots.get(text)
    if root is not None:
        return root.held
    first = text[0]
    if first == '"':
        return constant(text)
    if first == "-" or "0" <= first <= "9":
        return int(text)
    if text == "None":
        return None
    return find(text)


def literal(text):
    """The value of a literal, compiled as a unit of its own. Compiling leaves
    many free containers behind, which the young counter does not see again."""
    return eval(text, LITERAL_GLOBALS)


LITERAL_GLOBALS = {"__builtins__": builtins}
WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def constant(text):
    """The string a quoted value is: a constant, shared if it looks like a name."""
    text = quoted(text)
    return sys.intern(text) if WORD.issuperset(text) else text


def quoted(text):
    """The characters of a quoted operand: a string that no constant shares."""
    text = literal(text) if "\\" in text else text[1:-1]
    if len(text) == 1:
        return chr(ord(text))
    half = len(text) // 2
    return text[:half] + text[half:]


def first_word(text):
    end = text.find(" ")
    return text if end < 0 else text[:end]


def after_first(text):
    end = text.find(" ")
    return "" if end < 0 else text[end + 1 :]


def name_of(found):
    """How an object is called in a list of garbage."""
    if type(found) in (Fin, ListFin, Legacy, LateFin):
        return labels[id(found)]
    return "weakref" if type(found) is weakref.ref else type(found).__name__


def yes(condition):
    return "yes" if condition else "no"


def listed(texts):
    return "[" + ", ".join(texts) + "]"


# --- running operations -------------------------------------------------------

OPERATIONS = {}  # spelling -> handler(rest)
MAKERS = {}  # spelling -> maker(name, rest): returns what the name is bound to
KINDS = {}  # spelling -> maker(label, rest)


def operation(spelling):
    def register(handler):
        OPERATIONS[spelling] = handler
        return handler

    return register


def maker(spelling):
    """An operation whose first operand is a name to bind: the handler makes the
    object, binding is the same for all of them."""

    def register(make):
        MAKERS[spelling] = make
        return make

    return register


def kind(spelling):
    def register(make):
        KINDS[spelling] = make
        return make

    return register


def bind(make, rest):
    """The new object first, then the binding, then the old reference is dropped."""
    end = rest.find(" ")
    name = rest[:end]
    made = make(name, rest[end + 1 :])
    if made is MISSING:
        return SKIP
    root = roots.get(name)
    if root is None:
        root = roots[name] = Root()
    elif root is self_root:
        give_up_self()
    old = getattr(root, "held", None)
    root.held = made
    made = None
    old = None  # dies here, when nothing of the driver refers to anything
    return None


def run(line):
    """Executes one operation and returns its observation."""
    end = line.find(" ")
    word = line if end < 0 else line[:end]
    rest = "" if end < 0 else line[end + 1 :]
    try:
        if rest.endswith(")"):
            rest = without_attributes(word, rest)
        handler = OPERATIONS.get(word)
        if handler is not None:
            answer = handler(rest)
        elif word in MAKERS:
            answer = bind(MAKERS[word], rest)
        else:
            raise Unsupported("operation " + word)
    except Unsupported as reason:
        state.unsupported = str(reason)  # no exception would get out of a finalizer
        return SKIP
    except Exception as error:
        return type(error).__name__
    return "ok" if answer is None else answer


ATTRIBUTES = frozenset(("(unordered)", "(digest)", "(unordered,digest)"))
LISTING = frozenset(("events", "garbage", "try", "repeat", "act", "cbact"))  # these, or operations in them, have a use for them


def without_attributes(word, rest):
    """The operands alone: attributes for lists mean nothing to what observes none."""
    if "(fail_nth=" in rest:
        raise Unsupported("attribute fail_nth")
    start = rest.rfind("(")
    return rest[:start].rstrip() if rest[start:] in ATTRIBUTES and word not in LISTING else rest


def next_end(body, start):
    """Where the operation of a body that begins at `start` ends."""
    end = body.find(";", start)
    quote = body.find('"', start)
    while 0 <= quote < end:  # the `;` may be inside quotes
        quote = closing_quote(body, quote)
        end = body.find(";", quote + 1)
        quote = body.find('"', quote + 1)
    return len(body) if end < 0 else end


def closing_quote(body, position):
    position += 1
    while body[position] != '"':
        position += 2 if body[position] == "\\" else 1
    return position


NESTING = ("repeat ", "act ", "cbact ")  # what follows their colon reaches to the end of the line
QUOTED_BY_UNDERSCORE = str.maketrans(" \"'", "___")


def run_body(body):
    """Executes `op; op` up to a `raise`. In an action, `op => ?` is recorded as
    an event."""
    start = 0
    while start < len(body) and state.raising is None and state.unsupported is None:
        start += body.startswith(" ", start)
        block = body.startswith(NESTING, start)
        end = len(body) if block else next_end(body, start)
        step = body[start:end].strip()
        start = end + 1
        recorded = not block and step.endswith("=> ?")  # what ends a block belongs to the last operation in it
        if recorded:
            step = step[:-4].rstrip()
        answer = run(step)
        if recorded and state.depth:
            log.append(step.translate(QUOTED_BY_UNDERSCORE) + "=" + answer)


@operation("repeat")
def op_repeat(rest):
    colon = rest.find(":")
    body = rest[colon + 2 :]
    for _ in range(int(rest[:colon])):
        if state.raising is not None or state.unsupported is not None:
            break
        run_body(body)


@operation("try")
def op_try(rest):
    raising = state.raising
    answer = run(rest)
    state.raising = raising
    return answer if answer == SKIP or answer in EXCEPTIONS else "ok"


EXCEPTIONS = frozenset(name for name, found in vars(builtins).items() if isinstance(found, type) and issubclass(found, Exception))


@operation("act")
def op_act(rest):
    colon = rest.find(":")
    actions[rest[:colon]] = rest[colon + 1 :]


@operation("cbact")
def op_cbact(rest):
    colon = rest.find(":")
    weak_actions[rest[:colon]] = rest[colon + 1 :]


@operation("raise")
def op_raise(rest):
    if rest not in EXCEPTIONS:
        raise Unsupported("exception " + rest)
    if state.depth:
        state.raising = getattr(builtins, rest)
    return rest


@operation("hookunraisable")
def op_hookunraisable(rest):
    sys.unraisablehook = on_unraisable


@operation("events")
def op_events(rest):
    answer = list_observation(log, rest)
    log.clear()
    return answer


def list_observation(texts, attributes):
    """A list as its attributes ask: `(digest)` gives COUNT:CRC32 of the items,
    sorted first when they are `(unordered)`."""
    if "digest" not in attributes:
        return listed(texts)
    items = [text.encode() for text in texts]
    if "unordered" in attributes:
        items.sort()
    return "%d:%08x" % (len(items), binascii.crc32(b",".join(items)))


# --- names, fields, containers --------------------------------------------------


@maker("new")
def make_new(name, rest):
    word = first_word(rest)
    make = KINDS.get(word)
    if make is None:
        raise Unsupported("kind " + word)
    return make(name, rest[len(word) + 1 :])


@maker("bind")
def make_bind(name, rest):
    return find(rest)


@maker("const")
def make_const(name, rest):
    return int(rest) if rest.isdigit() else literal(rest)


@operation("drop")
def op_drop(rest):
    answer = SKIP
    while rest:
        name = first_word(rest)
        rest = after_first(rest)
        if find(name) is not MISSING:
            answer = None
            if name == "self":
                give_up_self()
            roots[name].held = MISSING
    return answer


@operation("set")
def op_set(rest):
    end = rest.find(" ")
    return store_field(rest[:end], rest[end + 1 :])


@operation("unset")
def op_unset(rest):
    return store_field(rest, "None")


def store_field(path, text):
    dot = path.rfind(".")
    owner = path[:dot]
    if not takes_attributes(owner):
        return SKIP
    new = value(text)
    if new is MISSING:
        return SKIP
    slot = path[dot + 1 :]
    check_slot(owner, slot)
    old = getattr(find(owner), slot, None)
    setattr(find(owner), slot, new)
    new = None
    old = None
    return None


def takes_attributes(path):
    return type(find(path)) in FIELD_KINDS or has_attributes(find(path))


def check_slot(owner, slot):
    """What a class defines besides its slots is none of the trace's business."""
    if type(find(owner)) in FIELD_KINDS and slot not in FIELDS:
        raise AttributeError


@operation("del")
def op_del(rest):
    dot = rest.rfind(".")
    owner = rest[:dot]
    if not takes_attributes(owner):
        return SKIP
    slot = rest[dot + 1 :]
    check_slot(owner, slot)
    old = getattr(find(owner), slot)
    delattr(find(owner), slot)
    old = None
    return None


@operation("put")
def op_put(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) not in MAPPINGS:
        return SKIP
    # A quoted key may contain blanks; canonical text has nothing else around it.
    rest = rest[len(path) + 1 :]
    end = closing_quote(rest, 0) + 1 if rest[0] == '"' else rest.find(" ")
    key = value(rest[:end])
    new = value(rest[end + 1 :])
    if key is MISSING or new is MISSING:
        return SKIP
    old = target.get(key)
    target[key] = new
    key = new = target = None
    old = None
    return None


@operation("delkey")
def op_delkey(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) not in MAPPINGS:
        return SKIP
    key = value(rest[len(path) + 1 :])
    if key is MISSING:
        return SKIP
    hash(key)  # an empty dictionary would not ask
    if type(target) is dict:
        target.get(key)  # nor look it up, as del does, which in 3.9 shows: DCT-5
    old = target.pop(key)
    key = target = None
    old = None
    return None


@operation("delrange")
def op_delrange(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) not in MAPPINGS:
        return SKIP
    rest = rest[len(path) + 1 :]
    key = id(target)
    pin(key)
    try:
        for i in range(int(first_word(rest)), int(after_first(rest))):
            old = target.pop(i)
            old = None
    finally:
        unpin(key)
    return None


@operation("add")
def op_add(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) is not set:
        return SKIP
    new = value(rest[len(path) + 1 :])
    if new is MISSING:
        return SKIP
    target.add(new)
    return None


@operation("discardrange")
def op_discardrange(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) is not set:
        return SKIP
    rest = rest[len(path) + 1 :]
    for key in range(int(first_word(rest)), int(after_first(rest))):
        target.discard(key)
    return None


@operation("append")
def op_append(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) not in GROWING:
        return SKIP
    new = value(rest[len(path) + 1 :])
    if new is MISSING:
        return SKIP
    target.append(new)
    return None


@operation("insert")
def op_insert(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) not in LISTS:
        return SKIP
    rest = rest[len(path) + 1 :]
    index = first_word(rest)
    new = value(rest[len(index) + 1 :])
    if new is MISSING:
        return SKIP
    target.insert(int(index), new)
    return None


@operation("pop")
def op_pop(rest):
    path = first_word(rest)
    kind_of = type(find(path))
    index = after_first(rest)
    if kind_of not in POPPED or (index and kind_of is collections.deque):
        return SKIP
    old = find(path).pop(int(index)) if index else find(path).pop()
    old = None
    return None


@operation("appendn")
def op_appendn(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) not in GROWING:
        return SKIP
    for _ in range(int(after_first(rest))):
        target.append(None)
    return None


@operation("popn")
def op_popn(rest):
    path = first_word(rest)
    target = find(path)
    if type(target) not in POPPED:
        return SKIP
    times = int(after_first(rest))
    if times > len(target):
        raise IndexError
    key = id(target)
    pin(key)
    try:
        for _ in range(times):
            old = target.pop()
            old = None
    finally:
        unpin(key)
    return None


@operation("appendint")
def op_appendint(rest):
    return append_small_int(rest, 1, 0)


@operation("appendints")
def op_appendints(rest):
    return append_small_int(first_word(rest), int(after_first(rest)), 1)


def append_small_int(path, times, number):
    target = find(path)
    if type(target) not in GROWING and type(target) not in BYTE_KINDS:
        return SKIP
    for _ in range(times):
        target.append(number)
    return None


@operation("clear")
def op_clear(rest):
    kind_of = type(find(rest))
    if kind_of not in CLEARABLE:
        return SKIP
    key = id(find(rest))
    pin(key)
    try:
        kind_of.clear(find(rest))
    finally:
        unpin(key)
    return None


@maker("copy")
def make_copy(name, rest):
    target = find(rest)
    return target.copy() if type(target) in COPYABLE else MISSING


@maker("listcopy")
def make_listcopy(name, rest):
    target = find(rest)
    return target[:] if type(target) in LISTS or type(target) is tuple else MISSING


def extend(rest, source):
    path = first_word(rest)
    target = find(path)
    if type(target) not in LISTS:
        return SKIP
    target.extend(source(int(after_first(rest))))
    return None


@operation("extendn")
def op_extendn(rest):
    return extend(rest, nones)


@operation("extenditer")
def op_extenditer(rest):
    return extend(rest, hinted_nones)


@operation("extendgen")
def op_extendgen(rest):
    return extend(rest, generated_nones)


def nones(n):
    return [None] * n


def hinted_nones(n):
    return itertools.repeat(None, n)


def generated_nones(n):
    return (None for _ in range(n))


@operation("slicedel")
def op_slicedel(rest):
    return replace_slice(rest, "")


@operation("sliceset")
def op_sliceset(rest):
    last = rest.rfind(" ")
    return replace_slice(rest[:last], rest[last + 1 :])


def replace_slice(rest, count):
    path = first_word(rest)
    if type(find(path)) not in LISTS:
        return SKIP
    rest = rest[len(path) + 1 :]
    start = int(first_word(rest))
    end = int(after_first(rest))
    key = id(find(path))
    pin(key)
    try:
        if count:
            find(path)[start:end] = [None] * int(count)
        else:
            del find(path)[start:end]
    finally:
        unpin(key)
    return None


# gh-97616: longer lists than an address space holds crashed in list *= n.
repeating_may_crash = sys.version_info[:3] < (3, 9, 15) or (3, 10) <= sys.version_info[:3] < (3, 10, 8)


@operation("imul")
def op_imul(rest):
    path = first_word(rest)
    if type(find(path)) not in LISTS:
        return SKIP
    times = int(after_first(rest))
    if repeating_may_crash and len(find(path)) * times > sys.maxsize // 8:
        raise Unsupported("list *= n beyond the address space crashes this version")
    key = id(find(path))
    pin(key)
    try:
        operator.imul(find(path), times)
    finally:
        unpin(key)
    return None


@operation("materialize")
def op_materialize(rest):
    target = find(rest)
    if type(target) is not Obj:
        return SKIP
    target.__dict__
    return None


@operation("selfmethod")
def op_selfmethod(rest):
    target = find(rest)
    if type(target) is not Obj:
        return SKIP
    target.m = target.__init__
    return None


@maker("incr")
def make_incr(name, rest):
    number = find(name)
    return number + int(rest) if type(number) is int else MISSING


def keep_own_frame():
    frame = sys._getframe()
    return frame


def keep_own_exception():
    try:
        raise ValueError
    except ValueError as error:
        kept = error  # refers to this frame through its traceback
    return kept


def caller(function):
    """Calls a function at every step from a frame that lives on: a frame that
    is kept keeps its callers' frames too."""
    while True:
        function()
        yield


frame_cycles = caller(keep_own_frame)
exception_cycles = caller(keep_own_exception)


@operation("framecycle")
def op_framecycle(rest):
    next(frame_cycles)


@operation("exccycle")
def op_exccycle(rest):
    next(exception_cycles)


# --- weak references ------------------------------------------------------------


@maker("weak")
def make_weak(name, rest):
    return make_weak_reference(weakref.ref, name, rest)


@maker("proxy")
def make_proxy(name, rest):
    return make_weak_reference(weakref.proxy, name, rest)


def make_weak_reference(make, name, rest):
    target = find(first_word(rest))
    if target is MISSING:
        return MISSING
    if not after_first(rest):
        return make(target)
    made = make(target, on_death)
    weak_labels[id(made)] = name
    return made


@operation("deref")
def op_deref(rest):
    target = find(rest)
    if type(target) is not weakref.ref:
        return SKIP
    return "dead" if target() is None else "live"


@operation("probe")
def op_probe(rest):
    target = find(rest)
    if type(target) is not weakref.ref:
        return SKIP
    log.append("probe:" + rest + ("=dead" if target() is None else "=live"))
    return None


@operation("weakcount")
def op_weakcount(rest):
    target = find(rest)
    return SKIP if target is MISSING else str(weakref.getweakrefcount(target))


@operation("use")
def op_use(rest):
    target = find(rest)
    if type(target) not in PROXIES:
        return SKIP
    target.a
    return None


# --- the collector --------------------------------------------------------------


@operation("collect")
def op_collect(rest):
    return f"{gc.collect(int(rest)) if rest else gc.collect()}"


@operation("enable")
def op_enable(rest):
    gc.enable()


@operation("disable")
def op_disable(rest):
    gc.disable()


@operation("threshold")
def op_threshold(rest):
    if not rest:
        return listed(map(str, gc.get_threshold()))
    gc.set_threshold(*map(int, rest.split()))
    return None


@operation("count")
def op_count(rest):
    return f"{gc.get_count()[int(rest)]}"


@operation("mark")
def op_mark(rest):
    gc.get_count()  # its result tuple is new once, later ones reuse that one
    marked["count"] = gc.get_count()[0]


@operation("young")
def op_young(rest):
    return str(gc.get_count()[0] - marked.get("count", 0))


@operation("statmark")
def op_statmark(rest):
    for generation, fields in enumerate(gc.get_stats()):
        for field in fields:
            marked["%d %s" % (generation, field)] = fields[field]


@operation("stat")
def op_stat(rest):
    generation = int(first_word(rest))
    field = after_first(rest)
    now = gc.get_stats()[generation][field]
    return str(now - marked.get("%d %s" % (generation % 3, field), 0))


@operation("statkeys")
def op_statkeys(rest):
    return listed(sorted(gc.get_stats()[0]))


@operation("freeze")
def op_freeze(rest):
    state.frozen = gc.get_freeze_count()
    gc.freeze()


@operation("unfreeze")
def op_unfreeze(rest):
    gc.unfreeze()


@operation("frozen")
def op_frozen(rest):
    return str(gc.get_freeze_count())


@operation("frozendelta")
def op_frozendelta(rest):
    return str(gc.get_freeze_count() - state.frozen)


DEBUG_FLAGS = ("STATS", "COLLECTABLE", "UNCOLLECTABLE", "SAVEALL", "LEAK")


@operation("debug")
def op_debug(rest):
    flags = 0
    while rest:
        word = first_word(rest)
        if word in DEBUG_FLAGS:
            flags |= getattr(gc, "DEBUG_" + word)
        elif word != "0":
            raise Unsupported("debug flag " + word)
        rest = after_first(rest)
    gc.set_debug(flags)


@operation("garbage")
def op_garbage(rest):
    return list_observation(list(map(name_of, gc.garbage)), rest)


@operation("cleargarbage")
def op_cleargarbage(rest):
    gc.garbage.clear()


@operation("tracked")
def op_tracked(rest):
    target = find(rest)
    return SKIP if target is MISSING else yes(gc.is_tracked(target))


@operation("finalized")
def op_finalized(rest):
    target = find(rest)
    return SKIP if target is MISSING else yes(gc.is_finalized(target))


@operation("gen")
def op_gen(rest):
    target = find(rest)
    if target is MISSING:
        return SKIP
    for generation in range(3):
        for member in gc.get_objects(generation=generation):
            if member is target:
                return str(generation)
    return "none"


@operation("gccb")
def op_gccb(rest):
    gc.callbacks.append(on_collection)


@operation("gccboff")
def op_gccboff(rest):
    if on_collection in gc.callbacks:
        gc.callbacks.remove(on_collection)


@operation("ncollections")
def op_ncollections(rest):
    answer = " ".join(starts) or "none"
    starts.clear()
    return answer


@operation("referents")
def op_referents(rest):
    target = find(rest)
    return SKIP if target is MISSING else str(len(gc.get_referents(target)))


FRAME = type(sys._getframe())


@operation("referrers")
def op_referrers(rest):
    if find(rest) is MISSING:
        return SKIP
    found = 0
    for holder in gc.get_referrers(find(rest)):
        if type(holder) is not FRAME:
            found += 1
    return str(found)


# --- observations of objects ------------------------------------------------------


@operation("refs")
def op_refs(rest):
    if find(rest) is MISSING:
        return SKIP
    count = sys.getrefcount(find(rest)) - 1
    if pins:
        count -= pins.get(id(find(rest)), 0)
    return str(count)


@operation("rawlocalrefs")
def op_rawlocalrefs(rest):
    held = []
    return str(sys.getrefcount(held))


@operation("immortal")
def op_immortal(rest):
    target = find(rest)
    return SKIP if target is MISSING else yes(sys.getrefcount(target) > 500000000)


@operation("same")
def op_same(rest):
    one = find(first_word(rest))
    other = find(after_first(rest))
    return SKIP if one is MISSING or other is MISSING else yes(one is other)


@operation("idof")
def op_idof(rest):
    name = first_word(rest)
    target = find(rest[len(name) + 1 :])
    if target is MISSING:
        return SKIP
    addresses[name] = id(target)
    return None


@operation("sameid")
def op_sameid(rest):
    name = first_word(rest)
    target = find(rest[len(name) + 1 :])
    return SKIP if target is MISSING or name not in addresses else yes(id(target) == addresses[name])


def capacity(target):
    return (target.__sizeof__() - type(target).__basicsize__) // 8


@operation("cap")
def op_cap(rest):
    target = find(rest)
    return str(capacity(target)) if type(target) in LISTS else SKIP


@operation("sizeof")
def op_sizeof(rest):
    target = find(rest)
    return SKIP if target is MISSING else str(sys.getsizeof(target))


@operation("len")
def op_len(rest):
    target = find(rest)
    return str(len(target)) if type(target) in SIZED else SKIP


GROWTH = {  # the ways to grow, and for which kinds
    "append": GROWING | BYTE_KINDS,
    "add": frozenset((set,)),
    "put": frozenset((dict,)),
    "puts": frozenset((dict,)),
    "pop": POPPED,
    "popdown": POPPED,
}


@operation("growth")
def op_growth(rest):
    path = first_word(rest)
    how = first_word(after_first(rest))
    steps = int(rest[rest.rfind(" ") + 1 :])
    if how not in GROWTH:
        raise Unsupported("growth by " + how)
    target = find(path)
    if type(target) not in GROWTH[how]:
        return SKIP
    item = 0 if type(target) in BYTE_KINDS else None
    observe = capacity if type(target) in LISTS else sys.getsizeof
    last = observe(target)
    changes = [(0, last)]
    key = id(target)
    pin(key)
    try:
        for i in range(steps):
            if how == "append":
                target.append(item)
            elif how == "add":
                target.add(i)
            elif how in ("pop", "popdown"):
                old = target.pop()
                old = None
            else:
                step = i if how == "put" else "k%d" % i
                old = target.get(step)
                target[step] = None
                old = None
            now = observe(target)
            if now != last:
                changes.append((i + 1, now))
                last = now
    finally:
        unpin(key)
    if how == "popdown":
        return listed(str(size) for _, size in changes)
    return listed("%d:%d" % change for change in changes)


# --- interning ------------------------------------------------------------------


@maker("intern")
def make_intern(name, rest):
    target = find(rest)
    return MISSING if target is MISSING else sys.intern(target)


@maker("char")
def make_char(name, rest):
    return chr(int(rest))


@maker("charof")
def make_charof(name, rest):
    target = find(first_word(rest))
    return target[int(after_first(rest))] if type(target) is str else MISSING


@operation("setattr")
def op_setattr(rest):
    target = find(first_word(rest))
    key = find(after_first(rest))
    if type(target) is not Obj or type(key) is not str:
        return SKIP
    setattr(target, key, None)
    return None


@maker("attrname")
def make_attrname(name, rest):
    target = find(rest)
    return next(reversed(target.__dict__), MISSING) if type(target) is Obj else MISSING


@maker("keyof")
def make_keyof(name, rest):
    target = find(first_word(rest))
    if type(target) is not dict:
        return MISSING
    index = int(after_first(rest))
    if not 0 <= index < len(target):
        raise IndexError
    return next(itertools.islice(target, index, None))


# --- kinds ----------------------------------------------------------------------


def simple(spelling, make):
    """A kind without operands that its type makes when called."""
    KINDS[spelling] = lambda label, rest: make()


for spelling_, make_ in (
    ("list", lambda: []),  # list() passes by the free list
    ("dict", lambda: {}),  # dict() gets a table at once in 3.9
    ("set", set),
    ("deque", collections.deque),
    ("bytearray", bytearray),
    ("object", object),
    ("node", Node),
    ("obj", Obj),
    ("bare", Bare),
    ("nogcfin", NoGcFin),
    ("wvd", weakref.WeakValueDictionary),
    ("wkd", weakref.WeakKeyDictionary),
):
    simple(spelling_, make_)


@kind("array")
def new_array(label, rest):
    return array.array("b")


def labelled(make):
    def new(label, rest):
        return make_labelled(make, label)

    return new


def make_labelled(make, label):
    made = make()
    labels[id(made)] = label
    return made


KINDS["fin"] = labelled(Fin)
KINDS["listfin"] = labelled(ListFin)
KINDS["latefin"] = labelled(LateFin)
if Legacy:
    KINDS["legacy"] = labelled(Legacy)


@kind("tuple")
def new_tuple(label, rest):
    """As a display builds it; up to three items without a list in between."""
    if not rest:
        return ()
    words = rest.count(" ") + 1
    if words > 3:
        items = list(map(find, rest.split()))
        return MISSING if MISSING in items else tuple(items)
    first = find(first_word(rest))
    if words == 1:
        return MISSING if first is MISSING else (first,)
    rest = after_first(rest)
    second = find(first_word(rest))
    if words == 2:
        return MISSING if MISSING is first or MISSING is second else (first, second)
    third = find(after_first(rest))
    return MISSING if first is MISSING or second is MISSING or third is MISSING else (first, second, third)


@kind("nogcbox")
def new_nogcbox(label, rest):
    held = find(rest)
    if held is MISSING:
        return MISSING
    made = NoGcBox()
    made.held = held
    return made


@kind("nones")
def new_nones(label, rest):
    return [None] * int(rest)


@kind("nonetuple")
def new_nonetuple(label, rest):
    n = int(rest)
    return tuple([None]) if n == 1 else (None,) * n  # (None,) * 1 would be the constant itself


@kind("inttuple")
def new_inttuple(label, rest):
    return tuple(list(range(int(rest))))


@kind("int")
def new_int(label, rest):
    return int(rest)


@kind("pow2")
def new_pow2(label, rest):
    return 1 << int(rest)


@kind("float")
def new_float(label, rest):
    return float(rest)


@kind("bytes")
def new_bytes(label, rest):
    return bytes(int(rest))


@kind("str")
def new_str(label, rest):
    return quoted(rest)


@kind("strk")
def new_strk(label, rest):
    return chr(int(first_word(rest), 16)) * int(after_first(rest))


@kind("strsub")
def new_strsub(label, rest):
    return StrSub(quoted(rest))


@kind("sizer")
def new_sizer(label, rest):
    made = Sizer()
    made.size = int(rest)
    return made


@kind("class")
def new_class(label, rest):
    return type("class_", (), {})


@kind("func")
def new_func(label, rest):
    return lambda: None


@kind("execfunc")
def new_execfunc(label, rest):
    made = {}
    exec("def function(): pass", made)
    return made


@kind("closure")
def new_closure(label, rest):
    def function():
        return function

    return function


def hold(held):
    yield
    return held


@kind("gen")
def new_gen(label, rest):
    held = find(rest)
    if held is MISSING:
        return MISSING
    made = hold(held)
    next(made)
    return made


@kind("finalize")
def new_finalize(label, rest):
    target = find(rest)
    return MISSING if target is MISSING else weakref.finalize(target, log_finalize, label)


@kind("nodes")
def new_nodes(label, rest):
    return [Node() for _ in range(int(rest))]


@kind("lists")
def new_lists(label, rest):
    return [[] for _ in range(int(rest))]


@kind("floats")
def new_floats(label, rest):
    return [i + 0.5 for i in range(int(rest))]


@kind("dicts")
def new_dicts(label, rest):
    return [{} for _ in range(int(rest))]


@kind("tuples")
def new_tuples(label, rest):
    items = [None] * int(first_word(rest))
    return [tuple(items) for _ in range(int(after_first(rest)))]


@kind("cnodes")
def new_cnodes(label, rest):
    return list(itertools.starmap(Node, itertools.repeat((), int(rest))))


@kind("intdict")
def new_intdict(label, rest):
    made = {}
    for i in range(int(rest)):
        made[i] = None
    return made


@kind("strdict")
def new_strdict(label, rest):
    made = {}
    for i in range(int(rest)):
        made["k%d" % i] = None
    return made


@kind("intset")
def new_intset(label, rest):
    made = set()
    for i in range(int(rest)):
        made.add(i)
    return made


def display_list(n):
    """The list display of n variables."""
    return literal("[" + "x," * n + "]")


LITERAL_GLOBALS["x"] = None


def pairs(n):
    return [(i, None) for i in range(n)]


def display(form, n):
    """The display of n variables, whose values are the numbers from 0, in braces; each has this form."""
    return eval("{" + ",".join(form % i for i in range(n)) + "}", {"v%d" % i: i for i in range(n)})


def merged_dict(n):
    made = {-1: None}
    made.update(dict.fromkeys(range(n)))
    return made


def updated_dict(n):
    made = {}
    made.update(dict.fromkeys(range(n)))
    return made


FROM = {
    "list.from list": lambda n: list([None] * n),
    "list.from tuple": lambda n: list((None,) * n),
    "list.from range": lambda n: list(range(n)),
    "list.from set": lambda n: list(set(range(n))),
    "list.from dict": lambda n: list(dict.fromkeys(range(n))),
    "list.from iter": lambda n: list(itertools.repeat(None, n)),
    "list.from gen": lambda n: list(None for _ in range(n)),
    "list.from comp": lambda n: [None for _ in range(n)],
    "list.from const": lambda n: literal("[" + ",".join(map(str, range(n))) + "]"),
    "list.from display": display_list,
    "list.from repeat": lambda n: [None] * n,
    "list.from split": lambda n: ("x " * n).split(),
    "list.from copy": lambda n: ([None] * n).copy(),
    "set.from list": lambda n: set(list(range(n))),
    "set.from tuple": lambda n: set(tuple(range(n))),
    "set.from range": lambda n: set(range(n)),
    "set.from set": lambda n: set(set(range(n))),
    "set.from dict": lambda n: set(dict.fromkeys(range(n))),
    "set.from iter": lambda n: set(iter(range(n))),
    "set.from const": lambda n: literal("{" + ",".join(map(str, range(n))) + "}") if n else set(),
    "set.from display": lambda n: display("v%d", n) if n else set(),
    "set.from gen": lambda n: set(i for i in range(n)),
    "set.from comp": lambda n: {i for i in range(n)},
    "set.from copy": lambda n: set(range(n)).copy(),
    "dict.from list": lambda n: dict(pairs(n)),
    "dict.from tuple": lambda n: dict(tuple(pairs(n))),
    "dict.from set": lambda n: dict(set(pairs(n))),
    "dict.from iter": lambda n: dict(iter(pairs(n))),
    "dict.from gen": lambda n: dict((i, None) for i in range(n)),
    "dict.from const": lambda n: literal("{" + ",".join("%d:None" % i for i in range(n)) + "}"),
    "dict.from display": lambda n: display("v%d:None", n),
    "dict.from comp": lambda n: {i: None for i in range(n)},
    "dict.from copy": lambda n: dict.fromkeys(range(n)).copy(),
    "dict.from dict": lambda n: dict(dict.fromkeys(range(n))),
    "dict.from merge0": updated_dict,
    "dict.from merge1": merged_dict,
}


def built_from(spelling):
    def new(label, rest):
        source = first_word(rest)
        make = FROM.get(spelling + " " + source)
        if make is None:
            raise Unsupported("kind " + spelling + " " + source)
        return make(int(after_first(rest)))

    KINDS[spelling] = new


built_from("list.from")
built_from("set.from")
built_from("dict.from")


@kind("comb")
def new_comb(label, rest):
    made = None
    for i in reversed(range(int(rest))):
        level = []
        level.append(make_labelled(Fin, str(i)))
        level.append(made)
        made = level
        level = None
    return made


@kind("chain")
def new_chain(label, rest):
    made = None
    for i in reversed(range(int(rest))):
        head = make_labelled(Fin, str(i))
        if made is not None:
            head.a = made
        made = head
        head = None
    return made


# --- between traces -----------------------------------------------------------


def forget_everything():
    for part in (roots, log, labels, weak_labels, actions, weak_actions, pins, addresses, starts, marked):
        native.empty(part)
    self_root.held = MISSING
    roots["self"] = self_root
    state.reset()
    sys.unraisablehook = ignore_unraisable
    gc.garbage.clear()
    native.forget()


native.register(operation, find, MISSING, SKIP, Unsupported)
native.keep_forever(sys.modules[__name__])  # so that exit empties it, and the names of a trace with it
