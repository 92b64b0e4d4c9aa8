"""Wrong on purpose: interning gives the string itself, not the canonical object."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402


@operations.maker("intern")
def make_intern(name, rest):
    target = operations.find(rest)
    if target is not operations.MISSING and type(target) is not str:
        raise TypeError
    return target


if __name__ == "__main__":
    cpython.main()
