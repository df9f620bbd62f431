"""Writes LossGolden.swift: value and gradient of each loss by PyTorch, in float64.

Run it beside this file:

    python losses.py

Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6.
"""

import math
import pathlib

import numpy
import torch
from torch.nn import functional

from swift_source import swift_list

ROWS, COLUMNS = 7, 5
IGNORED = -100


def wave(step, phase, scale):
    """Numbers that the Swift test computes too, by the same formula, rounded to float32 as there."""
    values = scale * numpy.sin(step * numpy.arange(ROWS * COLUMNS) + phase)
    return torch.tensor(values.astype(numpy.float32), dtype=torch.float64).reshape(ROWS, COLUMNS)


def single(value):
    """A setting as the Swift test has it, in float32."""
    return float(numpy.float32(value))


WEIGHTS = torch.tensor([single(w) for w in (0.5, 2.0, 0.0, 1.25, 3.0)], dtype=torch.float64)
LABELS = torch.tensor([row * 3 % COLUMNS for row in range(ROWS)])
SOME_IGNORED = torch.where(torch.arange(ROWS) % 3 == 1, IGNORED, LABELS)


def entropy(labels=LABELS, **settings):
    return lambda x: functional.cross_entropy(x, labels, **settings)


# name: (loss of predictions, their scale)
CASES = {
    "cross-entropy": (entropy(), 2.0),
    "cross-entropy, large logits": (entropy(), 80.0),
    "smoothed": (entropy(label_smoothing=single(0.1)), 2.0),
    "smoothed, large logits": (entropy(label_smoothing=single(0.1)), 80.0),
    "smoothed to nothing": (entropy(label_smoothing=1.0), 2.0),
    "weighted": (entropy(weight=WEIGHTS), 2.0),
    "ignored": (entropy(SOME_IGNORED, ignore_index=IGNORED), 2.0),
    "smoothed, weighted, ignored": (
        entropy(SOME_IGNORED, ignore_index=IGNORED, weight=WEIGHTS, label_smoothing=single(0.3)),
        2.0,
    ),
    "squared error": (lambda x: functional.mse_loss(x, wave(0.7, 0.3, 1.5)), 2.0),
    "Huber": (lambda x: functional.huber_loss(x, wave(0.7, 0.3, 1.5)), 2.0),
    "Huber, small delta": (lambda x: functional.huber_loss(x, wave(0.7, 0.3, 1.5), delta=single(0.3)), 2.0),
    "binary": (lambda x: functional.binary_cross_entropy_with_logits(x, wave(0.7, 0.3, 0.5) + 0.5), 2.0),
    "binary, large logits": (
        lambda x: functional.binary_cross_entropy_with_logits(x, (wave(0.7, 0.3, 1.0) > 0).double()),
        200.0,
    ),
}

# Logits and targets that are compared one by one.
EDGES = [(x, t) for x in (0.0, 1e-30, 50.0, -50.0, 3e38, -3e38, math.nan) for t in (0.0, 0.25, 1.0)]


def evaluated(loss, x):
    x = x.clone().requires_grad_(True)
    value = loss(x)
    value.backward()
    return [value.item()] + x.grad.flatten().tolist()


def edges():
    for x, t in EDGES:
        target = torch.tensor([t], dtype=torch.float64)
        x = torch.tensor([single(x)], dtype=torch.float64)
        yield evaluated(lambda x: functional.binary_cross_entropy_with_logits(x, target), x)


def main():
    out = [
        "// Written by losses.py; do not edit.",
        "",
        "/// Losses in double precision.",
        "enum LossGolden {",
        "  /// The loss, then its gradient.",
        "  static let results: [String: [Double]] = [",
    ]
    for name, (loss, scale) in CASES.items():
        out += [f'    "{name}": [', swift_list(evaluated(loss, wave(0.9, 0.1, scale)), 6), "    ],"]
    out += [
        "  ]",
        "  /// Binary cross-entropy and its gradient, for each logit with each target.",
        "  static let binaryEdges: [[Double]] = [",
    ]
    out += [f"    [{swift_list(values, 0).rstrip(',')}]," for values in edges()]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("LossGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("torch", torch.__version__, "numpy", numpy.__version__)
    main()
