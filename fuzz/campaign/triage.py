"""From files that made a target fail to findings: reproduced, told apart by what the target says, made small, readable."""
import re
import resource
import shlex
import shutil
import signal
import subprocess
import time

import common

CPU_SECONDS = 25      # what one input may take of the processor, as in OSS-Fuzz: a busy machine makes no time-outs
REPLAY_TIMEOUT = 300  # by the clock, for what waits and does not compute
SHRINK_SECONDS = 30
SHRINKS_PER_MESSAGE = 4  # inputs with the same message that are made small, to see whether another operation fails too
BINARY_MAGIC = b"\x89RHT"
BINARY_HEAD = BINARY_MAGIC + b"1"

NOISE = re.compile(r"^(INFO:|Running:|Executed |\*\*\*|while replaying |==\d+==|NOTE:|SUMMARY:|artifact_prefix|MS:|Base64:|0x"
                   r"|\s|Aborted|AddressSanitizer:DEADLYSIGNAL|.*: Running \d+ inputs)")
FRAME = re.compile(r"^\s+#\d+ 0x[0-9a-f]+ in (\S+) (\S+?):(\d+)", re.M)
PRINTED = re.compile(r"^\s*\d+ +([a-z_]+)\b", re.M)


# ---- what a run says ----

def generalised(message):
    """Without the numbers, which differ from input to input."""
    return re.sub(r"0x[0-9a-fA-F]+|\d+", "N", message).strip()


def top_frame(report):
    """The innermost function of ours on the first stack, or nothing."""
    for function, path, _line in FRAME.findall(report):
        if re.search(r"/(src/(core|model|profile|rules|trace|os|runtime|oracle|cli)|fuzz)/[^/]+$", path) and function != "require":
            return function
    return ""


def message_of(output):
    """What the target itself said last, before a fuzzer or a sanitizer said something."""
    said = re.split(r"^==\d+==", output, maxsplit=1, flags=re.M)[0]
    lines = [line for line in said.splitlines() if line.strip() and not NOISE.match(line)]
    return lines[-1].strip() if lines else ""


def classify(output, code):
    """What went wrong, as a sentence that two failures share if they are likely the same; None if nothing did."""
    if code == 0:
        return None
    where = top_frame(output)
    at = f" in {where}" if where else ""
    runtime = re.search(r"runtime error: (.+)", output)
    if runtime:
        return f"UndefinedBehaviorSanitizer: {generalised(runtime.group(1))}{at}"
    if code == "timeout" or re.search(r"SUMMARY: libFuzzer: timeout", output):
        return f"time-out{at}"
    if re.search(r"SUMMARY: libFuzzer: out-of-memory", output):
        return f"out of memory{at}"
    if re.search(r"LeakSanitizer: detected memory leaks", output):
        return f"LeakSanitizer: leak{at}"
    report = re.search(r"(\w+Sanitizer): ([\w-]+(?: [a-z-]+)*)", output)
    if report and "deadly signal" not in report.group(2) and report.group(1) != "UndefinedBehaviorSanitizer":
        return f"{report.group(1)}: {report.group(2).split(' on ')[0]}{at}"
    message = message_of(output)
    if message:
        return generalised(message)
    if isinstance(code, int) and code < 0:
        return f"signal {signal.Signals(-code).name}{at}"
    return f"exit code {code}{at}"


