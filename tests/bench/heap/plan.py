"""What the heap benchmarks measure: which program with which arguments.

A measurement is one peer at one case; the case is a subject ("collector"), a
name ("ring dead") and a size. Every peer of a case gets the same arguments."""
import dataclasses
import os
import sys

COLLECTORS = ["refheap", "unchecked", "python", "lua", "quickjs", "boehm"]
CASCADES = ["refheap", "unchecked", "python", "malloc", "load"]
MUTATORS = ["refheap", "unchecked", "python"]
BLOCKS = ["refheap", "refheap-at", "unchecked", "python", "glibc", "mimalloc", "jemalloc", "tcmalloc", "nothing"]

GRAPHS = ["pairs dead", "ring dead", "tree alive", "random alive", "random dead"]
GROWTH = ["ring dead", "tree alive", "random alive", "random dead"]
WORKLOADS = ["w1", "w1b", "w2", "w3", "w3b", "w4", "w4b"]
PROGRAMS = ["imports", "sympy", "json"]
STEPS = 4_000_000
WARM = 1  # repeats that are not counted: they touch memory for the first time
SMALL = 200_000  # cases below are repeated more often

LARGE = "large"  # refheap with capacities that the shipped one has not; for sizes above them
SHIPPED = 1 << 22  # objects the shipped configuration has handles for


@dataclasses.dataclass(frozen=True)
class Case:
    subject: str
    name: str
    n: int


@dataclasses.dataclass(frozen=True)
class Measurement:
    case: Case
    peer: str
    command: tuple


class Plan:
    """The measurements, for programs in `build`, sizes divided by `divide`."""

    def __init__(self, build, python, divide, without):
        self.build, self.python, self.divide = build, python, divide
        self.without = without
        self.here = os.path.dirname(os.path.abspath(__file__))
        self.measurements = []

    def size(self, n):
        return max(n // self.divide, 100)

    def program(self, subject, peer):
        if peer == "python":
            module = os.path.join(self.build, f"{subject}_python.so")
            return [self.python, os.path.join(self.here, "python_host.py"), module]
        return [os.path.join(self.build, f"{subject}_{peer}")]

    def add(self, subject, name, n, peers, arguments):
        case = Case(subject, name, n)
        for peer in peers:
            if peer not in self.without:
                command = [*self.program(subject, peer), *map(str, arguments)]
                self.measurements.append(Measurement(case, peer, tuple(command)))

    def collectors(self):
        for n in map(self.size, (100_000, 1_000_000)):
            for name in GRAPHS:
                self.add("collector", name, n, COLLECTORS, [*name.split(), n, repeats(n)])
        n = self.size(1_000_000)
        self.add("collector", "tree alive worn", n, COLLECTORS, ["tree", "alive", n, 2, "worn"])

    def growth(self):
        for n in map(self.size, (10_000, 4_000_000, 10_000_000)):
            peer = LARGE if n >= SHIPPED else "refheap"
            for name in GROWTH:
                self.add("collector", name, n, [peer], [*name.split(), n, repeats(n)])

    def young(self):
        for n in (700, 2_000, 10_000):
            self.add("young", "tree alive", n, ["refheap", "python"], [n, 4])

    def cascades(self):
        n = self.size(1_000_000)
        for order in ("ordered", "shuffled"):
            self.add("cascade", order, n, CASCADES, [order, n, 3])

    def mutators(self):
        for n in (1_000, 100_000, 1_000_000):
            roots = min(n, self.size(1_000_000))
            self.add("mutator", "steps", roots, MUTATORS, [roots, self.size(STEPS), 2])

    def blocks(self):
        for workload in WORKLOADS:
            self.add("blocks", workload, 0, BLOCKS, [workload, self.divide, 2])

    def real(self, folder):
        """Snapshots are in `folder`, as PROGRAM.hg1."""
        script = os.path.join(self.here, "real_heap.py")
        for program in PROGRAMS:
            case = Case("real", program, 0)
            snapshot = os.path.join(folder, f"{program}.hg1")
            refheap = [*self.program("real", "refheap"), snapshot, program, "6"]
            self.measurements.append(Measurement(case, "refheap", tuple(refheap)))
            self.measurements.append(Measurement(case, "python", (self.python, script, "collect", program, "6")))

    def take_snapshots(self, folder, run):
        for program in PROGRAMS:
            out = os.path.join(folder, f"{program}.hg1")
            run([self.python, os.path.join(self.here, "real_heap.py"), "snapshot", program, out])

    def version_commands(self):
        for subject, peers in (("collector", COLLECTORS[2:]), ("blocks", BLOCKS[4:-1])):
            for peer in peers:
                if peer not in self.without:
                    yield [*self.program(subject, peer), "version"]


def repeats(n):
    return WARM + (4 if n < SMALL else 1)


def make(build, python, divide, without, folder):
    plan = Plan(build, python, divide, without)
    plan.collectors()
    plan.real(folder)
    plan.young()
    plan.cascades()
    plan.mutators()
    plan.blocks()
    plan.growth()
    return plan


if __name__ == "__main__":
    sys.exit("plan.py is a part of heap.py")
