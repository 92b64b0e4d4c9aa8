"""The part of the CPython adapter that looks below the language: types made
through the C interface, the allocator, its statistics, tracemalloc.

cpython.py imports this module and calls `register`.
"""
import array
import ctypes
import os
import re
import sys
import _tracemalloc

api = ctypes.pythonapi


# --- types --------------------------------------------------------------------


class _Slot(ctypes.Structure):
    _fields_ = [("slot", ctypes.c_int), ("function", ctypes.c_void_p)]


class _Spec(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("basicsize", ctypes.c_int),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_uint),
        ("slots", ctypes.POINTER(_Slot)),
    ]


class _Member(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("offset", ctypes.c_ssize_t),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


_FLAGS = 1 << 18 | 1 << 10  # Py_TPFLAGS_DEFAULT, Py_TPFLAGS_BASETYPE
_TP_DEALLOC, _TP_MEMBERS = 52, 72
_OBJECT_EX = 16  # a member that is a strong reference, missing until it is set
_alive = []  # types keep pointers into what they were made from


def _release_holder(
    address,
    at=ctypes.c_void_p.from_address,
    pointer=ctypes.c_void_p,
    free=api.PyObject_Free,
    decref=api.Py_DecRef,
    offset=object.__basicsize__,
):
    """The death of an instance with one member: only numbers, no object of the
    driver's, stand for it and for what it held. It also happens during exit,
    when global names may be gone."""
    held = at(address + offset).value
    free(pointer(address))
    if held is not None:
        decref(pointer(held))


def keep_forever(found):
    api.Py_IncRef(ctypes.py_object(found))


_release_holder = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(_release_holder)
keep_forever(_release_holder)  # it outlives every holder


def type_without_gc(name, *members):
    """A type whose instances the collector does not know, with members that
    hold strong references. A class statement cannot make one: instances of
    Python classes refer to their class. What instances with several members
    hold stays held when they die."""
    base = object.__basicsize__
    table = (_Member * (len(members) + 1))()
    for i, member in enumerate(members):
        table[i] = _Member(member.encode(), _OBJECT_EX, base + 8 * i, 0, None)
    slots = (_Slot * 3)()
    if members:
        slots[0] = _Slot(_TP_MEMBERS, ctypes.addressof(table))
    if len(members) == 1:
        slots[1] = _Slot(_TP_DEALLOC, ctypes.cast(_release_holder, ctypes.c_void_p).value)
    spec = _Spec(name.encode(), base + 8 * len(members), 0, _FLAGS, slots)
    make = api.PyType_FromSpec
    make.restype = ctypes.py_object
    make.argtypes = [ctypes.POINTER(_Spec)]
    _alive.append((spec, table))
    return make(ctypes.byref(spec))


def type_with_legacy_finalizer(name, slots, finalizer):
    """A class with a tp_del finalizer, or None where the interpreter came
    without the test module that can make one."""
    try:
        from _testcapi import with_tp_del
    except ImportError:
        return None
    return with_tp_del(type(name, (), {"__slots__": slots, "__tp_del__": finalizer}))


# --- the allocator ------------------------------------------------------------

POOL = 4096 if sys.version_info < (3, 10) else 16384
POOL_HEADER = 48


def _function(name, result, *arguments):
    function = getattr(api, name)
    function.restype = result
    function.argtypes = arguments
    return function


_SIZE = ctypes.c_size_t
_ADDRESS = ctypes.c_void_p
MALLOC = {
    "pm.malloc": _function("PyObject_Malloc", _ADDRESS, _SIZE),
    "pm.mmalloc": _function("PyMem_Malloc", _ADDRESS, _SIZE),
    "pm.rmalloc": _function("PyMem_RawMalloc", _ADDRESS, _SIZE),
}
FREE = {
    "pm.free": _function("PyObject_Free", None, _ADDRESS),
    "pm.mfree": _function("PyMem_Free", None, _ADDRESS),
    "pm.rfree": _function("PyMem_RawFree", None, _ADDRESS),
}
CALLOC = _function("PyObject_Calloc", _ADDRESS, _SIZE, _SIZE)
REALLOC = _function("PyObject_Realloc", _ADDRESS, _ADDRESS, _SIZE)

# A record is one block at one address: names and batches stand for records, so
# that a name of a freed block does not come to life with the next block there.
ROOM = 1024  # large enough to lie outside of pools from the start
addresses = array.array("Q", bytes(8 * ROOM))  # by record
sizes = array.array("q", bytes(8 * ROOM))  # by record: bytes requested; -1 minus that after the block was freed
pooled = array.array("b", bytes(ROOM))  # by record: does the block lie in a pool
filled = array.array("q", [0])  # how many records there are
names = {}  # name -> record
firsts = {}  # name of a batch -> its first record; two numbers, because a range
lengths = {}  # would be five blocks  -> how many records
remembered = {}  # what `pm.snap`, `blocks.mark` and `tm.mark` remember


def debug_statistics():
    """The text of sys._debugmallocstats(), which it writes to descriptor 2."""
    catcher = os.memfd_create("statistics")
    kept = os.dup(2)
    os.dup2(catcher, 2)
    try:
        sys._debugmallocstats()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    size = os.lseek(catcher, 0, os.SEEK_CUR)
    text = os.pread(catcher, size, 0).decode()
    os.close(catcher)
    return text


ROW = re.compile(r"^\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*$", re.M)
NUMBER = re.compile(r"\s*=\s*([\d,]+)")
UNUSED_POOLS = re.compile(r"^(\d+) unused pools", re.M)
ARENAS = {
    "total": "# arenas allocated total",
    "reclaimed": "# arenas reclaimed",
    "highwater": "# arenas highwater mark",
    "current": "# arenas allocated current",
}
LEAVES = (  # these and the unused pools add up to the arenas
    "bytes in allocated blocks",
    "bytes in available blocks",
    "bytes lost to pool headers",
    "bytes lost to quantization",
    "bytes lost to arena alignment",
)


def number_after(text, words, start=0):
    return int(NUMBER.search(text, text.index(words, start)).group(1).replace(",", ""))


CLASSES = 32
COLUMNS = 4
SIZE_COLUMN, POOLS, USED, AVAILABLE = range(COLUMNS)
table = array.array("q", bytes(8 * CLASSES * COLUMNS))  # of the statistics; arrays, so that
snap = array.array("q", bytes(8 * CLASSES * COLUMNS))  # looking leaves no objects behind


def read_table(into, text):
    """The table of size classes: size of a block, pools, blocks in use, blocks available."""
    for i in range(len(into)):
        into[i] = 0
    for row in ROW.finditer(text):
        number, into_row = int(row.group(1)), 2
        for i in range(COLUMNS * number, COLUMNS * number + COLUMNS):
            into[i] = int(row.group(into_row))
            into_row += 1


def available(number):
    if not 0 <= number < CLASSES:
        return 0
    read_table(table, debug_statistics())
    return table[COLUMNS * number + AVAILABLE]


def unused_pools():
    found = UNUSED_POOLS.search(debug_statistics())
    return int(found.group(1)) if found else 0  # nothing is written where there are no pools


def drain_pools(pools):
    """Uses up so many pools that arenas have left, and those it frees by looking.
    With debug hooks a block of the largest class holds that much less."""
    while pools:
        for _ in range((pools - 1) * per_pool(512) + 1):
            MALLOC["pm.malloc"](512 - GUARD_BEFORE - GUARD_AFTER)
        pools = unused_pools()


def launder_pools():
    """Gives nearly all unused pools to a class that traces do not look at, and
    back: a pool keeps its list of free blocks for the class it had last, and
    what that was is nobody's choice."""
    size = 280
    held = array.array("Q", bytes(8 * max(unused_pools() - 1, 0) * per_pool(size)))
    allocate, free = MALLOC["pm.malloc"], FREE["pm.free"]
    for i in range(len(held)):
        held[i] = allocate(size - GUARD_BEFORE - GUARD_AFTER)
    for i in range(len(held)):
        free(held[i])


def unused_pool_bytes(text):
    return number_after(text, "bytes", text.index(" unused pools"))


DRAIN_ROUNDS = 50  # looking frees blocks of classes the interpreter uses itself: they never stay drained


def block_size(bytes_):
    return (bytes_ + 15) // 16 * 16


def per_pool(bytes_):
    return (POOL - POOL_HEADER) // block_size(bytes_)


def add_record(address, size, in_pool=True):
    record = filled[0]
    if record == len(addresses):
        addresses.extend(addresses)
        sizes.extend(sizes)
        pooled.extend(pooled)
    addresses[record] = address
    sizes[record] = size
    pooled[record] = in_pool and fits_pool(size)
    filled[0] = record + 1
    return record


def are_blocks_guarded():
    """Are the debug hooks of the allocator installed?"""
    address = MALLOC["pm.malloc"](16)
    guard = ctypes.string_at(address - 7, 7)
    FREE["pm.free"](address)
    return guard == b"\xfd" * 7


GUARDED = are_blocks_guarded()  # then misuse is an operation like any other, for the hooks to find
GUARD_BEFORE, GUARD_AFTER = (16, 8) if GUARDED else (0, 0)


def fits_pool(size):
    return 1 <= size + GUARD_BEFORE + GUARD_AFTER <= 512


# --- allocations that fail ------------------------------------------------------

try:
    from _testcapi import remove_mem_hooks, set_nomemory
except ImportError:
    set_nomemory = None
FAULTY = {  # without types of arguments a call allocates nothing itself
    "pm.malloc": api["PyObject_Malloc"],
    "pm.mmalloc": api["PyMem_Malloc"],
    "pm.rmalloc": api["PyMem_RawMalloc"],
    "pm.calloc": api["PyObject_Calloc"],
    "pm.realloc": api["PyObject_Realloc"],
}
for _faulty in FAULTY.values():
    _faulty.restype = _ADDRESS
faults = array.array("q", [0, 0, 0, 0, 0])  # on, from, to, allocations so far
LAUNDERED = 4  # and whether the trace has laundered its pools


def next_fails():
    number = faults[3]
    faults[3] = number + 1
    return number >= faults[1] and (not faults[2] or number < faults[2])


def fails(size, twice):
    """How many allocations of a request may pass before one has to fail, which
    is at most the second; -1 if none has to."""
    if not faults[0] or size > sys.maxsize - GUARD_BEFORE - GUARD_AFTER or size < 0:
        return -1
    if next_fails():
        return 0
    return 1 if twice and next_fails() else -1


def fail(spelling, passing, *arguments):
    """Carries out a request of which an allocation fails."""
    function = FAULTY[spelling]
    set_nomemory(passing, 0)
    try:
        return function(*arguments)
    finally:
        remove_mem_hooks()


def live(name):
    """The record a name stands for if its block is live (or misuse is what is
    looked at), else None."""
    record = names.get(name)
    return None if record is None or (sizes[record] < 0 and not GUARDED) else record


def requested(record):
    """The bytes requested, of a live block or of one that was freed."""
    return max(sizes[record], -1 - sizes[record])


def mark_freed(record):
    sizes[record] = -1 - requested(record)


def release(record):
    if sizes[record] >= 0:
        mark_freed(record)
        FREE["pm.free"](addresses[record])


def make_batch(name, size, count):
    first = filled[0]
    for _ in range(count):
        passing = fails(size, not fits_pool(size))
        address = MALLOC["pm.malloc"](size) if passing < 0 else fail("pm.malloc", passing, size)
        if address is None:
            raise MemoryError
        add_record(address, size)
    firsts[name] = first
    lengths[name] = count


def batch_of(name):
    """The records of a batch, none if there is no such batch."""
    first = firsts.get(name, 0)
    return range(first, first + lengths.get(name, 0))


# Manual traces. The size of one is found by taking it away.
TRACK = _function("PyTraceMalloc_Track", ctypes.c_int, ctypes.c_uint, ctypes.c_void_p, _SIZE)
UNTRACK = _function("PyTraceMalloc_Untrack", ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)
TRACEBACK = _function("_PyTraceMalloc_GetTraceback", ctypes.py_object, ctypes.c_uint, ctypes.c_void_p)


def number(text):
    return int(text, 0)


def traced_sizes(domain):
    return [trace[1] for trace in _tracemalloc._get_traces() if trace[0] == domain]


def register(operation, find, MISSING, SKIP, Unsupported):
    """Adds the operations of this file to the adapter's table."""

    def yes(condition):
        return "yes" if condition else "no"

    # --- requests ---------------------------------------------------------------

    def remember(name, address, size, in_pool=True):
        if address is None:
            return "null"
        names[name] = add_record(address, size, in_pool)
        return "ok"

    for spelling, allocator in MALLOC.items():

        @operation(spelling)
        def op_malloc(rest, allocator=allocator, spelling=spelling):
            name, text = rest.split(" ")
            size = int(text)
            raw = spelling == "pm.rmalloc"
            passing = fails(size, not raw and not fits_pool(size))
            address = allocator(size) if passing < 0 else fail(spelling, passing, size)
            return remember(name, address, size, not raw)

    @operation("pm.calloc")
    def op_calloc(rest):
        name, count, size = rest.split(" ")
        count, size = int(count), int(size)
        passing = fails(count * size, not fits_pool(count * size))
        address = CALLOC(count, size) if passing < 0 else fail("pm.calloc", passing, count, size)
        return remember(name, address, count * size)

    @operation("pm.realloc")
    def op_realloc(rest):
        name, size = rest.split(" ")
        record = live(name)
        if record is None:
            return SKIP
        passing = fails(int(size), not pooled[record] or not fits_pool(int(size)))
        if passing < 0:
            address = REALLOC(addresses[record], int(size))
        else:
            block = ctypes.byref(ctypes.c_char.from_address(addresses[record]))
            address = fail("pm.realloc", passing, block, int(size))
        if address is None:
            return "null"
        if address == addresses[record]:
            sizes[record] = int(size)
            return "same"
        mark_freed(record)
        names[name] = add_record(address, int(size), pooled[record])
        return "moved"

    for spelling, deallocator in FREE.items():

        @operation(spelling)
        def op_free(rest, deallocator=deallocator):
            answer = SKIP
            for name in rest.split(" "):
                record = live(name)
                if record is not None:
                    answer = None
                    mark_freed(record)
                    deallocator(addresses[record])
            return answer

    @operation("nomem")
    def op_nomem(rest):
        first, last = rest.split(" ")
        faults[0], faults[1], faults[2], faults[3] = 1, int(first), int(last), 0

    @operation("nomemoff")
    def op_nomemoff(rest):
        faults[0] = 0

    # --- contents -----------------------------------------------------------------

    def inside(name, offset, count):
        """The address of bytes of a live block, None if there is none;
        ValueError outside of what was requested and of its guards."""
        record = live(name)
        if record is None:
            return None
        if offset < -GUARD_BEFORE or count < 0 or offset + count > requested(record) + GUARD_AFTER:
            raise ValueError
        return addresses[record] + offset

    @operation("pm.fill")
    def op_fill(rest):
        name, number, count = rest.split(" ")
        address = inside(name, 0, int(count))
        if address is None:
            return SKIP
        ctypes.memset(address, int(number) & 255, int(count))
        return None

    @operation("pm.poke")
    def op_poke(rest):
        name, offset, number = rest.split(" ")
        address = inside(name, int(offset), 1)
        if address is None:
            return SKIP
        ctypes.memset(address, int(number) & 255, 1)
        return None

    @operation("pm.bytes")
    def op_bytes(rest):
        name, offset, count = rest.split(" ")
        address = inside(name, int(offset), int(count))
        if address is None:
            return SKIP
        return ctypes.string_at(address, int(count)).hex() or None

    # --- addresses: of live and of freed blocks -------------------------------------

    @operation("pm.off")
    def op_off(rest):
        return str(addresses[names[rest]] % POOL) if rest in names else SKIP

    def relation(spelling, compare):
        @operation(spelling)
        def op_relation(rest):
            one, other = rest.split(" ")
            if one not in names or other not in names:
                return SKIP
            return compare(addresses[names[one]], addresses[names[other]])

    relation("pm.delta", lambda one, other: str(other - one))
    relation("pm.eq", lambda one, other: yes(one == other))
    relation("pm.samepool", lambda one, other: yes(one // POOL == other // POOL))

    # --- batches ----------------------------------------------------------------------

    @operation("pm.batch")
    def op_batch(rest):
        name, size, count = rest.split(" ")
        make_batch(name, int(size), int(count))

    @operation("pm.poolbatch")
    def op_poolbatch(rest):
        name, size = rest.split(" ")
        make_batch(name, int(size), per_pool(int(size)))

    @operation("pm.arenabatch")
    def op_arenabatch(rest):
        name, arenas = rest.split(" ")
        make_batch(name, 512, 64 * per_pool(512) * int(arenas))

    @operation("pm.pick")
    def op_pick(rest):
        name, batch, index = rest.split(" ")
        records = batch_of(batch)
        if not records:
            return SKIP
        names[name] = records[int(index)]
        return None

    @operation("pm.freebatch")
    def op_freebatch(rest):
        name, _, order = rest.partition(" ")
        batch = batch_of(name)
        if not batch:
            return SKIP
        lengths[name] = 0
        for record in reversed(batch) if order else batch:
            release(record)
        return None

    def runs(rest):
        """The batch split into equal runs, as `pm.freebut` and `pm.freerest`
        see it; None if there is no batch."""
        name, count = rest.split(" ")
        batch = batch_of(name)
        if not batch:
            return None
        if count == "0":
            raise ValueError
        length = len(batch) // int(count)
        return [batch[i * length : (i + 1) * length] for i in range(int(count))] if length else []

    @operation("pm.freebut")
    def op_freebut(rest):
        parts = runs(rest)
        if parts is None:
            return SKIP
        for run in parts:
            for record in run:
                if record != run[len(run) // 2]:
                    release(record)
        return None

    @operation("pm.freerest")
    def op_freerest(rest):
        parts = runs(rest)
        if parts is None:
            return SKIP
        for run in parts:
            release(run[len(run) // 2])
        return None

    @operation("pm.drain")
    def op_drain(rest):
        size = int(rest)
        if not faults[LAUNDERED]:
            faults[LAUNDERED] = 1
            launder_pools()
        number = (size + GUARD_BEFORE + GUARD_AFTER - 1) // 16
        blocks = available(number)
        for _ in range(DRAIN_ROUNDS):
            if not blocks:
                return
            for _ in range(blocks):
                MALLOC["pm.malloc"](size)
            blocks = available(number)

    @operation("pm.drainpools")
    def op_drainpools(rest):
        drain_pools(unused_pools())

    # --- statistics -----------------------------------------------------------------

    @operation("pm.snap")
    def op_snap(rest):
        text = debug_statistics()
        read_table(snap, text)
        for field, words in ARENAS.items():
            remembered[field] = number_after(text, words)

    def since_snap(number, column):
        if not 0 <= number < CLASSES:
            return "0"
        read_table(table, debug_statistics())
        return str(table[COLUMNS * number + column] - snap[COLUMNS * number + column])

    @operation("pm.blocks")
    def op_class_blocks(rest):
        return since_snap(int(rest), USED)

    @operation("pm.pools")
    def op_pools(rest):
        return since_snap(int(rest), POOLS)

    @operation("pm.avail")
    def op_avail(rest):
        return str(available(int(rest)))

    @operation("pm.arenas")
    def op_arenas(rest):
        if rest not in ARENAS:
            raise Unsupported("arena statistic " + rest)
        return str(number_after(debug_statistics(), ARENAS[rest]) - remembered.get(rest, 0))

    @operation("pm.perpool")
    def op_perpool(rest):
        return str((POOL - POOL_HEADER) // int(rest))

    @operation("pm.identity")
    def op_identity(rest):
        text = debug_statistics()
        parts = sum(number_after(text, words) for words in LEAVES) + unused_pool_bytes(text)
        return yes(parts == number_after(text, "bytes/arena"))

    @operation("pm.lossidentity")
    def op_lossidentity(rest):
        text = debug_statistics()
        read_table(table, text)
        lost = 0
        for i in range(0, len(table), COLUMNS):
            if table[i + POOLS]:
                lost += table[i + POOLS] * ((POOL - POOL_HEADER) % table[i + SIZE_COLUMN])
        return yes(lost == number_after(text, "bytes lost to quantization"))

    @operation("blocks.mark")
    def op_blocks_mark(rest):
        remembered["blocks"] = sys.getallocatedblocks()

    @operation("blocks")
    def op_blocks(rest):
        return str(sys.getallocatedblocks() - remembered.get("blocks", 0))

    # --- free lists of kinds ----------------------------------------------------------

    def free_entries(words):
        """The number in front of ` free WORDS `, in the plural as in the singular."""
        for line in debug_statistics().splitlines():
            count, _, rest = line.partition(" free ")
            if rest.startswith((words + " ", words + "s ")):
                return count.strip()
        return "none"

    @operation("freecount")
    def op_freecount(rest):
        return free_entries(rest)

    @operation("freetuples")
    def op_freetuples(rest):
        return free_entries("%d-sized PyTupleObject" % int(rest))

    # --- tracemalloc --------------------------------------------------------------------

    @operation("tm.start")
    def op_start(rest):
        _tracemalloc.start(int(rest) if rest else 1)

    @operation("tm.stop")
    def op_stop(rest):
        _tracemalloc.stop()

    @operation("tm.clear")
    def op_clear(rest):
        _tracemalloc.clear_traces()

    @operation("tm.resetpeak")
    def op_resetpeak(rest):
        _tracemalloc.reset_peak()

    @operation("tm.tracing")
    def op_tracing(rest):
        return yes(_tracemalloc.is_tracing())

    @operation("tm.limit")
    def op_limit(rest):
        return str(_tracemalloc.get_traceback_limit())

    @operation("tm.mark")
    def op_mark(rest):
        remembered["traced"] = _tracemalloc.get_traced_memory()[0]

    @operation("tm.delta")
    def op_traced(rest):
        return str(_tracemalloc.get_traced_memory()[0] - remembered.get("traced", 0))

    @operation("tm.peakdelta")
    def op_peak(rest):
        return str(_tracemalloc.get_traced_memory()[1] - remembered.get("traced", 0))

    @operation("tm.objtb")
    def op_objtb(rest):
        target = find(rest)
        if target is MISSING:
            return SKIP
        return yes(_tracemalloc._get_object_traceback(target) is not None)

    @operation("tm.track")
    def op_track(rest):
        domain, address, size = map(number, rest.split(" "))
        if TRACK(domain, address, size) < 0:
            raise RuntimeError

    @operation("tm.untrack")
    def op_untrack(rest):
        domain, address = map(number, rest.split(" "))
        if UNTRACK(domain, address) < 0:
            raise RuntimeError

    @operation("tm.has")
    def op_has(rest):
        domain, address = map(number, rest.split(" "))
        return yes(TRACEBACK(domain, address) is not None)

    @operation("tm.tracesize")
    def op_tracesize(rest):
        domain, address = map(number, rest.split(" "))
        if TRACEBACK(domain, address) is None:
            return SKIP
        with_it = traced_sizes(domain)
        UNTRACK(domain, address)
        for size in traced_sizes(domain):
            with_it.remove(size)
        TRACK(domain, address, with_it[0])
        return str(with_it[0])


def put_back():
    """Frees what blocks a trace has left, and ends its tracing and its faults."""
    faults[0] = 0
    _tracemalloc.stop()
    if _tracemalloc.get_traceback_limit() != 1:
        _tracemalloc.start(1)  # only a start changes it
        _tracemalloc.stop()
    for record in range(filled[0]):
        release(record)


def empty(part):
    """Empties a dictionary or list, which keeps the memory it has grown to."""
    while part:
        part.popitem() if type(part) is dict else part.pop()


def forget():
    """Empties everything the operations remember."""
    for part in (names, firsts, lengths, remembered):
        empty(part)
    filled[0] = faults[0] = faults[LAUNDERED] = 0
    for i in range(len(snap)):
        snap[i] = 0
