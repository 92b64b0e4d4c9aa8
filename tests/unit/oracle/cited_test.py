#!/usr/bin/env python3
"""Every rule that an explanation or a piece of evidence cites is one: usage: cited_test.py ROOT"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1]) / "src"
known = set(re.findall(r'^RULE\("([A-Z]+-\d+)"', (source / "rules" / "rules.def").read_text(), re.M)) | {"LANG-1"}
cited = {(path.name, rule) for path in source.glob("oracle/explain*.c")
         for rule in re.findall(r'"([A-Z]{2,4}-\d+)"', path.read_text())}
cited |= {(path.name, rule) for folder in ("runtime", "oracle") for path in (source / folder).glob("*.c")
          for rule in re.findall(r'rh_because\(\s*"([^"]*)"', path.read_text())}
unknown = sorted(f"{name}: {rule} is no rule" for name, rule in cited if rule not in known)
print("\n".join(unknown) or f"{len({rule for _, rule in cited})} of {len(known)} rules are cited, all of them exist")
sys.exit(bool(unknown) or len(cited) < 30)
