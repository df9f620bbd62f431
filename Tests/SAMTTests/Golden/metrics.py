"""Writes MetricGolden.swift: metrics of predictions by scikit-learn, in float64.

Run it beside this file:

    python metrics.py

Versions: Python 3.11.7, scikit-learn 1.9.1, numpy 2.4.6.
"""

import pathlib

import numpy
import sklearn
from sklearn import metrics

EXAMPLES, CLASSES, OUTPUTS = 23, 5, 3
# What is added to all values: R2 and the errors must not suffer from it.
OFFSETS = (0.0, 1e3, 1e6)


def wave(shape, step, phase, scale, offset=0.0):
    """Numbers that the Swift test computes too, by the same formula, rounded to float32 as there."""
    count = int(numpy.prod(shape))
    values = offset + scale * numpy.sin(step * numpy.arange(count) + phase)
    return values.astype(numpy.float32).astype(numpy.float64).reshape(shape)


def classification():
    logits = wave((EXAMPLES, CLASSES), 0.9, 0.1, 2.0)
    labels = numpy.arange(EXAMPLES) * 7 % (CLASSES - 1)  # the last class has no example
    every = list(range(CLASSES))
    predicted = logits.argmax(axis=1)
    values = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "top2Accuracy": metrics.top_k_accuracy_score(labels, logits, k=2, labels=every),
        "top3Accuracy": metrics.top_k_accuracy_score(labels, logits, k=3, labels=every),
    }
    scores = metrics.precision_recall_fscore_support(labels, predicted, labels=every, zero_division=0)
    for name, score in zip(("precision", "recall", "f1"), scores):
        values[name] = score.mean()
        for label in every:
            values[f"{name}.{label}"] = score[label]
    return values, metrics.confusion_matrix(labels, predicted, labels=every).flatten()


def regression(offset):
    targets = wave((EXAMPLES, OUTPUTS), 0.7, 0.3, 1.5, offset)
    predicted = wave((EXAMPLES, OUTPUTS), 0.71, 0.35, 1.4, offset)
    return {
        "mae": metrics.mean_absolute_error(targets, predicted),
        "rmse": metrics.root_mean_squared_error(targets.flatten(), predicted.flatten()),
        "r2": metrics.r2_score(targets, predicted),
    }


def binary():
    logits = wave((EXAMPLES, OUTPUTS), 1.3, 0.2, 3.0)
    targets = wave((EXAMPLES, OUTPUTS), 0.8, 0.4, 1.0) > 0
    return {"accuracy": metrics.accuracy_score(targets.flatten(), (logits > 0).flatten())}


def dictionary(values):
    return [f'    "{name}": {float(value)!r},' for name, value in values.items()]


def main():
    values, matrix = classification()
    out = [
        "// Written by metrics.py; do not edit.",
        "",
        "/// Metrics by name; for values, with each offset that is added to predictions and targets.",
        "enum MetricGolden {",
        "  static let classification: [String: Double] = [",
        *dictionary(values),
        "  ]",
        "  /// Row-major: labels, predictions.",
        f"  static let confusion = [{', '.join(str(count) for count in matrix)}]",
        "  static let binary: [String: Double] = [",
        *dictionary(binary()),
        "  ]",
        "  static let regression: [Double: [String: Double]] = [",
    ]
    for offset in OFFSETS:
        out += [f"    {offset!r}: ["] + ["  " + line for line in dictionary(regression(offset))] + ["    ],"]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("MetricGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("scikit-learn", sklearn.__version__, "numpy", numpy.__version__)
    main()
