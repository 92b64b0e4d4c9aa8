#!/usr/bin/env python3
"""Second opinions on the shipped core, at sizes where every case can be tried.

  explore   proofs/explore goes through every state that moves can reach
  spin      the checker that Spin makes of the same moves: it must find as many
            states and transitions
  cbmc      proofs/cbmc: one call from any consistent heap keeps every rule
  can fail  each of them must notice a false claim and seeded bugs

The C files of src/core are compiled as they are, with the capacities of
RH_MICRO; seeded bugs are made in copies of them, in a temporary folder.

examples:
  ci/model-check                  all of it
  ci/model-check --only release   what has "release" in its name
  ci/model-check --list           names only
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROOFS = ROOT / "proofs"
OBJECTS = ["object.c", "collect.c", "prefetch.c"]
HARNESSED = {"objects.c": [*OBJECTS, "intern.c"], "growth.c": ["growth.c"],
             "blocks.c": ["arena.c", "block.c", "pool.c", "ring.c", "run.c"], "region.c": ["address.c"]}
CC = os.environ.get("CC", "gcc")
LIMIT = 800  # seconds for one check


class Wrong(Exception):
    """What a check found, in words."""


@dataclasses.dataclass(frozen=True)
class Bug:
    name: str
    file: str
    old: str
    new: str


@dataclasses.dataclass(frozen=True)
class Space:
    """What is explored: objects, slots of each, external references to each, and groups of moves (moves.h)."""
    name: str
    objects: int
    width: int
    external: int
    moves: str

    def flags(self):
        return [f"-DRH_MICRO={self.objects}", f"-DWIDTH={self.width}", f"-DEXTERNAL={self.external}",
                f"-DMOVES=({self.moves})"]


@dataclasses.dataclass(frozen=True)
class Step:
    """A harness of proofs/cbmc; `unwind`: more loop bounds, proved sufficient by CBMC like all of them."""
    name: str
    harness: str
    function: str
    objects: int = 3
    defines: tuple = ()
    unwind: tuple = ()
    solver: str = ""


@dataclasses.dataclass
class Check:
    name: str
    run: object  # (scratch folder) -> what was covered; raises Wrong
    needs: str = ""


# ---- what is checked ----

GRAPH = Space("graph", 4, 2, 1, "GRAPH | GATHER")
QUICK = Space("graph, small", 3, 2, 2, "GRAPH | GATHER | UNDYING")
LISTS = Space("lists", 3, 1, 1, "GRAPH | LISTED")
SPACES = [
    GRAPH,
    QUICK,
    Space("spans", 3, 2, 1, "GRAPH | GATHER | SPREAD"),
    LISTS,
    Space("everything", 2, 2, 1, "GRAPH | LISTED | SPREAD | UNDYING"),
]

FORGETS_A_COUNT = Bug("a slot is emptied and its reference still counted", "object.c",
                      "count_write(t, rh_refcnt[t] - 1);", "count_write(t, rh_refcnt[t]);")
STOPS_THE_DRAIN = Bug("only the first of the dead is emptied", "object.c",
                      "for (uint32_t h = 0; h < rh_ndead; h++) empty_slots(rh_dead[h]);",
                      "if (rh_ndead != 0) empty_slots(rh_dead[0]);")
DROPS_A_REACHABLE = Bug("the scan leaves out what it has passed over", "collect.c",
                        "end += rh_gcref[t] == PASSED;", "end += 0;")
COUNTS_TOO_LITTLE = Bug("references to oneself count as external", "collect.c",
                        "if (rh_list[t] == g + 1) rh_gcref[t]++;",
                        "if (rh_list[t] == g + 1 && t != o) rh_gcref[t]++;")
BELIEVES_STALE_ENTRIES = Bug("an entry left behind is taken for a member", "collect.c",
                             "return rh_list[o] == g + 1 && rh_pos[o] == i;", "return rh_list[o] == g + 1;")
KEEPS_AN_ENTRY = Bug("an entry outlives its object", "intern.c",
                     "if (rh_refcnt[o] == 1 && rh_intern_in[o] != 0)", "if (rh_refcnt[o] == 0 && rh_intern_in[o] != 0)")
LOSES_A_CHAIN = Bug("a new entry takes the place of its chain", "intern.c",
                    "rh_intern_next[o] = rh_intern_head[bucket];", "rh_intern_next[o] = 0;")
SHRINKS_TOO_SOON = Bug("a list that is half full gives places back", "growth.c",
                       "wanted >= capacity / 2", "wanted > capacity / 2")
STAYS_IN_ITS_RING = Bug("a free run that grows stays in its ring", "run.c", "  leave_ring(before);\n", "")
FORGETS_A_FULL_POOL = Bug("a pool that was full enters no ring", "block.c",
                          "if (was_full) rh_ring_push(rh_pools[p].granules, p + 1);", "(void)was_full;")
EXPLORED_BUGS = [(QUICK, FORGETS_A_COUNT), (QUICK, STOPS_THE_DRAIN), (QUICK, DROPS_A_REACHABLE),
                 (QUICK, COUNTS_TOO_LITTLE), (LISTS, BELIEVES_STALE_ENTRIES)]


def object_step(name, defines=(), objects=3, solver="cadical"):
    """Bounds, for n objects: 2n slots, so spans of at most 4; 2n + 1 entries of a list, n of one without holes;
    27 classes of spans."""
    span = 3 if "FIXED_SPANS" in defines else 5
    generations = next((int(d.split("=")[1]) for d in defines if d.startswith("GENERATION=")), 2)
    loops = {"span_class.0": 28, "stacks_hold_the_dead.1": 28, "rh_object_reset.2": 28, "rh_gc_freeze.0": 4,
             "drain.0": objects + 1, "rh_gc_find.0": generations + 1}
    loops |= {f"{loop}.0": objects + 1 for loop in ("rh_intern_find", "entry_before", "rh_intern_reset")}
    loops |= {f"{loop}.0": span for loop in ("empty_slots", "drop_slots", "empty_from", "exchange_spans", "reach_all",
                                             "count_inner")}
    loops |= {loop: objects + 1 for loop in ("count_inner.1", "sweep.0", "follow.0", "take_found.0")}
    loops |= {f"{loop}.0": 2 * objects + 2 for loop in ("compact", "append_list", "member_from", "rh_gc_reset")}
    no_holes = any(d.startswith("FOUND=") for d in defines)
    loops |= {f"{loop}.0": objects + 1 if no_holes else 2 * objects + 2
              for loop in ("drop_found", "found_holdable", "hold_found", "let_go_found")}
    words = [RESTRICTED.get(d) or d.lower().replace("=", " ") for d in defines]
    return Step(", ".join([name.replace("_", " "), f"{objects}x2", *words]), "objects.c", f"check_{name}", objects,
                tuple(defines), tuple(f"{loop}:{bound}" for loop, bound in loops.items()), solver)


def growth_step(name, solver=""):
    """Bound: tables of 8, 16 ... 2 ** 60 places."""
    return Step(f"growth {name}".replace("_", " "), "growth.c", f"check_growth_{name}", 1, (), ("rh_growth_table.0:59",),
                solver)


def block_step(name, defines=(), solver=""):
    """Bounds: 9 nodes of rings, 5 blocks of a pool, 5 pages, two of them free runs, 52 handles, 47 rings; the rest is
    less than 10."""
    loops = {"find_free.0": 3, "find_free.1": 46, "settle.0": 3, "remove_usable.0": 3, "rh_ring_reset.0": 49,
             "find_blocks.0": 33, "find_blocks.1": 21, "any_blocks.0": 53, "claim_handles_but.0": 53,
             "claim_disjoint.0": 53, "check_block_statistics.0": 53, "check_block_start.0": 53,
             "check_block_reset.0": 53}
    words = [d.lower().replace("=", " ").replace("_", " ") for d in defines]
    return Step(", ".join([name.replace("_", " "), *words]), "blocks.c", f"check_{name}", 1,
                tuple(defines), tuple(f"{loop}:{bound}" for loop, bound in loops.items()), solver)


def region_step(name, solver=""):
    loops = ("check_addresses.0:53", "check_block_bytes.0:53")
    return Step(name.replace("_", " "), "region.c", f"check_{name}", 1, (), loops, solver)


RESTRICTED = {"FIXED_SPANS": "own spans", "NONE_FOUND": "none found", "SMALL_COUNTS": "small counts"}
# The longest first, as far as that is known.
STEPS = [
    *(object_step("collect", ("FIXED_SPANS", "SMALL_COUNTS", "NONE_FOUND", f"GENERATION={k}"), objects=2, solver="")
      for k in (2, 1, 0)),
    *(block_step("block_move", (of, size)) for size in ("LARGE", "SMALL")
      for of in ("OF_PAGES", *(f"OF_POOL={p}" for p in range(4)))),
    object_step("reset"),
    object_step("freeze"),
    *(object_step("find", ("FIXED_SPANS", "NONE_FOUND", f"GENERATION={k}")) for k in range(3)),
    object_step("move"),
    object_step("resize"),
    object_step("new"),
    object_step("release", ("FIXED_SPANS",)),
    *(object_step("find", (f"GENERATION={k}",), objects=2) for k in range(3)),
    *(object_step("confirm", (f"GENERATION={k}",), objects=2) for k in range(4)),
    object_step("release", objects=2),
    *(object_step("promote", (f"GENERATION={k}",)) for k in range(2)),
    *(object_step(name) for name in ("unfreeze", "track", "untrack", "walk", "retain", "immortalize", "swap", "start")),
    object_step("slot_drop", ("FIXED_SPANS",)),
    *(object_step("clear", ("FIXED_SPANS", f"FOUND={found}"), objects=2, solver="")
      for found in (12, 21, 1, 2, 0)),
    object_step("release_empty"),
    *(object_step(f"intern_{name}") for name in ("release", "add", "reset", "find")),
    growth_step("list", "cadical"),
    *(growth_step(name) for name in ("even", "table", "table_rounded", "usable")),
    *(block_step(name, solver="cadical") for name in ("ring_push", "ring_remove")),
    *(block_step(name) for name in ("pool_take", "pool_give", "pool_open", "pool_forget", "pool_reset",
                                    "arena_take", "arena_give", "arena_release", "run_take", "run_give", "run_fit",
                                    "block_statistics", "block_reset", "block_start")),
    *(block_step("block_free", (of,)) for of in ("OF_ARENAS", "OF_PAGES")),
    *(block_step("block_new", (size,)) for size in ("SMALL", "LARGE")),
    block_step("block_zeroed"),
    *(region_step(name) for name in ("region_zero", "addresses", "block_bytes", "block_resize")),
]
STEP_BUGS = [
    (object_step("release", ("FIXED_SPANS",)), FORGETS_A_COUNT),
    (object_step("release", ("FIXED_SPANS",)), STOPS_THE_DRAIN),
    (object_step("find", ("GENERATION=0",), objects=2), COUNTS_TOO_LITTLE),
    (object_step("find", ("GENERATION=0",), objects=2), DROPS_A_REACHABLE),
    (object_step("promote", ("GENERATION=0",)), BELIEVES_STALE_ENTRIES),
    (object_step("intern_release"), KEEPS_AN_ENTRY),
    (object_step("intern_add"), LOSES_A_CHAIN),
    (growth_step("list", "cadical"), SHRINKS_TOO_SOON),
    (block_step("run_give"), STAYS_IN_ITS_RING),
    (block_step("block_free", ("OF_ARENAS",)), FORGETS_A_FULL_POOL),
]


# ---- sources, with a seeded bug or without ----

def core(scratch, bug):
    """The folder to include from: src, or a copy of it with the bug."""
    if bug is None:
        return ROOT / "src"
    copy = pathlib.Path(scratch) / "src"
    shutil.copytree(ROOT / "src" / "core", copy / "core")
    path = copy / "core" / bug.file
    text = path.read_text()
    if text.count(bug.old) != 1:
        raise Wrong(f"the seeded bug has no place in {bug.file}: {bug.old.strip()!r}")
    path.write_text(text.replace(bug.old, bug.new))
    return copy


def run(command, scratch, **options):
    try:
        return subprocess.run(command, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=LIMIT, check=False, **options)
    except subprocess.TimeoutExpired:
        raise Wrong(f"no result after {LIMIT} s") from None


def build(command, scratch):
    done = run(command, scratch)
    if done.returncode != 0:
        raise Wrong("does not compile:\n" + done.stdout)


# ---- explorer ----

def explorer(scratch, space, bug=None, extra=()):
    """Builds it; returns the command."""
    sources = core(scratch, bug)
    build([CC, "-std=c17", "-O2", "-DRH_CHECKS", *space.flags(), *extra, f"-I{sources}",
           "-o", "explore", *map(str, sorted((PROOFS / "explore").glob("*.c"))),
           *(str(sources / "core" / name) for name in [*OBJECTS, "object_check.c"])], scratch)
    return os.path.join(scratch, "explore")


def explore(scratch, space):
    """States and transitions of a space in which nothing is wrong."""
    done = run([explorer(scratch, space)], scratch)
    found = re.search(r"explore: (\d+) states, (\d+) transitions, depth (\d+)", done.stdout)
    if done.returncode != 0 or not found:
        raise Wrong(done.stdout)
    return tuple(int(number) for number in found.groups())


def explore_finds(scratch, space, bug=None, extra=()):
    done = run([explorer(scratch, space, bug, extra)], scratch)
    if done.returncode != 1 or not done.stdout.startswith("broken: "):
        raise Wrong("not found; it says: " + done.stdout[-300:])
    lines = done.stdout.splitlines()
    return f"{lines[0].removeprefix('broken: ')}, {len(lines) - 2} moves"


# ---- Spin ----

def spin_checker(scratch, space, bug=None, extra=()):
    moves = run([explorer(scratch, space, bug, extra), "--moves"], scratch).stdout.strip()
    model = run([str(PROOFS / "spin" / "model.sh"), moves], scratch).stdout
    (pathlib.Path(scratch) / "heap.pml").write_text(model)
    made = run(["spin", "-a", "heap.pml"], scratch)
    if not (pathlib.Path(scratch) / "pan.c").exists():
        raise Wrong("spin makes no checker:\n" + made.stdout)
    sources = core(scratch, None) if bug is None else pathlib.Path(scratch) / "src"
    build([CC, "-O2", "-w", "-DSAFETY", "-DNOREDUCE", "-DNOFAIR", "-DRH_CHECKS", *space.flags(), *extra, f"-I{sources}",
           f"-I{PROOFS / 'explore'}", f"-I{PROOFS / 'spin'}", "-o", "pan", "pan.c", str(PROOFS / "spin" / "heap.c"),
           *(str(PROOFS / "explore" / name) for name in ("state.c", "oracle.c", "moves.c")),
           *(str(sources / "core" / name) for name in [*OBJECTS, "object_check.c"])], scratch)
    return os.path.join(scratch, "pan")


def spin(scratch, space, known):
    """The same numbers, but for the state before the heap is there and the two transitions out of it."""
    states, transitions, _ = known
    done = run([spin_checker(scratch, space), f"-m{states + 1000}"], scratch)
    # pan ends with status 0 whatever it finds, and goes on past its limits.
    for bad in ("max search depth too small", "out of memory", "Search not completed"):
        if bad in done.stdout:
            raise Wrong(f"incomplete: {bad}")
    if "errors: 0" not in done.stdout:
        raise Wrong(done.stdout[-2000:])
    found = [int(re.search(rf"(\d+) {what}", done.stdout).group(1)) for what in ("states, stored", "transitions")]
    if found != [states + 1, transitions + 2]:
        raise Wrong(f"{found[0] - 1} states, {found[1] - 2} transitions; the explorer: {states}, {transitions}")


def spin_finds(scratch, space, bug=None, extra=()):
    done = run([spin_checker(scratch, space, bug, extra), "-m1000000"], scratch)
    broken = re.search(r"^broken: (.*)", done.stdout, re.M)
    if "errors: 1" not in done.stdout or not broken:
        raise Wrong("not found; it says: " + done.stdout[-300:])
    return broken.group(1)


# ---- CBMC ----

def claims(scratch, step, bug=None):
    """Each claim and whether it holds."""
    sources = core(scratch, bug)
    command = ["cbmc", "--drop-unused-functions", "--function", step.function, f"-DRH_MICRO={step.objects}", *(f"-D{name}" for name in step.defines),
               f"-I{sources}", f"-I{PROOFS / 'cbmc'}", "--slice-formula", "--unwind", "11", "--max-field-sensitivity-array-size", "80"]
    for bound in step.unwind:
        command += ["--unwindset", bound]
    if step.solver:
        command += ["--external-sat-solver", step.solver]
    files = HARNESSED[step.harness]
    done = run([*command, str(PROOFS / "cbmc" / step.harness), *(str(sources / "core" / name) for name in files)], scratch)
    found = re.findall(r"^\[(\S+)\] (?:file \S+ )?line \d+ (.*): (SUCCESS|FAILURE|UNKNOWN|ERROR)$", done.stdout, re.M)
    if not found or done.returncode not in (0, 10):
        raise Wrong(done.stdout[-2000:])
    return found


def prove(scratch, step):
    found = claims(scratch, step)
    wrong = [f"{what} ({name}): {status}" for name, what, status in found
             if status != ("FAILURE" if what.startswith("happens: ") else "SUCCESS")]
    if wrong:
        raise Wrong("\n".join(wrong))
    if not any(what.startswith("happens: ") for _, what, _ in found):
        raise Wrong("the harness has no case that must be possible")
    return f"{len(found)} claims"


def prove_finds(scratch, step, bug):
    found = [what for _, what, status in claims(scratch, step, bug)
             if status == "FAILURE" and not what.startswith("happens: ")]
    if not found:
        raise Wrong("not found")
    return found[0]


# ---- all of it ----

class Explored:
    """What the explorer says of each space; it runs once."""

    def __init__(self):
        self.locks = collections.defaultdict(threading.Lock)
        self.known = {}

    def numbers(self, scratch, space):
        with self.locks[space]:
            if space not in self.known:
                self.known[space] = explore(scratch, space)
            return self.known[space]

    def by_explorer(self, scratch, space):
        return "{:,} states, {:,} transitions, depth {}".format(*self.numbers(scratch, space))

    def by_spin(self, scratch, space):
        spin(scratch, space, self.numbers(scratch, space))
        return "{:,} states, {:,} transitions".format(*self.known[space])


def all_checks(quick):
    checks, explored = [], Explored()
    spaces = {f"{space.name} ({space.objects}x{space.width}, external <= {space.external})": space
              for space in ([QUICK] if quick else SPACES)}
    for name, space in spaces.items():
        checks.append(Check(f"explore: {name}", lambda at, s=space: explored.by_explorer(at, s)))
    if not quick:
        checks += [Check(f"cbmc: {step.name}", lambda at, s=step: prove(at, s), "cbmc") for step in STEPS]
        checks += [Check(f"spin: {name}", lambda at, s=space: explored.by_spin(at, s), "spin")
                   for name, space in spaces.items()]
    claim = ["-DFALSE_CLAIM"]
    checks.append(Check("explore can fail: a false claim", lambda at: explore_finds(at, QUICK, None, claim)))
    for space, bug in EXPLORED_BUGS:
        checks.append(Check(f"explore can fail: {bug.name}", lambda at, s=space, b=bug: explore_finds(at, s, b)))
    if quick:
        return checks
    checks.append(Check("spin can fail: a false claim", lambda at: spin_finds(at, QUICK, None, claim), "spin"))
    for space, bug in EXPLORED_BUGS:
        checks.append(Check(f"spin can fail: {bug.name}", lambda at, s=space, b=bug: spin_finds(at, s, b), "spin"))
    for step, bug in STEP_BUGS:
        checks.append(Check(f"cbmc can fail: {bug.name}", lambda at, s=step, b=bug: prove_finds(at, s, b), "cbmc"))
    return checks


def perform(check):
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="refheap-model-check-") as scratch:
        try:
            return True, check.run(scratch), time.monotonic() - start
        except Wrong as wrong:
            return False, str(wrong), time.monotonic() - start


def missing_tools(checks):
    return sorted({tool for tool in {CC} | {check.needs for check in checks} - {""} if shutil.which(tool) is None})


def arguments():
    parser = argparse.ArgumentParser(prog="ci/model-check", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="what needs a compiler alone and takes seconds")
    parser.add_argument("--only", metavar="TEXT", default="", help="the checks with this text in their name")
    parser.add_argument("--list", action="store_true", help="name the checks and stop")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="checks at a time (%(default)s)")
    return parser.parse_args()


def main():
    options = arguments()
    tools = ROOT / "build" / "tools" / "cbmc" / "bin"  # where ci/setup puts it
    os.environ["PATH"] += os.pathsep + str(tools)
    checks = [check for check in all_checks(options.quick) if options.only in check.name]
    if options.list:
        print("\n".join(check.name for check in checks))
        return 0
    if not checks:
        print(f"model-check: no check has '{options.only}' in its name; see --list", file=sys.stderr)
        return 2
    missing = missing_tools(checks)
    if missing:
        print(f"model-check: {', '.join(missing)} not found; run ci/setup model-check", file=sys.stderr)
        return 2
    results, lock = {}, threading.Lock()

    def report(check):
        ok, text, seconds = perform(check)
        with lock:
            results[check.name] = ok, text, seconds
            print(f"[{len(results):2}/{len(checks)}] {'ok    ' if ok else 'FAILED'} {check.name} ({seconds:.0f} s)", flush=True)
            if not ok:
                print(text, flush=True)

    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(report, checks))
    width = max(len(check.name) for check in checks)
    print()
    for check in checks:
        ok, text, seconds = results[check.name]
        print(f"{check.name:{width}}  {'ok' if ok else 'FAILED':6}  {seconds:5.0f} s  {text.splitlines()[0] if text else ''}")
    failed = sum(not ok for ok, _, _ in results.values())
    print(f"\nmodel-check: {len(checks) - failed} ok, {failed} failed, {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
