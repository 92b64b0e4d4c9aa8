#!/usr/bin/env python3
"""Fuzzes refheap for a while, and says what it found.

Builds what it needs, lets libFuzzer and AFL++ work on every target with a
shared corpus, then reproduces each failure, makes its input small, tells
failures apart by what they say, and writes OUT/report.md, report.json,
growth.svg and OUT/findings/<target>-<n>/{input,readable.txt,how.txt}.
Called again with the same --out it goes on where it ended. An interrupt ends
the fuzzing; the report is written all the same.

examples:
  ci/fuzz --minutes 30                              every target, two engines, all cores
  ci/fuzz --minutes 5 --target core --engine libfuzzer
  ci/fuzz --minutes 30 --until-found                ends with the first failure, for trying a bug
  ci/fuzz --minutes 600 --jobs 8 --out night        and tomorrow the same: resumes
  ci/fuzz --minutes-each 1 --engine libfuzzer       a minute for each target, shared by its workers
  ci/fuzz --minutes 60 --corpus /mnt/shared/corpus  exchanges inputs with other machines
  ci/fuzz --minutes 10 --python                     every CPython with a shared library against refheap
  ci/fuzz --minutes 10 --python /opt/python3.12     this one: a prefix, or the program; writes OUT/pythons.md and .json
  ci/fuzz --regress                                 replays fuzz/corpus and fuzz/regress, in a minute
  ci/fuzz --corpus-coverage                         what fuzz/corpus and fuzz/regress reach, and why not the rest
  ci/fuzz --self-check                              what no committed input exercises, of the language and of the harnesses
  ci/fuzz --oss-fuzz-check                          builds as OSS-Fuzz does, applies its rules
  ci/fuzz --distil --out night                      fills fuzz/corpus from a campaign
  ci/fuzz --answers --target explain                learns what a target says of the committed inputs, after a change of that
  ci/fuzz --speed --target core                     executions a second of processor time

exit code: 0 nothing found, 1 something found or too slow, 2 wrong usage, 3 a tool is missing or a build fails
"""
import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import answers  # noqa: E402
import campaign  # noqa: E402
import common  # noqa: E402
import corpus  # noqa: E402
import exercised  # noqa: E402
import oss_fuzz  # noqa: E402
import pythons  # noqa: E402
import speed  # noqa: E402
import unreached  # noqa: E402


def positive(kind):
    def read(text):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if value <= 0:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
        return value
    return read


def parser():
    parse = argparse.ArgumentParser(prog="ci/fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parse.add_mutually_exclusive_group(required=True)
    what.add_argument("--minutes", type=positive(float), metavar="N", help="fuzz for so long by the clock (0.5 is half a minute)")
    what.add_argument("--minutes-each", type=positive(float), metavar="N", help="fuzz for so long that each target gets N minutes")
    what.add_argument("--regress", action="store_true", help="replay the committed corpus")
    what.add_argument("--corpus-coverage", action="store_true",
                      help="check what the committed corpus does not reach against fuzz/unreached.txt")
    what.add_argument("--self-check", action="store_true",
                      help="check what the committed corpus exercises: operations, observations, rules, verdicts, harnesses")
    what.add_argument("--oss-fuzz-check", action="store_true", help="build as OSS-Fuzz does and apply its rules")
    what.add_argument("--distil", action="store_true", help="choose inputs of a campaign for fuzz/corpus")
    what.add_argument("--answers", action="store_true", help="learn the known answers to the committed corpus anew")
    what.add_argument("--speed", action="store_true", help="measure how fast libFuzzer runs targets with and without sanitizers")
    parse.add_argument("--python", nargs="*", metavar="PREFIX", help="with --minutes: hunt differences between CPythons and refheap")
    parse.add_argument("--jobs", type=positive(int), default=os.cpu_count() or 1, metavar="N",
                       help="workers at a time; default: all cores")
    parse.add_argument("--target", nargs="+", metavar="T", help="targets, as core blocks; default: all")
    parse.add_argument("--engine", choices=("libfuzzer", "afl", "both"), default="both", help="default: both")
    parse.add_argument("--until-found", action="store_true", help="with --minutes: end as soon as an input has failed")
    parse.add_argument("--corpus", metavar="DIR", help="a shared corpus, DIR/<target>; default: OUT/corpus")
    parse.add_argument("--out", metavar="DIR", default=str(common.ROOT / "build" / "campaign"), help="default: build/campaign")
    parse.add_argument("--no-coverage", dest="coverage", action="store_false", help="a report without coverage and operations")
    parse.add_argument("--configurations", nargs="+", metavar="E/S",
                       help="of --oss-fuzz-check: libfuzzer/address and so on; default: all six")
    parse.add_argument("--build-script", metavar="FILE", help="of --oss-fuzz-check; default: fuzz/oss-fuzz/build.sh")
    return parse


def regress(args):
    common.need("cmake", "ninja", "gcc")
    build = common.Build("replay", args.jobs).configure()
    targets = common.choose(build.targets(), args.target)
    build.make(*(f"{target.name}_fuzzer" for target in targets))
    failures = corpus.replay(build, targets, print)
    for target, path, said in failures:
        print(f"{target.name}: {said}\n  build/replay/fuzz/{target.name}_fuzzer {common.shown(path)}")
    unknown = [problem for target in targets for problem in answers.problems(target)]
    print("".join(f"{problem}; `ci/fuzz --answers` learns it\n" for problem in unknown), end="")
    return 1 if failures or unknown else 0


def distil(args):
    common.need("cmake", "ninja", "afl-clang-fast", "afl-showmap")
    build, out = common.Build("afl", args.jobs).configure(), pathlib.Path(args.out).resolve()
    targets = common.choose(build.targets(), args.target)
    build.make("fuzz_seeds", *(f"{target.name}_fuzzer" for target in targets))
    for target in targets:
        folders = [out / "corpus" / target.name, *common.committed(target.name), build.seeds(target.name)]
        corpus.distil(build, target, folders, lambda path, name=target.name: exercised.words_of(build, name, path), print)
    size = sum(path.stat().st_size for folder in corpus.COMMITTED.iterdir() for path in common.files_in(folder))
    print(f"distil: {size} bytes in all")
    return answers.run(args, print) if size < corpus.TOTAL_MAX else 1


def main():
    args = parser().parse_args()
    try:
        if args.python is not None and not args.minutes:
            raise common.Usage("--python goes with --minutes")
        if args.until_found and not args.minutes:
            raise common.Usage("--until-found goes with --minutes")
        if args.regress:
            return regress(args)
        if args.corpus_coverage:
            return unreached.run(args.jobs, print)
        if args.self_check:
            return exercised.run(args.jobs, print)
        if args.oss_fuzz_check:
            return oss_fuzz.check(args.configurations, args.build_script, args.target)
        if args.speed:
            return speed.command(args, print)
        if args.distil:
            return distil(args)
        if args.answers:
            return answers.run(args, print)
        return campaign.run(args) if args.python is None else pythons.run(args)
    except common.Usage as wrong:
        print(f"ci/fuzz: {wrong}", file=sys.stderr)
        return 2
    except common.Missing as missing:
        print(f"ci/fuzz: {missing}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
