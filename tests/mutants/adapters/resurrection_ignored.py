"""Wrong on purpose: what a finalizer resurrects is lost with the operation."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.finalize


def finalize(self):
    bound = {name for name, root in operations.roots.items() if root.held is self}
    right(self)
    for name, root in operations.roots.items():
        if root.held is self and name not in bound and name != "self":
            root.held = None


operations.Fin.__del__ = finalize


if __name__ == "__main__":
    cpython.main()
