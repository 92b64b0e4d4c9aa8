"""The table, and the short one of the main README: text made of the record (heap.json) and of nothing else."""
import plan
import targets

TITLES = {
    "w1": "w1  LIFO pairs, 48 B",
    "w1b": "w1b LIFO 64 deep, 1..512 B",
    "w2": "w2  random of 10,000, 1..512 B",
    "w3": "w3  batch of 10^6, 48 B",
    "w3b": "w3b batch of 10^6, 1..512 B",
    "w4": "w4  FIFO of 100,000, 1..512 B",
    "w4b": "w4b FIFO of 100,000, 48 B",
    "imports": "asyncio, http.server, unittest",
    "json": "a document of JSON",
    "sympy": "sympy imported",
    "steps": "steps, variables:",
    "ordered": "in order of allocation",
}
HEADINGS = {"refheap-at": "by addr", "python": "CPython", "nothing": "no-op", "load": "load", "unchecked": "no checks"}
WIDTH = 30
EXTRACT = [  # heading, figure, rows of the short table
    (
        "full collection, ns for each object",
        "ns",
        [
            *(("collector", name, 1_000_000) for name in ("pairs dead", "ring dead", "tree alive", "random alive")),
            *(("real", name, 0) for name in plan.PROGRAMS),
        ],
    ),
    ("release of a chain, ns for each object", "ns", [("cascade", "ordered", 1_000_000)]),
    ("blocks, ns for each operation", "ns", [("blocks", name, 0) for name in ("w1", "w2", "w3")]),
    ("blocks, resident bytes for each live byte", "resident", [("blocks", "w3", 0)]),
]


def figure(row, peer, field="ns"):
    return row["peers"].get(peer, {}).get(field)


