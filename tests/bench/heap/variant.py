"""Makes a copy of src/core that differs in one respect, to measure what that
costs. Nothing of it is shipped.

  unchecked   no handle, slot or block is checked any more; what is wrong is no longer refused
  large       room for 2^24 objects and 2^26 slots, for sizes the shipped one does not hold, and
              almost none for blocks: all tables together stay below two gigabytes

A change is a text that stands exactly once in its file and what it becomes.
When the core is written differently, this fails and says which text is gone.

usage: variant.py unchecked|large SOURCE_CORE OUT_FOLDER"""
import pathlib
import shutil
import sys

UNCHECKED = [
    ("object_state.h", "  return o < RH_OBJECTS && rh_refcnt[o] != 0;\n", "  (void)o;\n  return true;\n"),
    (
        "object.c",
        "  return rh_is_live(o) && i < rh_span[o].len ? rh_slot[rh_span[o].first + i] : 0;\n",
        "  return rh_slot[rh_span[o].first + i];\n",
    ),
    (
        "object.c",
        "  if (!rh_is_live(o) || i >= rh_span[o].len || (v != 0 && !rh_is_live(v))) return RH_SLOT_REFUSED;\n",
        "",
    ),
    ("block.c", "  if (c == 0 || g < RH_POOL_HEADER) return RH_POOL_SPAN;\n", ""),
    (
        "block.c",
        "  return i * c == offset && rh_pool_link[p][i] == RH_LINK_LIVE ? i : RH_POOL_SPAN;\n",
        "  return i;\n",
    ),
    ("block.c", "  if (b >= RH_GRANULES || g % RH_PAGE_GRANULES != 0) return RH_PAGES;\n", ""),
    ("block.c", "  return rh_run_live[f] != 0 ? f : RH_PAGES;\n", "  return f;\n"),
    (
        "address.c",
        "  uint64_t size = rh_block_size(b);\n  if (size == 0) return NULL;\n  rh_poison_show(b, size);\n",
        "",
    ),
    ("address.c", "  if (offset >= sizeof rh_region || offset % RH_GRANULE != 0) return 0;\n", ""),
    ("address.c", "  return rh_block_size(b) == 0 ? 0 : b;\n", "  return b;\n"),
]
LARGE = [
    ("config.h", "  RH_OBJECTS = 1 << 22,\n", "  RH_OBJECTS = 1 << 24,\n"),
    ("config.h", "  RH_SLOTS = 1 << 25,\n", "  RH_SLOTS = 1 << 26,\n"),
    ("config.h", "  RH_ARENAS = 512,\n", "  RH_ARENAS = 8,\n"),
    ("config.h", "  RH_PAGES = 524288,\n", "  RH_PAGES = 65536,\n"),
]
VARIANTS = {"unchecked": UNCHECKED, "large": LARGE}


def change(path, old, new):
    text = path.read_text()
    if text.count(old) != 1:
        sys.exit(f"variant.py: src/core/{path.name} holds {text.count(old)} times, expected once: {old.strip()}")
    path.write_text(text.replace(old, new))


def main(variant, source, out):
    core = pathlib.Path(out) / "core"
    shutil.rmtree(core, ignore_errors=True)
    shutil.copytree(source, core)
    for name, old, new in VARIANTS[variant]:
        change(core / name, old, new)


if len(sys.argv) != 4 or sys.argv[1] not in VARIANTS:
    sys.exit(__doc__)
main(*sys.argv[1:])
