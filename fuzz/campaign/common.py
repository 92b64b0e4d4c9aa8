"""What all parts of ci/fuzz share: where things are, how targets are built and listed, and what goes wrong."""
import collections
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "fuzz"
DEFAULT_MAX_LEN = 1024

# trace: "text", the number of bytes before a binary trace as text ("0", "1"), or "-": RH_FUZZ_PRINT says what an input does.
Target = collections.namedtuple("Target", "name trace")


class Missing(Exception):
    """A tool is missing: exit code 3."""


class Usage(Exception):
    """Wrong arguments: exit code 2."""


def need(*tools):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise Missing(f"{', '.join(missing)}: not found; `ci/setup build test fuzz` installs what a campaign needs")


def polite(command):
    """The command so that it gives way to everything else on the machine."""
    return ["nice", "-n", "19", *command] if shutil.which("nice") else list(command)


def run_logged(command, log, **options):
    """Runs; on failure the end of the log is the error."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as file:
        code = subprocess.run(polite(map(str, command)), stdout=file, stderr=subprocess.STDOUT, check=False, **options).returncode
    if code != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise Missing(f"{' '.join(map(str, command))}: exit code {code}; {log} ends with\n{tail}")


class Build:
    """One preset, in build/<preset>."""

    def __init__(self, preset, jobs=1):
        self.preset, self.jobs, self.folder, self.made = preset, jobs, ROOT / "build" / preset, set()

    def configure(self):
        run_logged(["cmake", "--preset", self.preset], self.folder / "configure.log", cwd=ROOT)
        return self

    def targets(self):
        """Every target of the tree, as CMake wrote them down."""
        return read_targets((self.folder / "fuzz" / "targets.txt").read_text())

    def make(self, *names):
        """Builds what this object has not built yet."""
        names = [name for name in names if name not in self.made]
        if not names:
            return
        run_logged(["cmake", "--build", "--preset", self.preset, "-j", str(self.jobs), "--target", *names],
                   self.folder / "build.log", cwd=ROOT)
        self.made.update(names)

    def has(self, name):
        """Does the tree have this CMake target?"""
        return f"\nbuild {name}:" in (self.folder / "build.ninja").read_text()

    def program(self, name):
        return self.folder / "fuzz" / f"{name}_fuzzer"

    def seeds(self, name):
        return self.folder / "fuzz" / "seeds" / name


def read_targets(text):
    return [Target(*line.split()) for line in text.splitlines() if line.strip()]


def choose(targets, names):
    """Those that are named, or all."""
    known = {target.name: target for target in targets}
    for name in names or ():
        if name not in known:
            raise Usage(f"no target '{name}'; there are {', '.join(known)}")
    return [known[name] for name in names] if names else targets


def beside(build, name, suffix):
    """<target>_fuzzer.options and the like, made by the build or kept in fuzz/; a shrunken target has those of the full
    one. None where there is none."""
    for stem in dict.fromkeys((name, re.sub("_tiny$", "", name))):
        for path in (build.folder / "fuzz" / f"{stem}_fuzzer{suffix}", FUZZ / f"{stem}_fuzzer{suffix}", FUZZ / f"{stem}{suffix}"):
            if path.is_file():
                return path
    return None


def read_options(build, name):
    """The libFuzzer section of an options file, as {option: value}."""
    path, options, section = beside(build, name, ".options"), {}, ""
    for line in path.read_text().splitlines() if path else ():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and section == "libfuzzer":
            key, value = (part.strip() for part in line.split("=", 1))
            options[key] = value
    return options


def committed(name):
    """What the tree has for a target: the distilled corpus, and the inputs that once failed."""
    return [folder for folder in (FUZZ / "corpus" / name, FUZZ / "regress" / name) if folder.is_dir()]


def files_in(folder):
    """The regular files of a folder in the order of their names; none if there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def sanitizer_environment():
    """Reports with a stack, so that they can be told apart."""
    symbolizer = shutil.which("llvm-symbolizer") or shutil.which("llvm-symbolizer-14")
    extra = {"ASAN_SYMBOLIZER_PATH": symbolizer, "MSAN_SYMBOLIZER_PATH": symbolizer} if symbolizer else {}
    return {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1", **extra}


def shown(path):
    """A path as people type it: below the tree if it is there."""
    path = pathlib.Path(path).resolve()
    return str(path.relative_to(ROOT)) if ROOT in path.parents else str(path)
