"""Writes LargeGradientsGolden.swift: one gradient of about 1e20, then ordinary ones, by each rule in float64.

The rules are those of hundred_steps.py, norm_rules.py and optimizers.py, whose versions it needs; it moves parameters like
those of norm_rules.py, but smaller. Run it beside them:

    python large_gradients.py
"""

import contextlib
import io
import math
import pathlib

import numpy
import torch

import hundred_steps
import norm_rules
import optimizers
from hundred_steps import BETAS, single
from norm_rules import SHAPES, numbers
from swift_source import swift_list

KEPT = (1, 2, 20)
SHAPES.update(matrix=(3, 4), kernels=(2, 2, 2, 1), bias=(3,))


def gradient(name, step):
    """Step 1 is the large one."""
    scale = 1e20 if step == 1 else 0.8
    return numpy.float32(numbers(SHAPES[name], 0.9 * step + 2 * list(SHAPES).index(name), scale)).astype(float)


def by_package(rule, **settings):
    """The weights behind the steps that are kept."""
    weights = {name: torch.tensor(value).requires_grad_(True) for name, value in norm_rules.start().items()}
    optimizer = rule([{"params": list(weights.values())}], **settings)
    if hasattr(optimizer, "train"):
        optimizer.train()
    after = []
    for step in range(1, max(KEPT) + 1):
        for name, w in weights.items():
            w.grad = torch.tensor(gradient(name, step))
        optimizer.step(*[1.0] if rule is optimizers.SOAA else [])
        if step in KEPT:
            after.append(torch.cat([w.detach().flatten() for w in weights.values()]).tolist())
    return after


def by_formula(rule, *settings):
    after = []
    for steps in KEPT:
        norm_rules.STEPS, norm_rules.gradient = steps, gradient
        w = rule(norm_rules.Exact(), *settings)
        after.append(numpy.concatenate([value.flatten() for value in w.values()]).tolist())
    return after


def adam(**settings):
    return dict(lr=single(0.01), betas=BETAS, eps=1e-8, **settings)


RULES = {
    "SGD": lambda: by_package(torch.optim.SGD, lr=single(0.1)),
    "momentum": lambda: by_package(torch.optim.SGD, lr=single(0.1), momentum=single(0.9)),
    "Nesterov": lambda: by_package(torch.optim.SGD, lr=single(0.1), momentum=single(0.9), nesterov=True),
    "Adam": lambda: by_package(torch.optim.Adam, **adam()),
    "NAdamW": lambda: by_package(hundred_steps.NAdamW, **adam(weight_decay=0.0)),
    "SOAA": lambda: by_package(optimizers.SOAA, **adam(gamma=single(0.1), T=20, weight_decay=0.0)),
    "Prodigy": lambda: by_package(hundred_steps.Prodigy, betas=BETAS, d0=single(0.01)),
    "D-Adaptation": lambda: by_package(hundred_steps.DAdaptAdam, betas=BETAS, d0=single(0.01)),
    "Schedule-Free SGD": lambda: by_package(hundred_steps.SGDScheduleFreeReference, lr=0.25, momentum=BETAS[0]),
    "Schedule-Free AdamW": lambda: by_package(hundred_steps.AdamWScheduleFreeReference, **adam()),
    "DoG": lambda: by_package(hundred_steps.DoG, reps_rel=0.001, weight_decay=0.0),
    "LDoG": lambda: by_package(hundred_steps.LDoG, reps_rel=0.001, weight_decay=0.0),
    "COCOB": lambda: by_package(hundred_steps.COCOB),
    "Mechanic of Adam": lambda: by_package(hundred_steps.mechanize(torch.optim.Adam, s_init=0.125), **adam()),
    "hypergradient descent": lambda: by_package(
        hundred_steps.Hypergradient, lr=1.0, rate=0.125, beta=1e-30, weight_decay=0.0
    ),
    "Muon": lambda: by_formula(norm_rules.muon, single(0.02), 0, single(0.95), True, False, single(0.01)),
    "Scion": lambda: by_formula(norm_rules.scion, single(0.05), single(0.1), True, norm_rules.USUAL),
    "RAMDA": lambda: by_formula(norm_rules.ramda, single(0.01), single(0.1), 0),
    "AdaS": lambda: by_formula(norm_rules.ada_s, single(0.03), 0),
}


def main():
    out = [
        "// Written by large_gradients.py; do not edit.",
        "",
        "/// The three parameters one after the other, on their way behind a gradient of about 1e20, in double precision.",
        "enum LargeGradientsGolden {",
        f"  static let steps = {list(KEPT)}",
        "",
        "  /// Behind each of `steps`.",
        "  static let weights: [String: [[Double]]] = [",
    ]
    for name, rule in RULES.items():
        out.append(f'    "{name}": [')
        with contextlib.redirect_stdout(io.StringIO()):
            rows = rule()
        assert all(math.isfinite(value) for row in rows for value in row), name
        print(name, *(f"{numpy.abs(row).max():.3g}" for row in rows))
        for values in rows:
            out += ["      [", swift_list(values, 8), "      ],"]
        out.append("    ],")
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("LargeGradientsGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    main()
