"""Prints the tables that are in a file of results, in Markdown: one for each tool and number of threads.

usage: table.py FILE       (a file that samt-bench --save or compare.py --save wrote; of a case's rows, the last counts)
"""
import json
import math
import statistics
import sys


def time_text(seconds):
    for scale, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def fastest_ratio(row):
    """The fastest peer's time over ours, by fastest samples where a file has them."""
    if "peersFastest" in row:
        return min(row["peersFastest"].values()) / row["fastestSeconds"]
    return min(row["peers"].values()) / row["medianSeconds"]


def case_text(row):
    return f"`{row['kernel']}` {row['case']}" + (f", by `{row['path']}`" if "path" in row else "")


def print_table(rows):
    """Rows have a kernel, a case, medianSeconds, the peers' seconds by label, and maybe a speed and its part of a limit."""
    labels = list(dict.fromkeys(label for row in rows for label in row["peers"]))
    with_speed = any("fractionOfLimit" in row for row in rows)
    table = [["case", "ours"] + with_speed * ["speed", "of limit"] + labels + ["fastest peer / ours"] * bool(labels)]
    for row in rows:
        cells = [case_text(row), time_text(row["medianSeconds"])]
        if with_speed:
            speed = f"{row['gflops']:.0f} GFLOP/s" if "gflops" in row else f"{row['gbytesPerSecond']:.0f} GB/s"
            cells += [speed, f"{row['fractionOfLimit']:.0%}"]
        cells += [time_text(row["peers"][label]) if label in row["peers"] else "" for label in labels]
        table.append(cells + [f"{fastest_ratio(row):.2f}" if row["peers"] else ""] * bool(labels))
    widths = [max(map(len, column)) for column in zip(*table)]
    table.insert(1, ["-" * width for width in widths])
    for cells in table:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |")
    ratios = [fastest_ratio(row) for row in rows if row["peers"]]
    if ratios:
        print(f"\ngeometric mean of fastest peer / ours: {math.exp(statistics.mean(map(math.log, ratios))):.2f}")


def read(path):
    """Rows by tool and threads, cases in the order of their first appearance."""
    tables, tool = {}, None
    for line in open(path):
        row = json.loads(line)
        if "tool" in row:
            tool = row["tool"]
            run = object()  # peers of a case are put together where they come from one run, whose time of ours is one
            continue
        rows = tables.setdefault((tool, row["threads"]), {})
        key = row["kernel"], row["case"]
        if "peer" in row:
            label = " ".join(row.get("peerVersion", row["peer"]).split()[:2])  # "OpenBLAS 0.3.30"
            row["peers"] = {label: row["peerMedianSeconds"]}
            if "peerFastestSeconds" in row:
                row["peersFastest"] = {label: row["peerFastestSeconds"]}
            if key in rows and rows[key]["run"] is run:
                for name in ("peers", "peersFastest"):
                    if name in row:
                        row[name] = rows[key][name] | row[name]
        else:
            row.setdefault("peers", {})
        rows[key] = row | {"run": run}
    return tables


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    for (tool, threads), rows in read(sys.argv[1]).items():
        print(f"\n### {tool}, {threads} thread{'s' * (threads > 1)}\n")
        print_table(list(rows.values()))


if __name__ == "__main__":
    main()
