#!/usr/bin/env python3
"""Takes a snapshot of the heap of a real program: its object graph, in format
HG1 (specs/interpreting.md, section "Heap snapshots"). `refheap gen
--from-snapshot` makes a trace of it. Standard library only, CPython 3.9+.

usage: heapsnap.py [--program bare|imports|json] OUT

  bare     the interpreter as it starts
  imports  asyncio, http.server and unittest imported (default)
  json     a document of several megabytes loaded

The snapshot holds every object the collector tracks and everything those lead
to. Checked on the way: each object has at least as many references as edges
lead to it. An immortal object has no count to check; an untracked one may be
used by native code that does not count. For a tracked object it is an error.

The invariant while counting: the snapshot's own references to an object are
exactly one, its entry in `objects`; ids and edges are kept in arrays of
numbers, because even a list of small integers is a holder of references.
"""
import argparse
import array
import collections
import gc
import re
import sys

IMMORTAL = 500_000_000  # reported counts above this are marks, not counts


def run_bare():
    return None


def run_imports():
    import asyncio
    import http.server
    import unittest

    return asyncio, http.server, unittest


def run_json():
    """The same document in every run: records of every JSON type, nested."""
    import json

    state = 1
    parts = []
    for number in range(20_000):
        state = (state * 1103515245 + 12345) % 2**31
        record = {
            "id": number,
            "name": "record %d" % state,
            "ratio": state / 7,
            "tags": ["t%d" % (state % 50), "u%d" % (state % 1000)],
            "place": {"x": state % 1000, "y": -number, "known": state % 2 == 0},
            "next": None,
        }
        parts.append(json.dumps(record))
    return json.loads("[" + ",".join(parts) + "]")


PROGRAMS = {"bare": run_bare, "imports": run_imports, "json": run_json}


class Graph:
    """Objects by dense id; the edges of object i are targets[first[i]:first[i+1]]."""

    __slots__ = ("objects", "first", "targets", "counts")

    def __init__(self):
        self.objects = gc.get_objects()  # does not contain itself
        self.first = array.array("Q", [0])
        self.targets = array.array("I")
        self.counts = array.array("Q")
        self.find_edges()
        self.count_references()

    def find_edges(self):
        """Follows references breadth first; what is met is appended to `objects`."""
        objects = self.objects
        own = id(self)  # what holds the snapshot is no part of it
        ids = {id(found): number for number, found in enumerate(objects)}
        done = 0
        while done < len(objects):
            if id(objects[done]) != own:
                for target in gc.get_referents(objects[done]):
                    number = ids.get(id(target))
                    if number is None:
                        number = ids[id(target)] = len(objects)
                        objects.append(target)
                    self.targets.append(number)
            self.first.append(len(self.targets))
            done += 1

    def count_references(self):
        for number in range(len(self.objects)):
            # Less the entry in `objects` and the argument.
            self.counts.append(sys.getrefcount(self.objects[number]) - 2)

    def write(self, out):
        out.write("HG1 %d %d\n" % (len(self.objects), len(self.targets)))
        for number, found in enumerate(self.objects):
            edges = self.targets[self.first[number] : self.first[number + 1]]
            flags = ("g" if gc.is_tracked(found) else "") + ("i" if self.counts[number] > IMMORTAL else "")
            kind = re.sub(r"\W", "_", type(found).__name__, flags=re.ASCII)
            fields = number, kind, flags or "-", self.counts[number], sys.getsizeof(found, 0), len(edges)
            out.write(" ".join(map(str, fields + tuple(edges))) + "\n")


class Checks:
    """The identity references = edges + references from outside, per object."""

    def __init__(self, graph):
        edges = collections.Counter(graph.targets)
        self.tracked = self.internal = self.immortal = 0
        self.exceptions = []  # (id, references, edges) of what has too few
        for number, found in enumerate(graph.objects):
            count = graph.counts[number]
            tracked = gc.is_tracked(found)
            self.tracked += tracked
            self.internal += tracked and count == edges[number]
            if count > IMMORTAL:
                self.immortal += 1
            elif count < edges[number]:
                self.exceptions.append((number, count, edges[number]))

    def report(self, program, graph):
        """Says what was found; false when a tracked object breaks the identity."""
        print(
            "heapsnap: %s: %d objects, %d tracked, %d edges; %d immortal; %d of the tracked referred to only from inside"
            % (program, len(graph.objects), self.tracked, len(graph.targets), self.immortal, self.internal)
        )
        good = True
        for number, count, edges in self.exceptions:
            found = graph.objects[number]
            tracked = gc.is_tracked(found)
            good = good and not tracked
            print(
                "heapsnap: exception: object %d (%s, %s) has %d references, but %d edges lead to it"
                % (number, type(found).__name__, "tracked" if tracked else "untracked", count, edges)
            )
        return good


def main():
    parser = argparse.ArgumentParser(description="Takes a snapshot of the heap of a program, in format HG1.")
    parser.add_argument("--program", choices=sorted(PROGRAMS), default="imports")
    parser.add_argument("out", metavar="OUT")
    options = parser.parse_args()
    kept = PROGRAMS[options.program]()
    gc.collect()
    gc.disable()
    graph = Graph()
    good = Checks(graph).report(options.program, graph)
    with open(options.out, "w") as out:
        graph.write(out)
    del kept
    sys.exit(not good)


if __name__ == "__main__":
    main()
