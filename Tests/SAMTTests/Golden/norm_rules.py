"""Writes NormRulesGolden.swift: a hundred steps of Muon and Scion by their formulas, in float64.

Three parameters are moved by gradients that the Swift test makes by the same formula: a matrix (6, 4), the kernels of a
convolution (3, 2, 3, 3) and a bias (6). Beside the values stands what single precision may differ by: thrice the largest
deviation of 24 runs in which every result of a kernel is off by a random part of the roundings that made it. Run it
beside this file:

    python norm_rules.py

Versions: Python 3.11.7, numpy 2.4.6.
"""

import pathlib

import numpy

from swift_source import swift_list

STEPS = 100
SHAPES = {"matrix": (6, 4), "kernels": (3, 2, 3, 3), "bias": (6,)}
RUNS = 24


class Exact:
    """Numbers as they are."""

    def __call__(self, x, roundings=1, along=None):
        return x


class Rounded:
    """Numbers off by up to so many roundings of single precision, relative to their own or another magnitude."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)

    def __call__(self, x, roundings=1, along=None):
        size = numpy.abs(x) if along is None else along
        return x + roundings * 2.0**-24 * self.random.uniform(-1, 1, numpy.shape(x)) * size


def numbers(shape, phase, scale):
    """Numbers without a pattern, which the Swift test computes too."""
    i = numpy.arange(1, int(numpy.prod(shape)) + 1, dtype=float)
    return (scale * numpy.sin(0.37 * i * i + phase)).reshape(shape)


def start():
    return {name: numpy.float32(numbers(shape, 0.3 + index, 0.5)).astype(float)
            for index, (name, shape) in enumerate(SHAPES.items())}


def gradient(name, step):
    index = list(SHAPES).index(name)
    return numpy.float32(numbers(SHAPES[name], 0.9 * step + 2 * index, 0.8)).astype(float)


def orthogonalized(u, off, iterations=5):
    """Newton and Schulz's iteration on the matrix, and the roundings of one on its Gram matrix."""
    matrix = u.reshape(u.shape[0], -1)
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    longer = x.shape[1]
    norm = numpy.sqrt((x**2).sum())
    x = x / max(norm, 1e-7)
    a = off(x @ x.T, longer + 2, along=numpy.abs(x) @ numpy.abs(x).T)
    q = numpy.eye(len(x))
    n = len(x)
    for _ in range(iterations):
        square = off(a @ a, n, along=numpy.abs(a) @ numpy.abs(a))
        p = off(3.4445 * numpy.eye(n) - 4.7750 * a + 2.0315 * square, 3,
                along=3.4445 * numpy.eye(n) + 4.7750 * numpy.abs(a) + 2.0315 * numpy.abs(square))
        q = off(q @ p, n, along=numpy.abs(q) @ numpy.abs(p))
        ap = off(a @ p, n, along=numpy.abs(a) @ numpy.abs(p))
        a = off(ap @ p, n, along=numpy.abs(ap) @ numpy.abs(p))
    x = off(q @ x, n, along=numpy.abs(q) @ numpy.abs(x))
    return (x.T if tall else x).reshape(u.shape)


def plain_orthogonalized(u):
    """The same by the published lines, to check the other by."""
    matrix = u.reshape(u.shape[0], -1)
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / max(numpy.sqrt((x**2).sum()), 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.T if tall else x).reshape(u.shape)


