"""Wrong on purpose: after a resurrection the finalizer runs again at the next
death, as it did before PEP 442.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.finalize
labels = {}  # id of a shadow -> label of the object it dies with

Shadow = operations.native.type_without_gc("shadow")
Shadow.__del__ = lambda self: operations.log.append("del:" + labels[id(self)])


def finalize(self):
    right(self)
    if any(root.held is self for root in operations.roots.values()):
        self.c = Shadow()
        labels[id(self.c)] = operations.labels[id(self)]


operations.Fin.__del__ = finalize


if __name__ == "__main__":
    cpython.main()
