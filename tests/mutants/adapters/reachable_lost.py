"""Wrong on purpose: a collection forgets that slots of older objects are
references: what only they hold is gone.
"""
import gc
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.OPERATIONS["collect"]


@operations.operation("collect")
def collect(rest):
    answer = right(rest)
    for found in gc.get_objects():
        if type(found) is operations.Node and hasattr(found, "a") and type(found.a) is operations.Fin:
            del found.a
    return answer


if __name__ == "__main__":
    cpython.main()
