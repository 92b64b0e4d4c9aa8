"""A build of the whole tree in which one file at a time is changed.

The tree is copied to build/mutants and built there once; later runs bring the
copy up to date. A mutant never touches it: what includes the changed file is
compiled, with the command of the build, into a folder of its own, and programs
are linked from these objects and the rest of the build. Linked before the
libraries, an object takes the place of the library's.
"""
import fcntl
import json
import os
import re
import shlex
import shutil
import subprocess
import threading

from ctext import ROOT
from layers import WORK
from mutants import Wrong

PARTS = ["CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "ci", "cmake", "fuzz", "specs", "src", "tests"]
LEFT_OUT = {"__pycache__", "session", "matrix.json"}


def files_of(root):
    """Relative paths of what is copied."""
    for part in PARTS:
        for folder, names, files in os.walk(root / part):
            names[:] = [name for name in names if name not in LEFT_OUT]
            yield from ((root / part / folder / file).relative_to(root) for file in files if file not in LEFT_OUT)
        if (root / part).is_file():
            yield (root / part).relative_to(root)


def bring_up_to_date(tree):
    """Makes the copy what the tree is; a file that is the same keeps its time, so that nothing is built again for it."""
    wanted = set(files_of(ROOT))
    for path in set(files_of(tree)) - wanted:
        (tree / path).unlink()
    for path in wanted:
        to = tree / path
        if not to.is_file() or to.read_bytes() != (ROOT / path).read_bytes():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, to)
            shutil.copymode(ROOT / path, to)


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Wrong(f"{' '.join(command[:6])} fails:\n{done.stdout[-2000:]}")
    return done.stdout


class Build:
    """One preset of the copied tree, for one run at a time."""

    def __init__(self, layer, preset, targets):
        self.tree = WORK / layer / "tree"
        self.folder = self.tree / "build" / preset
        self.tree.mkdir(parents=True, exist_ok=True)
        self.lock = self.take_lock(WORK / layer / "lock")
        bring_up_to_date(self.tree)
        run(["cmake", "--preset", preset], self.tree)
        run(["cmake", "--build", "--preset", preset, "--target", *targets], self.tree)
        self.commands = {}  # object -> the command that makes it
        for entry in json.loads((self.folder / "compile_commands.json").read_text()):
            words = shlex.split(entry["command"])
            self.commands[words[words.index("-o") + 1]] = words
        self.users = self.read_users()
        self.asked, self.asking = {}, threading.Lock()

    @staticmethod
    def take_lock(path):
        lock = open(path, "w", encoding="utf-8")  # until the run ends
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Wrong(f"another run has locked {path.relative_to(ROOT)}; one layer is asked by one run at a time") from None
        return lock

    def read_users(self):
        """path of the tree -> objects that are made from it."""
        users, made = {}, None
        for line in run(["ninja", "-t", "deps"], self.folder).splitlines():
            if not line.startswith(" "):
                made = line.partition(":")[0]
            elif line.strip().startswith(str(self.tree)) and made in self.commands:
                users.setdefault(os.path.relpath(line.strip(), self.tree), []).append(made)
        return users

    def command(self, made):
        """The command of the build that makes a program, or a file by a rule of its own."""
        with self.asking:
            if made not in self.asked:
                self.asked[made] = run(["ninja", "-t", "commands", "-s", made], self.folder).strip()
            return self.asked[made]

    def source(self, made):
        words = self.commands[made]
        return words[words.index("-c") + 1]

    def parts_of(self, program, file):
        """The objects of the program that are made from the file: [(object, the library it is in, or "")]. A source that the
        program has compiled by itself is not taken from a library, too."""
        words, parts = set(self.command(program).split()), []
        for made in self.users.get(file, []):
            folder, target = re.fullmatch(r"(.*)/CMakeFiles/(\w+)\.dir/.*", made).groups()
            library = f"{folder}/lib{target}.a"
            if made in words or library in words:
                parts.append((made, "" if made in words else library))
        own = {self.source(made) for made, library in parts if not library}
        return [(made, library) for made, library in parts if not library or self.source(made) not in own]


class Changed:
    """The programs of a build with one mutant, each linked when it is asked for. What a table says is read by one file of
    code alone, whoever includes it."""

    def __init__(self, build, mutant, folder):
        self.build, self.folder = build, folder
        self.file = str((mutant.user if mutant.path.suffix == ".def" else mutant.path).relative_to(ROOT))
        place = folder / mutant.path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(mutant.text)
        self.instead = {str(build.tree / mutant.path.relative_to(ROOT)): str(place)}  # of a source of the build: the changed one
        self.compiled, self.linked = {}, {}

    def compile(self, made):
        if made not in self.compiled:
            to = self.folder / (made.replace("/", "_"))
            words = [*self.build.commands[made]]
            words[words.index("-o") + 1] = str(to)
            words = [self.instead.get(word, word) for word in words if word != "-Werror"]
            run([words[0], "-w", "-iquote", str(self.folder / "src"), *words[1:]], self.build.folder)
            self.compiled[made] = str(to)
        return self.compiled[made]

    def parts_of(self, program):
        return self.build.parts_of(program, self.file)

    def program(self, program):
        """Where the program with the change is; None if the file is no part of it."""
        if program not in self.linked:
            parts = self.parts_of(program)
            self.linked[program] = self.link(program, parts) if parts else None
        return self.linked[program]

    def link(self, program, parts):
        command, to = self.build.command(program), str(self.folder / os.path.basename(program))
        before = []
        for made, library in parts:
            if library:
                before.append(self.compile(made))
            else:
                command = command.replace(f" {made} ", f" {self.compile(made)} ")
        command = command.replace(f" -o {program} ", f" {' '.join(before)} -o {to} ")
        run(["sh", "-c", command], self.build.folder)
        return to
