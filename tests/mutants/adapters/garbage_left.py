"""Wrong on purpose: a collection finds nothing."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402


@operations.operation("collect")
def collect(rest):
    return "0" if not rest or 0 <= int(rest) <= 2 else "ValueError"


if __name__ == "__main__":
    cpython.main()
