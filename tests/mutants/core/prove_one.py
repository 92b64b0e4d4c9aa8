"""The proof gate on one changed tree: does it reject?

Run with the tree's proofs/ as PYTHONPATH, so that the gate's own modules read
the changed text. A request comes as JSON on standard input, the answer goes to
standard output.

  {"session": DIR, "scripts": DIR, "file": F, "unit": U, "keys": {...}, "proved": [...], "report": {...}}
      F has changed; session is where answers are kept, scripts where those
      written by hand are; keys are those of the gate's units before, proved the
      ones that are proved, report what the gate's report says of each. Units whose
      key changed go through the gate, U first, until one is rejected. A goal
      gets three times the seconds of the unit's slowest, and no less than
      LEAST, instead of the gate's limit: most mutants die of a goal that no
      prover closes, and all would wait for it.
  {"session": DIR, "scripts": DIR, "check": U}
      the unit as it stands goes through the gate
  {}  the keys of all units
"""
import dataclasses
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import program
import wp
from prove import TIMEOUT

LEAST = 3  # seconds
PLAIN = next(iter(wp.WAYS))
MODELLER = "z3-ce"  # the prover that prints models; without hints it is asked last


class Died(Exception):
    """Frama-C ended without an answer; the message says how."""


def all_keys():
    files = program.listed_files(program.ROOT / "src" / "core")
    return {unit.path: unit.key for unit in program.read_program(files, wp.settings(TIMEOUT))}


def changed_units(request):
    """The units that the change makes new, the one it is about first and lemmas last."""
    first, changed = request["unit"], program.ROOT / request["file"]
    files = [f for f in program.listed_files(program.ROOT / "src" / "core") if changed in program.with_headers([f])]
    program.check_sources(files)
    for file in sorted(files, key=lambda f: f.stem != first.split(".")[0]):
        text = program.printed(file)
        functions, _ = program.functions_of(text)
        wp.fail([problem for name, function in functions.items() for problem in program.check_function(name, function)])
        units = program.units_of(file, text, functions, wp.settings(TIMEOUT))
        new = [unit for unit in units if request["keys"].get(unit.path, unit.key) != unit.key]
        yield from sorted(new, key=lambda unit: (unit.path != first, unit.name == program.LEMMAS, unit.size))


def lines_of(command):
    """What a command prints, line by line; when the caller stops listening, it and what it started end."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=program.ROOT,
                               start_new_session=True)
    try:
        for line in process.stdout:
            yield line.rstrip("\n")
        if process.wait() != 0:
            raise Died(f"Frama-C ends with status {process.returncode}: {line}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def rejects_goals(unit, way, how, report):
    """Why the gate rejects the unit's goals; None if it does not. Stops at the first goal that stays open."""
    lemmas = unit.name == program.LEMMAS
    what = ["-wp-prop=@lemma"] if lemmas else ["-wp-fct", unit.name]
    run, log = wp.Run(), []
    for line in lines_of(wp.command_line(unit.file, what, False, way, program.CPP, how, report)):
        log.append(line)
        run.read(line)
        trouble = wp.troubles([line])
        if trouble:
            return "warning: " + trouble[0]
        still_open = [name for name, goal in run.goals.items() if not goal["proved"]]
        if still_open:
            return f"goal {still_open[0]}"
    run.report = json.loads(report.read_text())
    if not run.goals or run.miscounted():
        return "goals are miscounted"
    return None


def rejects_smoke(unit, way, how, report):
    """The same for the unit's smoke tests."""
    run, log = wp.Run(), []
    for line in lines_of(wp.command_line(unit.file, ["-wp-fct", unit.name], True, way, program.CPP, how, report)):
        log.append(line)
        run.read(line)
        failed = [name for name, passed in run.smoke.items() if not passed]
        if failed:
            return f"smoke test {failed[0]}"
    trouble = wp.troubles(log)
    return "warning: " + trouble[0] if trouble else None


def rejects_after_all(unit, way, how, hints, scripts, report):
    """As rejects_goals, where Frama-C has died: some models that Z3 prints for open goals end it. With neither hints for
    the prover that prints them nor earlier answers, it is asked about nothing but what all others leave open: if
    Frama-C dies again, such a goal there is."""
    with tempfile.TemporaryDirectory() as folder:
        session = pathlib.Path(folder) / "session"
        wp.leave_hints(session, {prover: goals for prover, goals in hints.items() if prover != MODELLER})
        shutil.copytree(scripts, session / "script", dirs_exist_ok=True)
        try:
            return rejects_goals(unit, way, dataclasses.replace(how, session=session, cache=False), report)
        except Died:
            return "the model of an open goal ends Frama-C"


def rejection(unit, way, how, hints, scripts):
    """Why the gate rejects the unit; None if it does not."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "wp.json"
        try:
            why = rejects_goals(unit, way, how, report)
        except Died:
            why = rejects_after_all(unit, way, how, hints, scripts, report)
        if why is None and unit.name != program.LEMMAS:
            why = rejects_smoke(unit, way, how, report)
    return why


def judge(request):
    seen, unproved = [], []
    try:
        for unit in changed_units(request):
            if unit.path not in request["proved"]:
                unproved.append(unit.path)
                continue
            seen.append(unit.path)
            known = request["report"].get(unit.path, {})
            timeout = max(LEAST, min(TIMEOUT, math.ceil(3 * known.get("slowest", TIMEOUT))))
            how = wp.How(timeout, pathlib.Path(request["session"]), race=False, cache=True)
            hints = known.get("hints", {})
            wp.leave_hints(how.session, hints)
            why = rejection(unit, known.get("way", PLAIN), how, hints, request["scripts"])
            if why:
                return {"verdict": "killed", "by": f"{unit.path}: {why}"}
    except wp.Failure as failure:
        return {"verdict": "killed", "by": str(failure).splitlines()[0]}
    if unproved:
        return {"verdict": "unproved", "by": f"{unproved[0]} is not proved without the change either"}
    return {"verdict": "survived", "by": f"proved: {', '.join(seen) or 'nothing the gate reads has changed'}"}


def check(path, session, scripts):
    file = program.ROOT / "src" / "core" / (path.split(".")[0] + ".c")
    text = program.printed(file)
    units = program.units_of(file, text, program.functions_of(text)[0], wp.settings(TIMEOUT))
    whys = [[rejection(unit, way, wp.How(TIMEOUT, session, race=True, cache=True), {}, scripts) for way in wp.WAYS] for unit in units if unit.path == path]
    why = all(whys[0]) and whys[0][0] if whys else "no such unit"
    return {"verdict": "killed", "by": f"{path}: {why}"} if why else {"verdict": "survived", "by": "proved"}


def main():
    request = json.load(sys.stdin)
    if "check" in request:
        answer = check(request["check"], pathlib.Path(request["session"]), request["scripts"])
    else:
        answer = judge(request) if request else all_keys()
    json.dump(answer, sys.stdout)


try:
    main()
except Died as died:
    sys.exit(str(died))  # no answer, so no verdict
