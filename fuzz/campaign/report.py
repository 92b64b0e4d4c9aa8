"""report.md, report.json and growth.svg of a campaign."""
import html
import json

COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf")
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 280, 64, 28, 150, 36


# ---- the plot ----

def nice_step(limit, steps=5):
    """A step of 1, 2 or 5 times a power of ten, so that about `steps` of them reach the limit."""
    step = 1
    while limit / step > steps:
        step *= 2 if str(step)[0] in "15" else 2.5
        step = int(step)
    return step


def panel(title, series, top):
    """One diagram at height `top`; series: {name: [(seconds, value)]}."""
    x_end = max((x for points in series.values() for x, _ in points), default=0) or 1
    y_end = max((y for points in series.values() for _, y in points), default=0) or 1

    def place(x, y):
        right, up = x / x_end * (WIDTH - LEFT - RIGHT), y / y_end * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + right, 1), round(top + HEIGHT - BOTTOM - up, 1)

    parts = [f'<text x="{LEFT}" y="{top + 16}" font-weight="bold">{html.escape(title)}</text>']
    for y in range(0, int(y_end) + 1, nice_step(y_end)):
        _, at = place(0, y)
        parts.append(f'<path d="M{LEFT} {at}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{y}</text>')
    for x in range(0, int(x_end) + 1, nice_step(x_end)):
        at, _ = place(x, 0)
        parts.append(f'<text x="{at}" y="{top + HEIGHT - BOTTOM + 16}" text-anchor="middle">{x} s</text>')
    for i, (name, points) in enumerate(sorted(series.items())):
        colour = COLOURS[i % len(COLOURS)]
        line = " ".join(f"{x},{y}" for x, y in (place(*point) for point in points))
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{line}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{top + TOP + 14 * i + 8}" fill="{colour}">{html.escape(name)}</text>')
    return parts


def plot(samples):
    """Inputs and edges over time. samples: [{"seconds", "targets": {name: {"inputs", "edges"}}}]"""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{2 * HEIGHT}" font-family="sans-serif" font-size="11">',
             '<rect width="100%" height="100%" fill="white"/>']
    for i, (key, title) in enumerate((("inputs", "corpus: inputs"), ("edges", "coverage: edges, as libFuzzer counts them"))):
        series = {}
        for sample in samples:
            for name, values in sample["targets"].items():
                series.setdefault(name, []).append((sample["seconds"], values[key]))
        parts += panel(title, series, i * HEIGHT)
    return "\n".join(parts + ["</svg>"]) + "\n"


# ---- tables ----

def table(head, rows):
    """A Markdown table; columns of numbers are aligned to the right."""
    numeric = [all(str(row[i])[:1].isdigit() or row[i] in ("", "-") for row in rows) and i > 0 for i in range(len(head))]
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join("---:" if right else "---" for right in numeric) + "|"]
    return lines + ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows] + [""]


def percent(counts):
    if not counts["all"]:
        return "-"
    return f"{100 * counts['reached'] / counts['all']:.1f} % ({counts['reached']}/{counts['all']})"


def speed(executions, seconds):
    return f"{executions / seconds:,.0f}" if seconds else "-"


def findings_part(report):
    lines = ["## Findings", ""]
    if not report["findings"]:
        lines += ["None.", ""]
    for finding in report["findings"]:
        first = finding["readable_lines"][-12:]
        lines += [f"### {finding['folder'].rsplit('/', 1)[-1]}: {finding['reason']}", "",
                  f"`{finding['says']}`; {finding['size']} bytes ({finding['size_found']} as found), {finding['count']} inputs, "
                  f"found by {finding['found_by']}.", "", "    " + finding["reproduce"], "",
                  *("    " + line for line in first), ""]
    if report["lost"]:
        lines += ["Saved by an engine, but no failure any more:", "", *(f"- {line}" for line in report["lost"]), ""]
    if report["broken"]:
        lines += ["Workers that could not work:", "", *(f"- {line}" for line in report["broken"]), ""]
    return lines


def coverage_part(report):
    coverage = report.get("coverage")
    if not coverage:
        return ["## Coverage", "", "Not measured (`--no-coverage`).", ""]
    conditions = report.get("conditions", {})
    lines = ["## Coverage of the corpus", ""]
    lines += table(("folder", "lines", "branches", "MC/DC"), [
        (layer, percent(values["lines"]), percent(values["branches"]), percent(conditions[layer]) if layer in conditions else "-")
        for layer, values in coverage["layers"].items()])
    if "needs" in conditions:
        lines += [f"MC/DC is not measured here: it needs {conditions['needs']}.", ""]
    lines += ["By target, lines:", ""]
    layers = list(coverage["layers"])
    lines += table(("target", *layers), [(name, *(percent(values[layer]["lines"]) for layer in layers))
                                         for name, values in coverage["targets"].items()])
    if coverage["failed"]:
        lines += ["Inputs of the corpus that fail:", "", *(f"- {name}" for name in coverage["failed"]), ""]
    lines += ["<details><summary>What no input reached</summary>", ""]
    lines += table(("file", "lines", "lines with a branch that goes one way"),
                   [(name, values["lines"] or "-", values["branches"] or "-") for name, values in coverage["missed"].items()])
    return lines + ["</details>", ""]


def operations_part(report):
    lines = ["## Operations", "", "How often the inputs of the corpus do each operation, rarest first (of large corpora, of a part).", ""]
    for name, counts in report.get("operations", {}).items():
        rare_first = sorted(counts.items(), key=lambda item: item[1])
        lines.append(f"- `{name}`: " + (", ".join(f"{operation} {count}" for operation, count in rare_first) or "says nothing"))
    return [*lines, ""]


def markdown(report):
    """The report as a page."""
    totals = report["totals"]
    verdict = f"{len(report['findings'])} findings" if report["findings"] else "nothing found"
    runs = f"{totals['runs']} run{'s' if totals['runs'] > 1 else ''} of ci/fuzz into this folder"
    lines = [f"# Fuzz campaign: {verdict}", "",
             f"{totals['executions']:,} executions in {totals['worker_seconds']:,.0f} worker seconds "
             f"({speed(totals['executions'], totals['worker_seconds'])} a second and worker); {totals['seconds']:,.0f} s by the "
             f"clock, {report['jobs']} at a time, engines {' and '.join(report['engines'])}"
             f"{', interrupted' if report['interrupted'] else ''}. {runs}.", ""]
    lines += findings_part(report)
    lines += ["## Workers", ""]
    lines += table(("target", "engine", "worker", "executions", "a second", "edges", "inputs", "stability", "failures"), [
        (*worker["key"].split("/"), f"{worker['executions']:,}", speed(worker["executions"], worker["seconds"]), worker["edges"],
         worker["inputs"], worker.get("stability") or "-", worker["failures"]) for worker in report["workers"]])
    lines += ["Edges are those of the worker's own build: builds with sanitizers have more. Stability is what AFL++ measures:",
              "the share of edges that the same input reaches each time.", "", "## Corpus", "", "![growth](growth.svg)", ""]
    lines += table(("target", "inputs", "bytes", "new in this run"), [
        (name, values["inputs"], values["bytes"], values["new"]) for name, values in report["corpus"].items()])
    return "\n".join(lines + coverage_part(report) + operations_part(report))


def write(report, samples, out):
    (out / "growth.svg").write_text(plot(samples))
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (out / "report.md").write_text(markdown(report))
