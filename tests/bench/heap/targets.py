"""The targets: refheap's figure divided by that of the named peer, measured in
the same run, is to be at most `limit`. They are goals, never a timed test."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Target:
    id: str
    subject: str
    name: str
    n: int  # 0: every size
    peer: str
    limit: float


TARGETS = [
    Target("T3", "blocks", "w2", 0, "python", 0.30),
    Target("T3", "blocks", "w3", 0, "python", 0.40),
    Target("T3", "blocks", "w3b", 0, "python", 0.25),
    Target("T3", "blocks", "w4", 0, "python", 0.50),
    Target("T4", "blocks", "w1", 0, "python", 1.25),
    Target("T6", "collector", "random alive", 1_000_000, "python", 1 / 50),
    Target("T7", "collector", "random alive", 100_000, "python", 1 / 20),
    Target("T8", "collector", "pairs dead", 1_000_000, "python", 1 / 12),
    Target("T8", "collector", "ring dead", 1_000_000, "python", 1 / 15),
    Target("T9", "collector", "tree alive", 0, "python", 1 / 4),
    Target("T10", "real", "sympy", 0, "python", 1 / 15),
    Target("T10", "real", "json", 0, "python", 1 / 8),
    Target("T11", "young", "tree alive", 0, "python", 1 / 3),
    Target("T12", "mutator", "steps", 1_000, "python", 1 / 1.4),
    Target("T12", "mutator", "steps", 100_000, "python", 1 / 2.3),
    Target("T12", "mutator", "steps", 1_000_000, "python", 1 / 2.8),
    Target("T13", "cascade", "ordered", 0, "python", 1 / 5),
    Target("T13", "cascade", "shuffled", 0, "load", 1.0),
    Target("T14", "collector", "random alive", 0, "unchecked", 1.15),
    Target("T14", "collector", "pairs dead", 1_000_000, "unchecked", 1.15),
    Target("T14", "collector", "ring dead", 1_000_000, "unchecked", 1.15),
    Target("T14", "collector", "tree alive", 0, "unchecked", 1.15),
    Target("T14", "blocks", "w3", 0, "unchecked", 1.3),
    Target("T14", "blocks", "w3b", 0, "unchecked", 1.3),
]


def find(row, peer):
    """The target of this row of the record against this peer, or None."""
    for target in TARGETS:
        same = target.subject == row["subject"] and target.name == row["name"] and target.peer == peer
        if same and target.n in (0, row["n"]):
            return target
    return None
