#!/usr/bin/env python3
"""Enforces the include arrows: a folder under src/ includes only the folders
it may depend on, core uses only freestanding headers, and the graph has no
cycle. `--self-test` checks that a violation is found.

usage: arrows.py [--self-test] ROOT
"""
import pathlib
import re
import sys
import tempfile

ALLOWED = {
    "core": {"core", "acsl"},  # acsl: logic definitions, specs/acsl
    "model": {"model"},
    "profile": {"profile"},
    "trace": {"trace"},
    "os": {"os"},
    "rules": {"rules"},
    "runtime": {"runtime", "core", "profile", "rules", "os"},
    "oracle": {"oracle", "runtime", "core", "model", "trace", "profile", "rules", "os"},
    "cli": {"cli", "oracle", "trace", "profile", "rules", "os"},
}
# The oracle reaches the core only through runtime: naming it is an error too.
ALLOWED["oracle"].discard("core")
# The last is AddressSanitizer's, for poison.h.
CORE_SYSTEM = {"stdbool.h", "stddef.h", "stdint.h", "string.h", "sanitizer/asan_interface.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def violations(root):
    found = []
    for path in sorted((root / "src").rglob("*.[ch]")):
        folder = path.relative_to(root / "src").parts[0]
        if folder not in ALLOWED:
            found.append(f"{path.relative_to(root)}: folder src/{folder} has no rule; add it to tests/style/arrows.py")
            continue
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            where = f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start(2)) + 1}"
            name = match.group(2)
            if match.group(1) == "<":
                if folder == "core" and name not in CORE_SYSTEM:
                    found.append(f"{where}: core includes <{name}>, allowed are {', '.join(sorted(CORE_SYSTEM))}")
            elif "/" not in name or name.split("/")[0] not in {"acsl", *ALLOWED}:
                found.append(f'{where}: "{name}" is not written as "folder/file.h"')
            elif name.split("/")[0] not in ALLOWED[folder]:
                found.append(f"{where}: {folder} includes {name}, allowed are {', '.join(sorted(ALLOWED[folder]))}")
    return found


def self_test():
    cases = {
        "core/a.c": ('#include "model/model.h"\n', "core includes model/model.h"),
        "model/a.c": ('#include "core/object.h"\n', "model includes core/object.h"),
        "core/b.h": ("#include <stdio.h>\n", "core includes <stdio.h>"),
        "oracle/a.c": ('\n#include "core/object.h"\n', "a.c:2: oracle includes core/object.h"),
        "trace/a.c": ('#include "trace.h"\n', "not written as"),
        "extra/a.c": ("", "has no rule"),
        "runtime/a.c": ('#include "core/object.h"\n#include <stdio.h>\n', None),
    }
    for name, (text, expected) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "src" / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            found = violations(pathlib.Path(folder))
            if (expected is None) != (not found) or (expected and expected not in found[0]):
                sys.exit(f"self-test {name}: expected {expected!r}, found {found}")


if len(sys.argv) == 3 and sys.argv[1] == "--self-test":
    self_test()
elif len(sys.argv) != 2:
    sys.exit(__doc__)
problems = violations(pathlib.Path(sys.argv[-1]))
print("\n".join(problems) or "arrows: every include follows them")
sys.exit(bool(problems))