def number(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def title(row):
    size = f"{row['n']:,}" if row["n"] else ""
    name = TITLES.get(row["name"], row["name"])
    return f"{name:<{WIDTH - len(size) - 1}} {size}" if size else f"{name:<{WIDTH}}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


class Table:
    def __init__(self, record):
        self.record = record
        self.lines = []
        self.judged = []

    def rows(self, subject):
        return [row for row in self.record["rows"] if row["subject"] == subject]

    def say(self, line=""):
        self.lines.append(line.rstrip())

    def head(self, text, peers, field="ns"):
        self.say()
        self.say(text)
        names = "".join(f"{HEADINGS.get(peer, peer):>10}" for peer in peers)
        self.say(f"{'':<{WIDTH}}{names}{'ratio':>8}" + (f"{'target':>15}" if field == "ns" else ""))

    def verdict(self, row, peer, value):
        target = targets.find(row, peer)
        if target is None or value is None or self.record["divide"] != 1:
            return ""
        met = value <= target.limit
        self.judged.append(met)
        return f"   {target.id:<4} {ratio(target.limit):>6} {'met' if met else 'missed'}"

    def line(self, row, peers, anchor, field="ns"):
        mine, other = figure(row, peers[0], field), figure(row, anchor, field)
        value = mine / other if mine is not None and other else None
        figures = "".join(f"{number(figure(row, peer, field)):>10}" for peer in peers)
        judged = self.verdict(row, anchor, value) if field == "ns" else ""
        self.say(f"{title(row)}{figures}{ratio(value):>8}{judged}")

    def section(self, text, rows, peers, anchor="python", field="ns"):
        self.head(text, peers, field)
        for row in rows:
            self.line(row, peers, anchor, field)

    def header(self):
        record = self.record
        self.say(f"{record['date']}, commit {record['commit']}, {record['processor']}, {record['system']}")
        self.say(
            f"{record['compiler']}, preset release; median of {record['rounds']} interleaved rounds on one core;"
            f" load before {record['load_before']}, after {record['load_after']}"
        )
        self.say("; ".join(f"{peer} {version}" for peer, version in sorted(record["versions"].items())))
        if record["divide"] != 1:
            self.say(f"SHORT: every size divided by {record['divide']}")
        for peer in record["without"]:
            self.say(f"NOT MEASURED: {peer}, left out on request")
        self.say("Processor time in nanoseconds; ratio: refheap divided by CPython unless said otherwise; smaller is better.")

    def collectors(self):
        every = self.rows("collector")
        compared = [row for row in every if "python" in row["peers"]]
        peers = ["refheap", "python", "lua", "quickjs", "boehm"]
        self.section("full collection, ns for each object; boehm marks only, it sweeps later", compared, peers)
        self.say("worn: a random graph of as many objects lived and died in the heap before")
        self.section(
            "full collection of real heaps, ns for each object that is tracked", self.rows("real"), ["refheap", "python"]
        )
        self.section(
            "collection of the youngest, all alive, ns for each object", self.rows("young"), ["refheap", "python"]
        )

    def cascades(self):
        peers = ["refheap", "python", "malloc", "load"]
        self.head("release of a chain, ns for each object; load: the same chain only walked, the limit if shuffled", peers)
        for row in self.rows("cascade"):
            shuffled = row["name"] == "shuffled"
            self.line(row, peers, "load" if shuffled else "python")
            if shuffled:
                self.say(f"{'':<{WIDTH}}the ratio of `shuffled` is to load")

    def blocks(self):
        rows = self.rows("blocks")
        peers = [peer for peer in plan.BLOCKS if peer != "unchecked"]
        self.section("blocks, ns for each operation; refheap by handle and by address", rows, peers)
        peers = [peer for peer in peers if peer != "nothing"]
        resident = [row for row in rows if row["name"] in ("w2", "w3", "w3b", "w4", "w4b")]
        self.section("blocks, resident bytes for each live byte", resident, peers, field="resident")

    def checks(self):
        rows = [row for row in self.record["rows"] if "unchecked" in row["peers"]]
        self.section(
            "cost of the checks: the same code with and without them, ns; ratio: with / without",
            rows,
            ["refheap", "unchecked"],
            "unchecked",
        )

    def growth(self):
        every = self.rows("collector")
        self.say()
        self.say("growth: million objects a second, full collection by refheap")
        sizes = sorted({row["n"] for row in every})
        self.say(f"{'':<{WIDTH}}" + "".join(f"{size:>13,}" for size in sizes))
        for name in plan.GROWTH:
            self.say(f"{name:<{WIDTH}}" + "".join(f"{self.speed(every, name, size):>13}" for size in sizes))
        self.say(f"shipped: room for {plan.SHIPPED - 1:,} objects; above, the same source with capacities of 2^24 objects")

    def speed(self, rows, name, size):
        for row in rows:
            if row["name"] == name and row["n"] == size:
                ns = figure(row, "refheap") or figure(row, plan.LARGE)
                return f"{1000 / ns:.1f}"
        return "-"

    def all(self):
        self.header()
        self.collectors()
        self.cascades()
        self.section("mutator, every handle checked, ns for each step", self.rows("mutator"), ["refheap", "python"])
        self.blocks()
        self.checks()
        self.growth()
        if self.judged:
            self.say()
            self.say(f"targets: {sum(self.judged)} of {len(self.judged)} met")
        return "\n".join(self.lines)


def compared(mine, other, field):
    """How refheap stands beside CPython, in words."""
    if field != "ns":
        return f"{mine / other:.2f} times as much"
    if 0.95 < other / mine < 1.05:
        return "as fast"
    return f"{other / mine:.1f} times as fast" if other > mine else f"{mine / other:.1f} times as slow"


def text(record):
    return Table(record).all()


def extract(record):
    """The short table. Every row must be in the record."""
    rows = {(row["subject"], row["name"], row["n"]): row for row in record["rows"]}
    table = Table(record)
    table.all()
    lines = [
        f"{record['date']}, commit {record['commit']}, {record['processor']}, CPython {record['versions']['python']}",
        f"processor time, median of {record['rounds']} rounds; load before {record['load_before']},"
        f" after {record['load_after']}; targets: {sum(table.judged)} of {len(table.judged)} met",
    ]
    for heading, field, keys in EXTRACT:
        lines += ["", f"{heading:<44}refheap   CPython   refheap is"]
        for key in keys:
            mine, other = (figure(rows[key], peer, field) for peer in ("refheap", "python"))
            lines.append(f"  {title(rows[key]):<39}{number(mine):>10}{number(other):>10}   {compared(mine, other, field)}")
    return "\n".join(lines)
