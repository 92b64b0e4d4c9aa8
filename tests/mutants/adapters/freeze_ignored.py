"""Wrong on purpose: freezing does nothing, frozen garbage is collected."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402


@operations.operation("freeze")
def freeze(rest):
    return None


if __name__ == "__main__":
    cpython.main()
