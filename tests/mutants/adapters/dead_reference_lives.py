"""Wrong on purpose: a weak reference whose object is gone says that it lives."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.OPERATIONS["deref"]


@operations.operation("deref")
def deref(rest):
    return "live" if right(rest) == "dead" else right(rest)


if __name__ == "__main__":
    cpython.main()
