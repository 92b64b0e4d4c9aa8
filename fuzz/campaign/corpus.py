"""Corpora: merging what AFL++ found, replaying what is committed, choosing what is worth committing."""
import hashlib
import shutil
import subprocess
import tempfile
import pathlib
import time

import common
import triage

COMMITTED = common.FUZZ / "corpus"
FILES_MAX, BYTES_MAX, TOTAL_MAX = 500, 1024, 1500000


def merge(build, target, corpus, queues, seconds):
    """Adds to the corpus what reaches something new in the queues; libFuzzer judges."""
    queues = [queue for queue in queues if common.files_in(queue)]
    if not queues:
        return
    subprocess.run(common.polite([str(build.program(target.name)), "-merge=1", f"-max_total_time={seconds}", "-timeout=25",
                                  f"-max_len={common.read_options(build, target.name).get('max_len', common.DEFAULT_MAX_LEN)}",
                                  f"-artifact_prefix={corpus.parent}/.", str(corpus), *map(str, queues)]),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=common.sanitizer_environment())


# ---- the committed corpus ----

def replay(build, targets, say):
    """Replays what is committed; returns what failed, as (target, file, what it said)."""
    failures = []
    for target in targets:
        folders, start = common.committed(target.name), time.monotonic()
        files = [path for folder in folders for path in common.files_in(folder)]
        if not files:
            say(f"regress: {target.name}: no corpus")
            continue
        if any(triage.run(build, target, folder)[1] != 0 for folder in folders):
            for path in files:
                output, code = triage.run(build, target, path)
                reason = triage.classify(output, code)
                if reason:
                    failures.append((target, path, triage.message_of(output) or reason))
        failed = sum(failing == target for failing, _, _ in failures)
        say(f"regress: {target.name}: {len(files)} inputs, {failed} failed, {time.monotonic() - start:.1f} s")
    return failures


def reached(program, files, work):
    """What each file reaches in an AFL++ build: {file: set of (edge, how often, as a bucket)}."""
    folder = work / "inputs"
    folder.mkdir()
    names = {}
    for i, path in enumerate(files):
        names[f"{i:06}"] = path
        shutil.copyfile(path, folder / f"{i:06}")
    subprocess.run(common.polite(["afl-showmap", "-q", "-m", "none", "-t", "20000", "-i", str(folder), "-o", str(work / "maps"), "--",
                                  str(program)]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   check=False)
    return {names[path.name]: frozenset(path.read_text().split()) for path in common.files_in(work / "maps") if path.name in names}


def cover(maps):
    """A greedy choice: the files, best first, that together reach everything; of equals the smaller file."""
    order = sorted(maps, key=lambda path: (path.stat().st_size, path.name))
    left, chosen = set().union(*maps.values()) if maps else set(), []
    gains = {path: len(maps[path]) for path in order}
    while left:
        best = None
        for path in sorted(order, key=lambda p: -gains[p]):
            if best is not None and gains[path] <= gains[best]:
                break
            gains[path] = len(maps[path] & left)  # gains only shrink: an old one is a bound
            if best is None or gains[path] > gains[best]:
                best = path
        if best is None or gains[best] == 0:
            break
        chosen.append(best)
        left -= maps[best]
        order.remove(best)
    return chosen


def choose(levels):
    """At most FILES_MAX files. levels: maps as `cover` takes them, the most important first: what the files chosen for one
    reach of the next need not be reached again."""
    chosen = []
    for maps in levels:
        done = set().union(*(maps[path] for path in chosen))
        chosen += cover({path: found - done for path, found in maps.items() if path not in chosen})
    return chosen[:FILES_MAX]


def distil(build, target, folders, words_of, say):
    """Fills fuzz/corpus/<target> with at most FILES_MAX small inputs that do the most: words, edges, then edges more or less
    often. words_of(file): what it exercises by name."""
    files = [path for folder in folders for path in common.files_in(folder) if 0 < path.stat().st_size <= BYTES_MAX]
    with tempfile.TemporaryDirectory() as work:
        maps = reached(build.program(target.name), files, pathlib.Path(work))
        edges = {path: frozenset(pair.split(":")[0] for pair in pairs) for path, pairs in maps.items()}
        chosen = choose([{path: words_of(path) for path in maps}, edges, maps])
        contents = {hashlib.sha1(path.read_bytes()).hexdigest(): path.read_bytes() for path in chosen}
    goal = COMMITTED / target.name
    shutil.rmtree(goal, ignore_errors=True)
    goal.mkdir(parents=True)
    for name, data in contents.items():
        (goal / name).write_bytes(data)
    everything, kept = set().union(*maps.values()) if maps else set(), set().union(*(maps[path] for path in chosen))
    say(f"distil: {target.name}: {len(contents)} of {len(files)} inputs, {sum(map(len, contents.values()))} bytes, "
        f"{len(kept)} of {len(everything)} counted edges")
