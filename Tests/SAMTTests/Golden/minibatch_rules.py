"""Writes MinibatchRulesGolden.swift: a hundred steps of GeN and of SGD-PH, which look at their minibatch again, in float64.

A network with a normalization is trained on one minibatch, from weights that the Swift test makes by the same formula.
Beside the weights behind some steps stands what single precision may differ by: thrice the largest deviation of 12 runs
in which every loss is off by up to 8 roundings, every gradient by up to 32 of its parameter's largest (sums over at most
8 examples and 6 features, through four layers), and every new weight by up to 2. Run it beside this file:

    python minibatch_rules.py

SGD-PH differentiates by differences here as there; the script also differentiates twice, and requires of the first looks
that both agree as the rule's comment says. Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6.
"""

import math
import pathlib

import numpy
import torch

from swift_source import swift_list

torch.set_default_dtype(torch.float64)
STEPS, KEPT, RUNS = 100, (1, 5, 20, 100), 12
SHAPES = [(6, 5), (6,), (6,), (6, 6), (6,), (4, 6), (4,)]
MATRICES = [0, 3, 5]


def single(x):
    """The single-precision number that the library has in the place of a decimal one."""
    return float(numpy.float32(x))


def numbers(count, phase, scale):
    """Numbers without a pattern, which the Swift test computes too."""
    i = numpy.arange(1, count + 1, dtype=float)
    return torch.tensor(numpy.float32(scale * numpy.sin(0.37 * i * i + phase)).astype(float))


def start():
    weights = [numbers(math.prod(shape), 0.3 + k, 0.6).reshape(shape) for k, shape in enumerate(SHAPES)]
    weights[1] = weights[1] + 1
    return weights


INPUTS = numbers(40, 0.9, 1.0).reshape(8, 5)
CLASSES = torch.tensor([i % 4 for i in range(8)])


def network(weights):
    """The mean cross-entropy of Linear, BatchNorm, Tanh, Linear, Tanh, Linear."""
    x = INPUTS @ weights[0].T
    x = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + 1e-5) * weights[1] + weights[2]
    x = torch.tanh(torch.tanh(x) @ weights[3].T + weights[4])
    return torch.nn.functional.cross_entropy(x @ weights[5].T + weights[6], CLASSES)


class Evaluation:
    """Losses and gradients, exact or as roundings may leave them."""

    def __init__(self, seed=None):
        self.random = None if seed is None else numpy.random.default_rng(seed)

    def off(self, shape):
        return 0 if self.random is None else torch.tensor(self.random.uniform(-1, 1, shape)) * 2.0**-24

    def rounded(self, weights):
        return [w + 2 * w.abs() * self.off(w.shape) for w in weights]

    def loss(self, weights):
        value = network(weights).item()
        return value + 8 * float(self.off(())) * value

    def gradients(self, weights):
        leaves = [w.clone().requires_grad_(True) for w in weights]
        found = torch.autograd.grad(network(leaves), leaves)
        return [g + 32 * g.abs().max() * self.off(g.shape) for g in found]


def cosine(step):
    return 0.5 * (1 + math.cos(math.pi * step / (2 * STEPS)))


def constant(step):
    return 1


class Momentum:
    def __init__(self, momentum):
        self.momentum, self.v = momentum, None

    def direction(self, gradients):
        self.v = [self.momentum * v + g for v, g in zip(self.v or [0] * len(gradients), gradients)]
        return self.v


class Adam:
    def __init__(self):
        self.m, self.v, self.t = [0] * 7, [0] * 7, 0

    def direction(self, gradients):
        b1, b2 = single(0.9), single(0.999)
        self.t += 1
        self.m = [b1 * m + (1 - b1) * g for m, g in zip(self.m, gradients)]
        self.v = [b2 * v + (1 - b2) * g**2 for v, g in zip(self.v, gradients)]
        return [
            m / (1 - b1**self.t) / (torch.sqrt(v / (1 - b2**self.t)) + 1e-8) for m, v in zip(self.m, self.v)
        ]


