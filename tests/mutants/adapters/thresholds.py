"""Wrong on purpose: the default thresholds are another version's."""
import gc
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above

gc.set_threshold(gc.get_threshold()[0] + 1, 10, 10)


if __name__ == "__main__":
    cpython.main()
