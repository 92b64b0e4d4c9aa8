"""Wrong on purpose: the callbacks of one object's weak references run oldest first."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right_make = operations.make_weak_reference
right_death = operations.on_death
groups = {}  # id of a referent -> ids of its references with callback, oldest first
group_of = {}  # id of a reference -> id of its referent
waiting = {}  # id of a referent -> its dead references


def make_weak_reference(make, name, rest):
    made = right_make(make, name, rest)
    if operations.after_first(rest):
        key = id(made())
        groups.setdefault(key, []).append(id(made))
        group_of[id(made)] = key
    return made


def on_death(ref):
    key = group_of[id(ref)]
    waiting.setdefault(key, {})[id(ref)] = ref
    if len(waiting[key]) == len(groups[key]):
        for one in groups.pop(key):
            right_death(waiting[key].pop(one))


operations.make_weak_reference = make_weak_reference
operations.on_death = on_death


if __name__ == "__main__":
    cpython.main()
