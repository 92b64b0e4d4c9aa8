"""Wrong on purpose: every integer value exists once."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

values = {}
operations.KINDS["int"] = lambda label, rest: values.setdefault(int(rest), int(rest))


if __name__ == "__main__":
    cpython.main()
