"""Wrong on purpose: the finalizer of an object runs twice."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.finalize


def finalize(self):
    right(self)
    right(self)


operations.Fin.__del__ = finalize


if __name__ == "__main__":
    cpython.main()
