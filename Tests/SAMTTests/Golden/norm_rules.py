"""Writes NormRulesGolden.swift: a hundred steps of Muon, Scion, AdaFisher, RAMDA and AdaS by their formulas, in float64.

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


def mean_squares():
    """Of what goes through a linear layer 4 -> 6 with a bias, and a convolution 2 -> 3 of 3 x 3, stride 2, padding 1."""
    def made(shape, phase):
        return numpy.float32(numbers(shape, phase, 1.0)).astype(float)

    def estimate(step):
        x, dy = made((5, 4), 0.1 * step), made((5, 6), 0.2 * step + 1)
        images, gradients = made((2, 2, 5, 5), 0.3 * step + 2), made((2, 3, 3, 3), 0.4 * step + 3)
        padded = numpy.zeros((2, 2, 7, 7))
        padded[:, :, 1:6, 1:6] = images
        patches = numpy.array([[[padded[:, c, s : s + 5 : 2, t : t + 5 : 2] for t in range(3)] for s in range(3)]
                               for c in range(2)])
        return {
            "matrix": (numpy.append((x**2).mean(0), 1), (dy**2).mean(0)),
            "kernels": ((patches**2).mean((3, 4, 5)).flatten(), (gradients**2).mean((0, 2, 3))),
        }

    return estimate


def ada_fisher(off, lr, decay, interval, beta=0.9, damping=1e-3, gamma=0.8):
    w = start()
    m = {name: numpy.zeros(shape) for name, shape in SHAPES.items()}
    factors = {"matrix": [numpy.ones(5), numpy.ones(6)], "kernels": [numpy.ones(18), numpy.ones(3)]}
    estimate = mean_squares()
    for step in range(1, STEPS + 1):
        if (step - 1) % interval == 0:
            for name, found in estimate(step - 1).items():
                for index, u in enumerate(found):
                    normal = (u - u.min()) / (u.max() - u.min() + 1e-6)
                    factors[name][index] = off(0.1 * gamma * factors[name][index] + 0.01 * gamma * normal, 2)
        for name, value in w.items():
            h, s = factors["kernels" if name == "kernels" else "matrix"]
            if name == "bias":
                fisher = s * h[-1] + damping
            else:
                fisher = numpy.outer(s, h[:-1] if name == "matrix" else h).reshape(value.shape) + damping
            m[name] = off(beta * m[name] + (1 - beta) * gradient(name, step), 3,
                          along=numpy.abs(m[name]) + numpy.abs(gradient(name, step)))
            move = off(lr * m[name] / ((1 - beta**step) * off(fisher, 2)), 4)
            w[name] = off((1 - lr * (0 if name == "bias" else decay)) * value - move, 2)
    return w


def nearest_grouped(d, y, penalty):
    """Rows of the p that minimizes d p^2 / 2 - y p + penalty |p|, by proximal gradient steps until they stand still."""
    p = numpy.zeros_like(y)
    largest = d.max(1, keepdims=True)
    for _ in range(2000):
        forward = p - (d * p - y) / largest
        norm = numpy.sqrt((forward**2).sum(1, keepdims=True))
        after = forward * numpy.maximum(1 - penalty / largest / numpy.maximum(norm, 1e-300), 0)
        still = numpy.abs(after - p).max() <= 1e-13
        p = after
        if still:
            break
    return p


def ramda(off, lr, c, lasso, decay=0, epsilon=1e-6):
    w, first = start(), start()
    total = 0
    v = {name: numpy.zeros(shape) for name, shape in SHAPES.items()}
    u = {name: numpy.zeros(shape) for name, shape in SHAPES.items()}
    for step in range(1, STEPS + 1):
        size = lr * step**0.5
        total += size
        for name, value in w.items():
            g = gradient(name, step)
            v[name] = off(v[name] + size * g, 1, along=numpy.abs(v[name]) + 2 * numpy.abs(size * g))
            u[name] = off(u[name] + size * g**2, 4)
            d = off(numpy.cbrt(u[name]) + epsilon, 4)
            if lasso and name != "bias":
                y = off(d * first[name] - v[name], 2, along=numpy.abs(d * first[name]) + numpy.abs(v[name]))
                rows = len(value)
                p = nearest_grouped(d.reshape(rows, -1), y.reshape(rows, -1), total * lasso).reshape(value.shape)
            else:
                p = off(first[name] - off(v[name] / d, 3), 1)
            kept = (1 - c) * (1 - lr * (0 if name == "bias" else decay))
            w[name] = off(kept * value + c * p, 2, along=numpy.abs(value) + numpy.abs(p))
    return w


def free_energy(squares, shorter, longer, variance):
    ratio = shorter / longer
    tau = 2.5129 * ratio**0.5
    limit = (1 + tau) * (1 + ratio / tau)
    x = squares / (longer * variance)
    noise, signal = x[x <= limit], x[x > limit]
    t = 0.5 * (signal - (1 + ratio) + numpy.sqrt((signal - (1 + ratio)) ** 2 - 4 * ratio))
    return ((noise - numpy.log(noise)).sum() + (signal - t).sum() + numpy.log((t + 1) / signal).sum()
            + ratio * numpy.log(t / ratio + 1).sum())


def shrunk(matrix):
    """Nakajima et al. 2013: the singular values above the noise, shrunk."""
    shorter, longer = sorted(matrix.shape)
    return shrunk_values(numpy.linalg.svd(matrix, compute_uv=False), shorter, longer)


def shrunk_values(sigma, shorter, longer):
    squares, ratio = sigma**2, shorter / longer
    tau = 2.5129 * ratio**0.5
    limit = (1 + tau) * (1 + ratio / tau)
    upper = squares.sum() / (shorter * longer)
    rest = squares[max(min(int(numpy.ceil(shorter / (1 + ratio))) - 1, len(sigma)) - 1, -1) + 1 :]
    lower = max(rest[0] / (longer * limit), rest.mean() / longer)
    variance = upper
    if lower < upper:
        grid = numpy.geomspace(lower, upper, 2001)
        for _ in range(4):
            best = min(range(len(grid)), key=lambda i: free_energy(squares, shorter, longer, grid[i]))
            grid = numpy.geomspace(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], 41)
        variance = grid[20]
    kept = sigma[squares > longer * variance * limit]
    q = (shorter + longer) * variance / kept**2
    return kept / 2 * (1 - q + numpy.sqrt((1 - q) ** 2 - 4 * shorter * longer * variance**2 / kept**4))


def gain(weight):
    unfoldings = [weight.reshape(len(weight), -1)]
    if weight.ndim > 2:
        unfoldings.append(weight.swapaxes(0, 1).reshape(weight.shape[1], -1))
    gains = []
    for matrix in unfoldings:
        d = shrunk(matrix)
        gains.append(d.sum() / d.max() / len(matrix) if len(d) else 0)
    return sum(gains) / len(gains)


def ada_s(off, lr, decay, momentum=0.9, beta=0.8, zeta=1, epoch=20):
    w = start()
    v = {name: numpy.zeros(shape) for name, shape in SHAPES.items()}
    rates, gains, waiting = {name: lr for name in SHAPES}, {}, {"matrix", "kernels"}
    for step in range(1, STEPS + 1):
        for name, value in w.items():
            # The bias stands behind the kernels and moves at their rate.
            rate = rates["kernels" if name == "bias" else name]
            v[name] = off(momentum * v[name] + gradient(name, step), 2)
            w[name] = off((1 - rate * (0 if name == "bias" else decay)) * value - off(rate * v[name], 2), 2)
        if step % epoch == 0:
            for name in ("matrix", "kernels"):
                found = gain(w[name])
                if step > epoch:
                    if found > 0:
                        waiting.discard(name)
                    growth = lr - beta * rates[name] if name in waiting else found - gains[name]
                    rates[name] = max(beta * rates[name] + zeta * growth, 0)
                gains[name] = found
    return w


USUAL = {"matrix": ("spectral", 1), "kernels": ("convolution", 1), "bias": ("bias", 1)}
RECIPE = {"matrix": ("input spectral", 2), "kernels": ("sign", 16), "bias": ("bias", 2)}

RULES = {
    "Muon": lambda off: muon(off, 0.02, 0.1, 0.95, True, False, 0.01),
    "Muon, as AdamW": lambda off: muon(off, 0.01, 0, 0.8, False, True, 0.01),
    "Scion": lambda off: scion(off, 0.05, 0.1, True, USUAL),
    "Scion, unconstrained": lambda off: scion(off, 0.01, 1, False, RECIPE),
    "AdaFisher": lambda off: ada_fisher(off, 1e-3, 0, 100),
    "AdaFisherW": lambda off: ada_fisher(off, 2e-4, 10, 40),
    "RAMDA": lambda off: ramda(off, 0.01, 0.1, 0, decay=0.5),
    "RAMDA, group lasso": lambda off: ramda(off, 0.01, 0.1, 0.12),
    "AdaS": lambda off: ada_s(off, 0.03, 0.01),
    "AdaS, a gain that comes and goes": lambda off: ada_s(off, 0.3, 0, zeta=0.5, epoch=10),
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
    out += ["  ]", "}", "", "/// What is left of the singular values 9, 5, 2.5, 0.7, 0.55 and 0.4 of a matrix of 6 x 30."]
    left = shrunk_values(numpy.array([9, 5, 2.5, 0.7, 0.55, 0.4]), 6, 30).tolist()
    out += ["enum KnowledgeGainGolden {", "  static let shrunk: [Double] = [", swift_list(left, 4), "  ]", "}", ""]
    pathlib.Path(__file__).with_name("NormRulesGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("numpy", numpy.__version__)
    main()
