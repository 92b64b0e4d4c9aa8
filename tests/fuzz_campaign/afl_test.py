#!/usr/bin/env python3
"""AFL++ works: every target's mutator can be loaded, and with one of them, through the worker of a campaign, `core` is fuzzed
for some seconds, with nothing found and something new reached.

usage: afl_test.py ROOT
"""
import ctypes
import os
import pathlib
import sys
import tempfile
import time

SECONDS = 10
EXECUTIONS = 1000


def load(library):
    """Complains of what is missing in it as afl-fuzz would."""
    try:
        ctypes.CDLL(str(library), os.RTLD_NOW | os.RTLD_LOCAL)
    except OSError as error:
        sys.exit(f"afl: {error}")


def fuzz(engines, build, target):
    with tempfile.TemporaryDirectory() as folder:
        worker = engines.Worker(pathlib.Path(folder), {"afl": build}, target, "afl", "main", 1)
        worker.start(SECONDS)
        while not worker.ended():
            time.sleep(0.2)
        engines.end_orphans([worker])
        stats = worker.stats()
        print(f"{worker.key}: {stats}")
        if worker.failures or stats["executions"] < EXECUTIONS or worker.crash_files():
            sys.exit(f"afl: it does not run, or finds something:\n{engines.read_end(worker.log, 2000).decode(errors='replace')}")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(root / "fuzz" / "campaign"))
    import common  # noqa: PLC0415
    import engines  # noqa: PLC0415
    common.need("afl-fuzz", "afl-clang-fast")
    build = common.Build("afl", os.cpu_count() or 1).configure()
    mutators = [f"{target.name}_mutator" for target in build.targets() if build.has(f"{target.name}_mutator")]
    build.make("core_fuzzer", *mutators)
    for name in mutators:
        load(build.folder / "fuzz" / f"{name}.so")
    print(f"{len(mutators)} mutators can be loaded")
    fuzz(engines, build, common.choose(build.targets(), ["core"])[0])


if __name__ == "__main__":
    main()
