"""Wrong on purpose: a list releases its items from first to last."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402


class FrontList(list):
    __slots__ = ()

    def __del__(self):
        while self:
            del self[0]


FrontList.__name__ = "list"
operations.KINDS["list"] = lambda label, rest: FrontList()
for name in ("LISTS", "GROWING", "SIZED", "CLEARABLE", "COPYABLE"):
    setattr(operations, name, getattr(operations, name) | {FrontList})


if __name__ == "__main__":
    cpython.main()
