"""Known answers (fuzz/answers.h): what targets say of the committed inputs, as a digest each, in fuzz/answers/<target>.def."""
import os
import re
import subprocess

import common

FOLDER = common.FUZZ / "answers"
ROW = re.compile(r"ANSWER\(0x([0-9a-f]+), 0x([0-9a-f]+)\)")


def digest(data):
    """As digest_bytes of fuzz/digest.h."""
    found = 0xcbf29ce484222325
    for byte in data:
        found = (found ^ byte) * 0x100000001b3 % 2**64
    return f"{found:016x}"


def file_of(target):
    return FOLDER / f"{target.name}.def"


def problems(target):
    """Committed inputs without an answer, answers without an input; nothing of a target that gives no answers."""
    if not file_of(target).is_file():
        return []
    known = {row[1] for row in ROW.finditer(file_of(target).read_text())}
    inputs = {digest(path.read_bytes()): path for folder in common.committed(target.name) for path in common.files_in(folder)}
    found = [f"{common.shown(inputs[name])} has no known answer" for name in sorted(inputs.keys() - known)]
    return found + [f"{common.shown(file_of(target))} has an answer to no input: 0x{name}" for name in sorted(known - inputs.keys())]


def learn(build, target):
    """Writes what the target says now of its committed inputs, sorted by input; the number of answers."""
    done = subprocess.run(common.polite([str(build.program(target.name)), *map(str, common.committed(target.name))]),
                          stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "RH_FUZZ_ANSWERS": "1"})
    rows = sorted({row[0] for row in ROW.finditer(done.stdout)})
    file_of(target).write_text("".join(f"{row}\n" for row in rows))
    return len(rows)


def run(args, say):
    common.need("cmake", "ninja", "gcc")
    build = common.Build("replay", args.jobs).configure()
    targets = [target for target in common.choose(build.targets(), args.target) if file_of(target).is_file()]
    build.make(*(f"{target.name}_fuzzer" for target in targets))
    for target in targets:
        say(f"answers: {target.name}: {learn(build, target)}")
    return 0