def gen(evaluation, base, rate, interval, reach, schedule):
    """Bu and Xu 2024, the fit by numpy's least squares."""
    w, after = start(), []
    for step in range(STEPS):
        scale = schedule(step)
        direction = base.direction(evaluation.gradients(w))
        factor = 1.0
        if (step + 1) % interval == 0:
            j = numpy.array([m for n in range(1, reach + 1) for m in (n, -n)] + [0.0])
            y = numpy.array(
                [evaluation.loss([p - m * rate * scale * d for p, d in zip(w, direction)]) for m in j[:-1]] + [0.0])
            y[:-1] -= evaluation.loss(w)
            (curvature, slope), _, _, _ = numpy.linalg.lstsq(numpy.stack([j * j / 2, -j], 1), y, rcond=None)
            fitted = curvature * j * j / 2 - slope * j
            r2 = 1 - ((y - fitted) ** 2).sum() / ((y - y.mean()) ** 2).sum()
            if slope > 0 and curvature > 0 and r2 > 0.99:
                factor = 0.9 + 0.1 * min(max(scale * slope / curvature, 0.5), 2)
        w = evaluation.rounded([p - factor * rate * scale * d for p, d in zip(w, direction)])
        rate *= factor
        if step + 1 in KEPT:
            after.append(torch.cat([p.flatten() for p in w]))
    return after


def row_sums(evaluation, w, k, h):
    """H 1 of the block of w[k], by a central difference."""
    there, back = ([p + sign * h if i == k else p for i, p in enumerate(w)] for sign in (1, -1))
    return (evaluation.gradients(there)[k] - evaluation.gradients(back)[k]) / (2 * h)


def twice_differentiated(w, k):
    leaves = [p.clone().requires_grad_(True) for p in w]
    (g,) = torch.autograd.grad(network(leaves), [leaves[k]], create_graph=True)
    return torch.autograd.grad(g.sum(), [leaves[k]])[0]


def partial_hessian(evaluation, rate, scale, epsilon, h, decay, schedule):
    """Sun, Yong and Zhang 2024; the last bias goes as SGD."""
    beta, w, after = single(0.9), start(), []
    v = [torch.zeros_like(p) for p in w]
    looked, curvatures, looks = [1, 2, 4], {}, {1: 0, 2: 0, 4: 0}
    for step in range(STEPS):
        gradients = evaluation.gradients(w)
        k = looked[step % 3]
        sums = row_sums(evaluation, w, k, h)
        if step < 3 and evaluation.random is None:
            exact = twice_differentiated(w, k)
            assert (sums - exact).abs().max() <= h * h, (k, sums, exact)
            assert exact.abs().max() > 100 * h * h
        curvatures[k] = beta * curvatures.get(k, 0) + (1 - beta) * sums.abs()
        looks[k] += 1
        lr = rate * schedule(step)
        v = [beta * m + g for m, g in zip(v, gradients)]
        for i in range(len(w)):
            factor = 1
            if i in looked:
                factor = scale * (1 - beta ** max(looks[i], 1)) / (curvatures.get(i, 0) + epsilon)
            w[i] = (1 - lr * decay if i in MATRICES else 1) * w[i] - lr * factor * v[i]
        w = evaluation.rounded(w)
        if step + 1 in KEPT:
            after.append(torch.cat([p.flatten() for p in w]))
    return after


RUNS_OF = {
    "GeN of SGD": lambda e: gen(e, Momentum(0.0), 0.25, 8, 1, constant),
    "GeN of momentum, two steps ahead, cosine": lambda e: gen(e, Momentum(single(0.9)), single(0.05), 3, 2, cosine),
    "GeN of Adam": lambda e: gen(e, Adam(), single(0.02), 4, 1, constant),
    "SGD-PH": lambda e: partial_hessian(e, 0.125, 0.0625, 0.0625, 2.0**-7, 0.0, constant),
    "SGD-PH, decay, cosine": lambda e: partial_hessian(e, 0.25, single(0.01), 0.125, 2.0**-6, 0.125, cosine),
}


def main():
    out = [
        "// Written by minibatch_rules.py; do not edit.",
        "",
        "/// The weights of a small network on its way down, in double precision.",
        "enum MinibatchRulesGolden {",
        f"  static let steps = {list(KEPT)}",
        "",
        "  /// Behind each of `steps`: the weights, layer by layer, and how far single precision may be off.",
        "  static let weights: [String: [(values: [Double], tolerance: Double)]] = [",
    ]
    for name, run in RUNS_OF.items():
        exact = run(Evaluation())
        rounded = [run(Evaluation(seed)) for seed in range(RUNS)]
        out.append(f'    "{name}": [')
        for index, values in enumerate(exact):
            tolerance = 3 * max((other[index] - values).abs().max().item() for other in rounded)
            moved = (values - torch.cat([p.flatten() for p in start()])).abs().max().item()
            print(f"{name}, step {KEPT[index]}: moved {moved:.3g}, tolerance {tolerance:.3g}")
            out += ["      (", "        [", swift_list(values.tolist(), 10), f"        ], {tolerance:.3g}", "      ),"]
        out.append("    ],")
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("MinibatchRulesGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    main()
