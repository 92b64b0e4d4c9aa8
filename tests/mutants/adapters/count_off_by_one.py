"""Wrong on purpose: reports one reference too many."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.OPERATIONS["refs"]


@operations.operation("refs")
def refs(rest):
    answer = right(rest)
    return answer if answer == operations.SKIP else str(int(answer) + 1)


if __name__ == "__main__":
    cpython.main()