def muon(off, lr, decay, momentum, nesterov, matched, adam_lr):
    """Matrices by Muon, the bias by Adam, which decays weights only."""
    w = start()
    m = {name: numpy.zeros(shape) for name, shape in SHAPES.items()}
    v = numpy.zeros(SHAPES["bias"])
    for step in range(1, STEPS + 1):
        for name, value in w.items():
            g = gradient(name, step)
            if name == "bias":
                m[name] = off(0.9 * m[name] + (1 - 0.9) * g, 3)
                v = off(0.999 * v + (1 - 0.999) * g**2, 3)
                move = adam_lr * (m[name] / (1 - 0.9**step)) / (numpy.sqrt(v / (1 - 0.999**step)) + 1e-8)
                w[name] = off(value - off(move, 8))
                continue
            m[name] = off(momentum * m[name] + (1 - momentum) * g, 3, along=numpy.abs(m[name]) + numpy.abs(g))
            u = off((1 - momentum) * g + momentum * m[name], 3) if nesterov else m[name]
            direction = orthogonalized(u, off)
            rows, columns = u.shape[0], u.size // u.shape[0]
            scale = 0.2 * max(rows, columns) ** 0.5 if matched else max(1, rows / columns) ** 0.5
            w[name] = off((1 - lr * decay) * value - off(lr * scale * direction, 3), 2)
    return w


def scion(off, lr, alpha, constrained, balls):
    w = start()
    m = {name: numpy.zeros(shape) for name, shape in SHAPES.items()}
    for step in range(1, STEPS + 1):
        for name, value in w.items():
            norm, radius = balls[name]
            m[name] = off((1 - alpha) * m[name] + alpha * gradient(name, step), 3)
            shape = value.shape
            out, inside = shape[0], value.size // shape[0]
            if norm == "spectral":
                lmo = (out / inside) ** 0.5 * orthogonalized(m[name], off)
            elif norm == "input spectral":
                lmo = max(1, (out / inside) ** 0.5) * orthogonalized(m[name], off)
            elif norm == "convolution":
                lmo = (out / shape[1]) ** 0.5 / (shape[2] * shape[3]) * orthogonalized(m[name], off)
            elif norm == "sign":
                lmo = numpy.sign(m[name]) / inside
            else:
                lmo = off(m[name] / (numpy.sqrt((m[name] ** 2).mean()) + 1e-8), 4)
            kept = (1 - lr) * value if constrained else value
            w[name] = off(kept - off(lr * radius * lmo, 3), 2)
    return w


USUAL = {"matrix": ("spectral", 1), "kernels": ("convolution", 1), "bias": ("bias", 1)}
RECIPE = {"matrix": ("input spectral", 2), "kernels": ("sign", 16), "bias": ("bias", 2)}

RULES = {
    "Muon": lambda off: muon(off, 0.02, 0.1, 0.95, True, False, 0.01),
    "Muon, as AdamW": lambda off: muon(off, 0.01, 0, 0.8, False, True, 0.01),
    "Scion": lambda off: scion(off, 0.05, 0.1, True, USUAL),
    "Scion, unconstrained": lambda off: scion(off, 0.01, 1, False, RECIPE),
}


def main():
    for seed in range(5):
        x = numpy.random.default_rng(seed).normal(size=(4, 9))
        assert numpy.abs(orthogonalized(x, Exact()) - plain_orthogonalized(x)).max() < 1e-12
    out = [
        "// Written by norm_rules.py; do not edit.",
        "",
        "/// Parameters after a hundred steps, in double precision, and what single precision may differ by.",
        "enum NormRulesGolden {",
        "  static let rules: [String: [String: (values: [Double], tolerance: Double)]] = [",
    ]
    for name, rule in RULES.items():
        exact, runs = rule(Exact()), [rule(Rounded(seed)) for seed in range(RUNS)]
        out.append(f'    "{name}": [')
        for parameter, values in exact.items():
            tolerance = 3 * max(numpy.abs(run[parameter] - values).max() for run in runs)
            out += [f'      "{parameter}": (', "        values: ["]
            out += [swift_list(values.flatten().tolist(), 10), f"        ], tolerance: {tolerance:.1e}", "      ),"]
            print(name, parameter, f"largest {numpy.abs(values).max():.3f}, tolerance {tolerance:.1e}")
        out.append("    ],")
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("NormRulesGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("numpy", numpy.__version__)
    main()
