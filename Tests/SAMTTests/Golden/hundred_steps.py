"""Writes HundredStepsGolden.swift: a hundred steps of each rule on a quadratic function, in float64.

The rules are their authors' own packages, but for NAdamW, hypergradient descent and the fit of GeN, which are written
out below. Weight decay is decoupled and touches the weight only. Run it beside this file:

    python hundred_steps.py

Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6, prodigyopt 1.1.2, dadaptation 3.2, schedulefree 1.4.1,
dog-optimizer 1.0.3, mechanic-pytorch 0.0.1, parameterfree 0.0.1.
"""

import contextlib
import io
import math
import pathlib

import numpy
import torch
from dadaptation import DAdaptAdam
from dog import DoG, LDoG
from mechanic_pytorch import mechanize
from parameterfree import COCOB
from prodigyopt import Prodigy
from schedulefree.adamw_schedulefree_reference import AdamWScheduleFreeReference
from schedulefree.sgd_schedulefree_reference import SGDScheduleFreeReference

from swift_source import swift_list

torch.set_default_dtype(torch.float64)
STEPS, KEPT = 100, (1, 5, 20, 100)


def single(x):
    """The single-precision number that the library has in the place of a decimal one."""
    return float(numpy.float32(x))


BETAS = (single(0.9), single(0.999))


class NAdamW(torch.optim.Optimizer):
    """Dozat 2016 with decoupled decay, and beta1 constant."""

    def __init__(self, groups, **settings):
        super().__init__(groups, settings)
        self.t = 0

    @torch.no_grad()
    def step(self):
        self.t += 1
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for w in group["params"]:
                state = self.state[w]
                if not state:
                    state["m"], state["v"] = torch.zeros_like(w), torch.zeros_like(w)
                state["m"] = b1 * state["m"] + (1 - b1) * w.grad
                state["v"] = b2 * state["v"] + (1 - b2) * w.grad**2
                ahead = b1 * state["m"] / (1 - b1 ** (self.t + 1)) + (1 - b1) * w.grad / (1 - b1**self.t)
                w.mul_(1 - group["lr"] * group["weight_decay"])
                w.sub_(group["lr"] * ahead / ((state["v"] / (1 - b2**self.t)).sqrt() + group["eps"]))


class Hypergradient(torch.optim.Optimizer):
    """Baydin, Cornish, Martinez Rubio, Schmidt and Wood 2018, of plain descent."""

    def __init__(self, groups, **settings):
        super().__init__(groups, settings)
        self.rate, self.before = settings["rate"], None

    @torch.no_grad()
    def step(self):
        weights = [w for group in self.param_groups for w in group["params"]]
        gradients = [w.grad.clone() for w in weights]
        if self.before:
            self.rate += self.defaults["beta"] * sum((a * b).sum().item() for a, b in zip(gradients, self.before))
        self.before = gradients
        for group in self.param_groups:
            for w in group["params"]:
                w.mul_(1 - group["lr"] * self.rate * group["weight_decay"])
                w.sub_(group["lr"] * self.rate * w.grad)


def average(weights, means, t, gamma=8):
    """The polynomial-decay average that DoG's authors evaluate."""
    share = min(1, (gamma + 1) / (t + gamma))
    return [m + share * (w.detach() - m) for w, m in zip(weights, means or [torch.zeros_like(w) for w in weights])]


def warm_up(step):
    return min(1, (step + 1) / 10)


def cosine(step):
    return 0.5 * (1 + math.cos(math.pi * step / STEPS))


def constant(step):
    return 1


