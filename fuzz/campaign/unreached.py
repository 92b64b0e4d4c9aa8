"""What the committed corpus reaches by itself, and fuzz/unreached.txt: what it does not reach, each with a reason.

The file has sections. A section begins with `[name] reason`; then come lines with the path of a file, or a pattern of paths,
and below it, indented, `function: text of a line`. `function: *` is all of a function, `*: text` that line wherever it is. A
line is meant if it never runs, or if a condition in it goes one way only. Section [words] is of another kind: below
`operation`, `kind`, `observation`, `rule` or `verdict` are those that no input exercises (exercised.py).

Nothing that is reached may be listed. What is neither reached nor listed is printed, in the form of the list; LEAST bounds
how much may be unreached.
"""
import collections
import fnmatch
import re

import common
import coverage

PRESET = "coverage"  # with the tests, because those of the mutator count for the harnesses
LIST = common.FUZZ / "unreached.txt"
# Per cent of lines and of branches, of each layer: what is reached so far, rounded down. The goal is 98 and 95 of src.
LEAST = {"src/core": (99, 97), "src/runtime": (99, 96), "src/trace": (99, 96), "src/oracle": (99, 97),
         "fuzz": (97, 86)}

Entry = collections.namedtuple("Entry", "paths function text line")
Place = collections.namedtuple("Place", "path function text line")


def read_list(text):
    """Entries of all sections, and the words that nothing exercises: ([Entry], {kind of word: {word: line}}). Raises Usage at
    the first line that is neither."""
    entries, words, heading, section = [], collections.defaultdict(dict), None, None
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{common.shown(LIST)}:{number}:1"
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            section = re.fullmatch(r"\[([a-z]+)\] \S.*", line)
            if section is None:
                raise common.Usage(f"{where}: expected [name] and a reason")
            heading = None
        elif section is None:
            raise common.Usage(f"{where}: expected a section, [name] reason, before '{line}'")
        elif not line.startswith(" "):
            heading = line.strip()
        elif heading is None:
            raise common.Usage(f"{where}: expected a path or a kind of word before '{line.strip()}'")
        elif section[1] == "words":
            words[heading][line.split()[0]] = number
        else:
            function, colon, source = line.strip().partition(": ")
            if not colon:
                raise common.Usage(f"{where}: expected 'function: text of a line', got '{line.strip()}'")
            entries.append(Entry(heading, function, source, number))
    return entries, words


def functions_of(lines):
    """For each line the function whose text it is in; "" outside of all."""
    found, name = [], ""
    for line in lines:
        start = re.match(r"^[A-Za-z_].*?\b(\w+)\((?!.*;\s*$)", line)
        if start and not line.startswith(("#", "typedef")):
            name = start[1]
        found.append(name)
        if line.startswith("}"):
            name = ""
    return found


def places(files, folders):
    """Everything in the folders that is not reached: [Place]."""
    found = []
    for path, (lines, branches) in sorted(files.items()):
        if not path.startswith(folders):
            continue
        source = (common.ROOT / path).read_text().splitlines()
        functions = functions_of(source)
        never = {line for line, runs in lines.items() if runs == 0}
        half = {line for (line, *_), times in branches.items() if times == 0}
        for line in sorted(never | half):
            text = source[line - 1].strip()
            if len(text) > 1:  # a brace alone says nothing
                found.append(Place(path, functions[line - 1], text, line))
    return found


def explains(entry, place):
    return (fnmatch.fnmatchcase(place.path, entry.paths) and entry.function in ("*", place.function)
            and entry.text in ("*", place.text))


def compare(found, entries):
    """([Place] that no entry explains, [Entry] that explains nothing)"""
    by_text = collections.defaultdict(list)
    for entry in entries:
        by_text[entry.text].append(entry)
    open_places, used = [], set()
    for place in found:
        matching = [entry for entry in (*by_text[place.text], *by_text["*"]) if explains(entry, place)]
        used.update(matching)
        if not matching:
            open_places.append(place)
    return open_places, [entry for entry in entries if entry not in used]


def as_list(found):
    """Places in the form of the file."""
    lines, path = [], None
    for place in found:
        if place.path != path:
            lines.append(place.path)
            path = place.path
        line = f"    {place.function}: {place.text}"
        if line != lines[-1]:
            lines.append(line)
    return lines


def table(files, layers):
    """Lines for people, and the layers that are below the least."""
    lines, low = [f"{'':12} {'lines':>22} {'branches':>22}"], []
    for layer in layers:
        sums = coverage.summed(files, layer)
        shares = {key: 100 * sums[key]["reached"] / sums[key]["all"] for key in sums}
        columns = [f"{shares[key]:6.2f} % {sums[key]['reached']:6}/{sums[key]['all']:5}" for key in ("lines", "branches")]
        lines.append(f"{layer:12} {columns[0]:>22} {columns[1]:>22}")
        least_lines, least_branches = LEAST[layer]
        if shares["lines"] < least_lines or shares["branches"] < least_branches:
            low.append(f"{layer}: below {least_lines} % of lines or {least_branches} % of branches")
    return lines, low


def measure(jobs, say):
    """What the committed corpus covers of all sources of refheap's layers and of the harnesses; and failures."""
    build = common.Build(PRESET, jobs).configure()
    targets = build.targets()
    build.make("refheap", *(f"{target.name}_fuzzer" for target in targets))
    work = build.folder / "committed"
    everything = {}
    for target in targets:
        say(f"coverage: {target.name}")
        folder = work / target.name
        folder.mkdir(parents=True, exist_ok=True)
        covered, failed = coverage.measure(build, target, common.committed(target.name), folder)
        if failed:
            raise common.Missing(f"{target.name}: {common.shown(failed[0])} fails; `ci/fuzz --regress` says how")
        everything[target.name] = covered
    everything["refheap"] = unlinked(build, work)
    return coverage.united(everything.values())


def unlinked(build, work):
    """The whole program, of which nothing has run: what no target is linked with is not reached either."""
    folder = work / "refheap"
    folder.mkdir(parents=True, exist_ok=True)
    program = build.folder / "src" / "cli" / "refheap"
    common.run_logged([program, "--version"], folder / "log", env={"LLVM_PROFILE_FILE": str(folder / "none.profraw")})
    return coverage.read_profiles(program, folder)


def check(layers, files, say):
    """True if nothing on the list is reached, and of each layer as much as before. Says what is not reached and not listed."""
    entries, _ = read_list(LIST.read_text())
    folders = tuple(f"{layer}/" for layer in layers)
    mine = [entry for entry in entries if entry.paths.startswith(folders)]
    found = places(files, folders)
    open_places, idle = compare(found, mine)
    for line in as_list(open_places):
        say(line)
    for entry in idle:
        say(f"{common.shown(LIST)}:{entry.line}:1: '{entry.text}' in {entry.function} is reached, or is not there; "
            "take it off the list")
    say(f"{len(found)} lines never run, or have a condition that goes one way only; {len(found) - len(open_places)} of them are in "
        f"{common.shown(LIST)} with a reason")
    lines, low = table(files, layers)
    for line in (*lines, *low):
        say(line)
    return not idle and not low


def run(jobs, say):
    """ci/fuzz --corpus-coverage: exit code 0 or 1."""
    return 0 if check(coverage.LAYERS, measure(jobs, say), say) else 1
