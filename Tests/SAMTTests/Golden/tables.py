"""Writes TableGolden.swift: a table's columns as scikit-learn prepares them, in float64.

Run it beside this file:

    python tables.py

Versions: Python 3.11.7, scikit-learn 1.9.1, numpy 2.4.6.
"""

import pathlib

import numpy
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from swift_source import swift_list

# Ages, times in seconds since 1970 (large against their spread), a small number, one with missing values, a constant.
AGES = [59.0, 48.0, 72.0, 24.0, 50.0, 23.0, 36.0]
TIMES = [1700000000.25, 1700000001.5, 1700000000.0, 1700000007.75, 1700000003.0, 1700000002.0, 1700000005.5]
SMALL = [1e-12, 3e-12, -2e-12, 5e-12, 0.0, 2.5e-12, 1.5e-12]
GAPS = [1.5, None, 2.5, 4.0, None, 8.25, 0.5]
CONSTANT = [0.1] * 7
TOWNS = ["Oslo", "Bergen", "Oslo", "Ålesund", None, "Bergen", "Oslo"]


def column(values):
    return numpy.array([numpy.nan if value is None else value for value in values]).reshape(-1, 1)


def text(values):
    return "\n".join(
        ",".join("" if value is None else repr(value) if isinstance(value, float) else value for value in row)
        for row in values
    )


def main():
    scaled = []
    statistics = []
    for values in (AGES, TIMES, SMALL, GAPS, CONSTANT):
        scaler = StandardScaler().fit(column(values))
        filled = SimpleImputer(strategy="mean").fit_transform(column(values))
        # With missing values the scaler ignores them, and the imputed mean becomes 0.
        scaled.append(scaler.transform(filled).ravel().tolist())
        statistics.append([float(scaler.mean_[0]), float(numpy.sqrt(scaler.var_[0]))])
        if None in values:
            scaled.append([float(value is None) for value in values])
    encoder = OneHotEncoder(categories=[["Bergen", "Oslo", "Ålesund"]], handle_unknown="ignore", sparse_output=False)
    towns = encoder.fit_transform(numpy.array([town or "none" for town in TOWNS], dtype=object).reshape(-1, 1))
    scaled += towns.T.tolist()
    scaled.append([float(town is None) for town in TOWNS])
    table = "age,time,small,gaps,constant,town\n" + text(zip(AGES, TIMES, SMALL, GAPS, CONSTANT, TOWNS))
    out = [
        "// Written by tables.py; do not edit.",
        "",
        "/// A table, and its columns as scikit-learn prepares them.",
        "enum TableGolden {",
        '  static let csv = """',
        *("    " + line for line in table.split("\n")),
        '    """',
        "",
        "  /// By input, all rows: numbers standardized, missing values by the mean and marked, one input a category.",
        "  static let inputs: [[Double]] = [",
    ]
    for values in scaled:
        out += ["    [", swift_list(values, 6), "    ],"]
    out += ["  ]", "", "  /// By column of numbers, mean and deviation.", "  static let statistics: [[Double]] = ["]
    for values in statistics:
        out += ["    [", swift_list(values, 6), "    ],"]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("TableGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("scikit-learn", sklearn.__version__, "numpy", numpy.__version__)
    main()
