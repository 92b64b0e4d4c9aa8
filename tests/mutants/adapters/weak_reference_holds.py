"""Wrong on purpose: a weak reference keeps its object alive."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adapters"))
import cpython  # noqa: E402  the path is set by the line above
import cpython_operations as operations  # noqa: E402

right = operations.make_weak_reference
held = []


def make_weak_reference(make, name, rest):
    held.append(operations.find(operations.first_word(rest)))
    return right(make, name, rest)


operations.make_weak_reference = make_weak_reference


if __name__ == "__main__":
    cpython.main()
