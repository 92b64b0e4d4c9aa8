"""Wrong on purpose: a young collection collects everything."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.OPERATIONS["collect"]


@operations.operation("collect")
def collect(rest):
    return right("2" if rest in ("0", "1") else rest)


if __name__ == "__main__":
    cpython.main()
