"""Wrong on purpose: finalizers never run."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = cpython.warm_up


def warm_up():
    right()
    operations.Fin.__del__ = lambda self: None


cpython.warm_up = warm_up


if __name__ == "__main__":
    cpython.main()