def run(build, target, path):
    """(output, exit code or "timeout") of a target on one input, or on a folder of them."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))

    try:
        done = subprocess.run(common.polite([str(build.program(target.name)), str(path)]), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=REPLAY_TIMEOUT, check=False,
                              env=common.sanitizer_environment(), preexec_fn=limit)
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace"), "timeout"
    code = "timeout" if done.returncode == -signal.SIGXCPU else done.returncode
    return done.stdout.decode(errors="replace"), code


def is_vague(reason):
    """A signal or an exit code alone: a sanitizer may say more."""
    return reason.startswith(("signal ", "exit code "))


def reproduce(builds, target, path):
    """(build, reason, output) of the first build, the plain one first, that fails with a reason; None if none fails."""
    vague = None
    for build in builds:
        output, code = run(build, target, path)
        reason = classify(output, code)
        if reason and not is_vague(reason):
            return build, reason, output
        if reason and vague is None:
            vague = build, reason, output
    return vague


# ---- making it small ----

def pieces(data, unit, head):
    """Where the input can be cut: behind its head, at lines or at records of `unit` bytes."""
    if unit == "lines":
        return data[:head], data[head:].splitlines(keepends=True)
    return data[:head], [data[i:i + unit] for i in range(head, len(data), unit)]


def without_pieces(head, parts, fails, deadline):
    """Delta debugging: drops runs of parts, half of all at first, one at last, while it fails in the same way."""
    size = max(1, len(parts) // 2)
    while True:
        at, dropped = 0, False
        while at < len(parts) and time.monotonic() < deadline:
            shorter = parts[:at] + parts[at + size:]
            if fails(head + b"".join(shorter)):
                parts, dropped = shorter, True
            else:
                at += size
        if time.monotonic() >= deadline or (size == 1 and not dropped):
            return parts
        size = max(1, size // 2)


def with_zeros(data, head, fails, deadline):
    """Bytes that do not matter become zero, so that those that matter are seen."""
    for at in range(head, len(data)):
        if data[at] == 0 or time.monotonic() >= deadline:
            continue
        simpler = data[:at] + b"\0" + data[at + 1:]
        if fails(simpler):
            data = simpler
    return data


def shrink(data, target, fails, seconds=SHRINK_SECONDS):
    """The smallest input found within the time that still fails; `fails` says whether an input fails in the same way."""
    deadline = time.monotonic() + seconds
    head = int(target.trace) if target.trace.isdigit() else 0
    unit = {"text": "lines", "-": 4}.get(target.trace, 1)
    start, parts = pieces(data, unit, head)
    data = start + b"".join(without_pieces(start, parts, fails, deadline))
    if target.trace == "text":
        start, parts = pieces(data, 1, 0)
        return start + b"".join(without_pieces(start, parts, fails, deadline))
    if target.trace == "-":
        return with_zeros(data, head, fails, deadline)
    return data


# ---- making it readable ----

def readable(data, target, replay):
    """What the input does: a trace as text, or what the target prints."""
    scratch = replay.folder / "fuzz" / "readable.input"
    if target.trace == "text":
        return data.decode(errors="replace")
    if target.trace == "-":
        scratch.write_bytes(data)
        command = [str(replay.program(target.name)), str(scratch)]
    else:
        trace = data[int(target.trace):]
        scratch.write_bytes(trace if trace.startswith(BINARY_MAGIC) else BINARY_HEAD + trace)
        replay.make("refheap")
        command = [str(replay.folder / "src" / "cli" / "refheap"), "convert", "--to", "text", str(scratch)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=REPLAY_TIMEOUT, check=False,
                              env={**common.sanitizer_environment(), "RH_FUZZ_PRINT": "1"})
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace")[:100000] + "\n(it does not end)\n"
    finally:
        scratch.unlink(missing_ok=True)
    return re.sub(r"^\d+ inputs replayed: no failure\n", "", done.stdout.decode(errors="replace"), flags=re.M)


def last_operation(text):
    """The operation at which a printed program failed; nothing if the target does not print operations."""
    operations = PRINTED.findall(text)
    return operations[-1] if operations else ""


# ---- findings ----

def bucket(target, reason, operation):
    """The name of a finding. Many targets begin their sentences with their own name, which is said once."""
    stem = re.sub("_tiny$", "", target.name)
    reason = reason[len(stem) + 2:] if reason.startswith(f"{stem}: ") else reason
    return f"{target.name}: {reason}" + (f" (at {operation})" if operation else "")


def examine(target, path, reproduced, replay, seconds):
    """One failing input made small: a finding without its place. reproduced: what `reproduce` said about it."""
    build, reason, output = reproduced
    scratch = replay.folder / "fuzz" / "shrink.input"

    def fails(data):
        scratch.write_bytes(data)
        return classify(*run(build, target, scratch)) == reason

    original = path.read_bytes()
    data = original
    if not reason.startswith("time-out"):
        data = shrink(original, target, fails, seconds)
        scratch.write_bytes(data)
        output, _ = run(build, target, scratch)  # with the small input it may name another record
    scratch.unlink(missing_ok=True)
    text = readable(data, target, replay)
    operation = last_operation(text) if target.trace == "-" else ""
    return {"target": target.name, "reason": reason, "bucket": bucket(target, reason, operation), "preset": build.preset,
            "says": message_of(output) or reason, "size": len(data), "size_found": len(original), "data": data,
            "readable": text, "output": output}


def how(finding, folder):
    """One line that reproduces it, and what it is."""
    preset, program = finding["preset"], f"{finding['target']}_fuzzer"
    line = (f"cmake --preset {preset} && cmake --build --preset {preset} --target {program} && "
            f"build/{preset}/fuzz/{program} {shlex.quote(common.shown(folder / 'input'))}")
    return (f"{line}\n\nfinding    {finding['bucket']}\nsays       {finding['says']}\nfound by   {finding['found_by']}\n"
            f"input      {finding['size']} bytes; {finding['size_found']} as it was found; {finding['count']} inputs fail like this\n")


def write(finding, folder):
    folder.mkdir(parents=True)
    (folder / "input").write_bytes(finding.pop("data"))
    (folder / "readable.txt").write_text(finding.pop("readable"))
    (folder / "output.txt").write_text(finding.pop("output"))
    finding["folder"] = common.shown(folder)
    finding["reproduce"] = how(finding, folder).split("\n", 1)[0]
    (folder / "how.txt").write_text(how(finding, folder))


def triage(saved, builds, replay, out, say, seconds=SHRINK_SECONDS):
    """saved: (target, file, who found it, is it about time?) of each failing input. Findings are written below out/findings,
    anew each time. Returns them, and the files that fail no more (time-outs on a busy machine are dropped)."""
    shutil.rmtree(out / "findings", ignore_errors=True)
    messages, findings, lost = {}, {}, []
    for target, path, found_by, about_time in sorted(saved, key=lambda entry: (entry[0].name, entry[1].stat().st_size)):
        reproduced = reproduce(builds, target, path)
        if reproduced is None:
            if not about_time:
                lost.append(f"{target.name}: {common.shown(path)}: saved by {found_by}, does not fail again")
            continue
        alike = messages.setdefault((target.name, reproduced[1]), [])
        if len(alike) >= SHRINKS_PER_MESSAGE:
            alike[0]["count"] += 1
            continue
        finding = {**examine(target, path, reproduced, replay, seconds), "found_by": found_by, "count": 1}
        known = findings.setdefault(finding["bucket"], finding)
        if known is not finding:
            finding["count"] += known["count"]
            known.update(finding if finding["size"] < known["size"] else {"count": finding["count"]})
        alike.append(known)
        say(f"triage: {finding['bucket']}: {finding['size']} bytes")
    numbers = {}
    for finding in findings.values():
        numbers[finding["target"]] = number = numbers.get(finding["target"], 0) + 1
        write(finding, out / "findings" / f"{finding['target']}-{number}")
    return list(findings.values()), lost
