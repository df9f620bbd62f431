"""What the studies share: comparisons by samt-train that are kept, and what is said of their results."""

import json
import statistics
import subprocess


def compare(program, out, options):
    """The rows of a comparison with one thread that is kept in `out`; it is run, or gone on with, where it isn't whole."""
    if not (out / "results.json").exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        begun = (out / "comparison.json").exists()
        arguments = ["--resume", str(out)] if begun else [*options, "--threads", "1", "--out", str(out)]
        subprocess.run([program, "compare", *arguments], check=True, stdout=subprocess.DEVNULL)
    return json.loads((out / "results.json").read_text())["rows"]


def percentages(row):
    """The results of a row's trainings, seed by seed."""
    return [100 * training["result"] for training in row["trainings"]]


def mean_and_error(values):
    """Their mean and its standard error, which one value does not have."""
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return statistics.mean(values), error