# name: (rule, its settings, the decay, the schedule)
RULES = {
    "NAdamW": (NAdamW, dict(lr=single(0.02), betas=BETAS, eps=1e-8), 0.0, constant),
    "NAdamW, decay, cosine": (NAdamW, dict(lr=single(0.05), betas=(0.5, 0.75), eps=0.125), 0.25, cosine),
    "Prodigy": (Prodigy, dict(betas=BETAS, d0=single(0.01)), 0.0, constant),
    "Prodigy, all options": (
        Prodigy,
        dict(
            lr=0.5, betas=BETAS, d0=single(0.01), d_coef=2.0, growth_rate=1.25, use_bias_correction=True, safeguard_warmup=True
        ),
        0.25,
        cosine,
    ),
    "D-Adaptation": (DAdaptAdam, dict(betas=BETAS), 0.0, constant),
    "D-Adaptation, all options": (
        DAdaptAdam,
        dict(lr=0.5, betas=BETAS, d0=single(0.01), growth_rate=1.25, use_bias_correction=True, decouple=True),
        0.25,
        cosine,
    ),
    "Schedule-Free SGD": (SGDScheduleFreeReference, dict(lr=0.25, momentum=BETAS[0]), 0.0, constant),
    "Schedule-Free SGD, all options": (
        SGDScheduleFreeReference,
        dict(lr=0.25, momentum=0.5, r=0.75, weight_lr_power=1.0),
        0.25,
        warm_up,
    ),
    "Schedule-Free AdamW": (AdamWScheduleFreeReference, dict(lr=single(0.05), betas=BETAS, eps=1e-8), 0.0, constant),
    "Schedule-Free AdamW, all options": (
        AdamWScheduleFreeReference,
        dict(lr=single(0.05), betas=BETAS, eps=0.125, r=0.75),
        0.25,
        warm_up,
    ),
    "DoG": (DoG, dict(reps_rel=0.001), 0.0, constant),
    "LDoG": (LDoG, dict(reps_rel=0.001), 0.0, constant),
    "COCOB": (COCOB, dict(), 0.0, constant),
    "Mechanic of Adam": (mechanize(torch.optim.Adam, s_init=0.125), dict(lr=0.125, betas=BETAS, eps=1e-8), 0.0, constant),
    "Mechanic of momentum": (
        mechanize(torch.optim.SGD, s_init=0.125),
        dict(lr=0.125, momentum=single(0.9)),
        0.0,
        constant,
    ),
    "hypergradient descent": (Hypergradient, dict(lr=1.0, rate=0.125, beta=single(0.005)), 0.25, constant),
}


def wave(count, step, phase, scale):
    """Numbers that the Swift test computes too, by the same formula."""
    return scale * torch.sin(step * torch.arange(count) + phase)


def gradient(weights, step):
    """Of sum a (w - target)^2 / 2, and a wave that changes from step to step."""
    return torch.cat(
        [
            (1.25 + wave(w.numel(), 0.9, 0.3, 0.75)) * (w.detach().flatten() - wave(w.numel(), 1.3, 0.8, 1.5))
            + wave(w.numel(), 1.9, 0.5 + 0.37 * step, 0.2)
            for w in weights
        ]
    ).split([w.numel() for w in weights])


def hundred_steps(rule, settings, decay, schedule):
    """[weight, bias] after the steps that are kept, then what is to be evaluated after the last."""
    weight = wave(12, 0.7, 0.2, 1.0).reshape(3, 4).requires_grad_(True)
    bias = wave(3, 1.1, 0.4, 1.0).requires_grad_(True)
    weights = [weight, bias]
    # DoG's sums are those of a group.
    if decay == 0:
        groups = [{"params": weights}]
    else:
        groups = [{"params": [weight], "weight_decay": decay}, {"params": [bias], "weight_decay": 0.0}]
    optimizer = rule(groups, **{"weight_decay": 0.0, **settings})
    if hasattr(optimizer, "train"):
        optimizer.train()
    rates = [group.get("lr") for group in optimizer.param_groups]
    after, means = [], None
    for step in range(STEPS):
        for group, rate in zip(optimizer.param_groups, rates):
            if rate is not None:
                group["lr"] = rate * schedule(step)
        for w, g in zip(weights, gradient(weights, step)):
            w.grad = g.reshape(w.shape).clone()
        optimizer.step()
        means = average(weights, means, step + 1)
        if step + 1 in KEPT:
            after.append(torch.cat([w.detach().flatten() for w in weights]).tolist())
    if hasattr(optimizer, "eval"):
        optimizer.eval()
    evaluated = means if rule in (DoG, LDoG) else weights
    after.append(torch.cat([w.detach().flatten() for w in evaluated]).tolist())
    return after


def main():
    out = [
        "// Written by hundred_steps.py; do not edit.",
        "",
        "/// A weight of 12 and a bias of 3 elements on their way down a quadratic function, in double precision.",
        "enum HundredStepsGolden {",
        f"  static let steps = {list(KEPT)}",
        "",
        "  /// Behind each of `steps`, then what is evaluated behind the last.",
        "  static let weights: [String: [[Double]]] = [",
    ]
    for name, (rule, settings, decay, schedule) in RULES.items():
        out.append(f'    "{name}": [')
        with contextlib.redirect_stdout(io.StringIO()):
            rows = hundred_steps(rule, settings, decay, schedule)
        assert all(math.isfinite(value) for row in rows for value in row), name
        for values in rows:
            out += ["      [", swift_list(values, 8), "      ],"]
        out.append("    ],")
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("HundredStepsGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("torch", torch.__version__, "numpy", numpy.__version__)
    main()
