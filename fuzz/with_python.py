"""Starts a program with the shared library of the CPython that runs this file, for cpython_fuzzer:

    PYTHON fuzz/with_python.py build/fuzz-plain/fuzz/cpython_fuzzer [ARGUMENT...]

RH_LIBPYTHON in the program's environment is the library, RH_PYTHON the interpreter, PYTHONHOME where its modules are,
PYTHONPATH where the adapter is (RH_ADAPTERS; default: tests/adapters). A CPython that was started through a C library of
its own (ci/get-pythons) starts the program through the same.
exit code 3: this CPython has no shared library
"""
import os
import pathlib
import sys
import sysconfig

ADAPTERS = pathlib.Path(__file__).resolve().parents[1] / "tests" / "adapters"


def library():
    """The shared library, wherever the whole installation was moved to; None if there is none."""
    name = f"libpython{sysconfig.get_config_var('LDVERSION')}.so.1.0"
    base = pathlib.Path(sys.base_prefix)
    folders = (base / "lib", base / "lib" / (sysconfig.get_config_var("MULTIARCH") or ""), sysconfig.get_config_var("LIBDIR"))
    return next((path for path in (pathlib.Path(folder) / name for folder in folders) if path.is_file()), None)


def loader():
    """How the interpreter was started, if through a loader of its own: [loader, "--library-path", folders]."""
    program = os.readlink("/proc/self/exe")
    words = pathlib.Path("/proc/self/cmdline").read_text().split("\0")
    if not os.path.basename(program).startswith("ld-linux") or "--library-path" not in words:
        return []
    return [program, *words[words.index("--library-path"):][:2]]


def environment(found):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "RH_LIBPYTHON": str(found), "RH_PYTHON": sys.executable, "PYTHONHOME": sys.base_prefix,
            "PYTHONPATH": os.environ.get("RH_ADAPTERS", str(ADAPTERS))}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    found = library()
    if found is None:
        print(f"with_python.py: {sys.executable} has no shared library libpython", file=sys.stderr)
        sys.exit(3)
    command = [*loader(), *sys.argv[1:]]
    os.execve(command[0], command, environment(found))


if __name__ == "__main__":
    main()
