"""What OSS-Fuzz's presubmit (infra/presubmit.py and infra/constants.py there, as of August 2026) checks of a project's files,
before anything is built: the fields of project.yaml and their values, the licence, how build.sh links and Dockerfile installs.
What people are told to say besides is demanded too (homepage, primary_contact), and that Dockerfile clones what project.yaml
says.
"""
import re

LICENCE = "http://www.apache.org/licenses/LICENSE-2.0"
TEXTS = {"homepage": r"https?://\S+", "main_repo": r"(https?|git)://\S+", "primary_contact": r"\S+@\S+\.\S+",
         "language": r"c|c\+\+|go|javascript|jvm|python|ruby|rust|swift"}  # all of them are needed
LISTS = {"fuzzing_engines": {"afl", "centipede", "honggfuzz", "libfuzzer", "none", "wycheproof"},
         "sanitizers": {"address", "coverage", "hwaddress", "introspector", "memory", "none", "thread", "undefined"},
         "architectures": {"aarch64", "i386", "x86_64"}}
OTHERS = {"auto_ccs", "base_os_version", "blackbox", "builds_per_day", "coverage_extra_args", "disable_remediation",
          "disable_remediation_pre_review", "disabled", "file_github_issue", "help_url", "indexer", "labels", "run_tests",
          "selective_unpack", "vendor_ccs", "view_restrictions"}
OUTDATED = {"build.sh": (r"-lFuzzingEngine", "-lFuzzingEngine is linked, expected $LIB_FUZZING_ENGINE"),
            "Dockerfile": (r"RUN apt(-get)? install", "packages are installed from an old list, expected apt-get update before")}


def read(text):
    """project.yaml, which is no more than texts and lists of texts: {field: (line, text or list)}."""
    fields, last = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        field, item = re.fullmatch(r"(\w+):\s*(.*?)\s*", line), re.fullmatch(r"\s*-\s+(.*?)\s*", line)
        if field:
            last = field[1]
            fields[last] = (number, field[2].strip("\"'") or [])
        elif item and last and isinstance(fields[last][1], list):
            fields[last][1].append(item[1].strip("\"'"))
    return fields


def field_problems(fields):
    """(line, what is wrong)"""
    found = [(1, f"{name} is missing") for name in TEXTS if name not in fields]
    for name, (line, value) in fields.items():
        if name in TEXTS and not (isinstance(value, str) and re.fullmatch(TEXTS[name], value)):
            found.append((line, f"{name}: '{value}' is not what OSS-Fuzz takes"))
        elif name in LISTS:
            wrong = sorted(set(value) - LISTS[name])
            found += [(line, f"{name}: '{one}' is none of {', '.join(sorted(LISTS[name]))}") for one in wrong]
        elif name not in TEXTS and name not in OTHERS:
            found.append((line, f"{name} is no field of project.yaml"))
    return found


def text_problems(name, text):
    """Of build.sh or Dockerfile: (line, what is wrong)"""
    pattern, wrong = OUTDATED[name]
    found = [] if LICENCE in text else [(1, f"the licence ({LICENCE}) is not named")]
    return found + [(number, wrong) for number, line in enumerate(text.splitlines(), 1) if re.search(pattern, line.split("#")[0])]


def problems(folder):
    """Of the folder of a project: lines `file:line:1: what is wrong`."""
    texts = {name: (folder / name).read_text() for name in ("project.yaml", *OUTDATED)}
    fields = read(texts["project.yaml"])
    found = [f"project.yaml:{line}:1: {what}" for line, what in field_problems(fields)]
    found += [f"{name}:{line}:1: {what}" for name in OUTDATED for line, what in text_problems(name, texts[name])]
    cloned = re.search(r"git clone .*?(\S+://\S+)", texts["Dockerfile"])
    if not cloned or cloned[1] != fields.get("main_repo", (0, ""))[1]:
        found.append(f"Dockerfile:1:1: clones {cloned[1] if cloned else 'nothing'}, expected the main_repo of project.yaml")
    return found
