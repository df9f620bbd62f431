"""Writes MDLAMGolden.swift: iterations of mDLAM on small perceptrons, by NumPy in float64.

Written from the method's formulas, every product and the whole objective anew each time: nothing is shared with the
library's way, which updates residuals. Run it beside this file:

    python mdlam.py

Versions: Python 3.11.7, numpy 2.4.6.
"""

import pathlib

import numpy

from swift_source import swift_list


def wave(rows, columns, step, phase, scale):
    """Numbers that the Swift test computes too, by the same formula, rounded to float32."""
    values = scale * numpy.sin(step * numpy.arange(rows * columns) + phase)
    return values.astype(numpy.float32).astype(numpy.float64).reshape(rows, columns)


def relu(x):
    return numpy.maximum(x, 0)


class CrossEntropy:
    """The sum over the examples of -log softmax[class]."""

    def __init__(self, examples, classes):
        self.y = numpy.eye(classes)[numpy.arange(examples) % classes]

    def start(self, z):
        return 2 * self.y - 1

    def value(self, z):
        shifted = z - z.max(axis=1, keepdims=True)
        return (numpy.log(numpy.exp(shifted).sum(axis=1)) - (shifted * self.y).sum(axis=1)).sum()

    def gradient(self, z):
        e = numpy.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True) - self.y

    def minimizer(self, m, rho, z):
        """FISTA, from z."""
        eta, last, before = 4.0, 1.0, numpy.inf
        zeta = z
        for _ in range(500):
            value = self.value(z) + rho / 2 * ((z - m) ** 2).sum()
            if abs(value - before) < 1e-4:
                break
            before = value
            t = (1 + numpy.sqrt(1 + 4 * last**2)) / 2
            gamma = (1 - last) / t
            last = t
            old, zeta = zeta, (rho * m + z / eta - self.gradient(z)) / (rho + 1 / eta)
            z = (1 - gamma) * zeta + gamma * old
        return z


class SquaredError:
    """The sum over the examples of the mean over the outputs of (z - y)^2."""

    def __init__(self, examples, outputs):
        self.y = wave(examples, outputs, 0.9, 0.3, 1.5)

    def start(self, z):
        return z

    def value(self, z):
        return ((z - self.y) ** 2).mean(axis=1).sum()

    def minimizer(self, m, rho, z):
        c = 2 / self.y.shape[1]
        return (c * self.y + rho * m) / (c + rho)


class MDLAM:
    """Rows are examples; a[0] is the input, and z[l], a[l] belong to W[l], l = 1 ... L."""

    def __init__(self, widths, examples, loss, scale, rho, mu, tolerances, accelerated):
        self.loss, self.rho, self.mu, self.tolerances, self.accelerated = loss, rho, mu, tolerances, accelerated
        self.L = len(widths) - 1
        self.a = [wave(examples, widths[0], 1.7, 0.1, scale)]
        self.W, self.b, self.z = [None], [None], [None]
        for l in range(1, self.L + 1):
            self.W.append(wave(widths[l], widths[l - 1], 0.7 + 0.1 * l, 0.2, 0.8))
            self.b.append(wave(1, widths[l], 1.1, 0.4 * l, 0.3))
            self.z.append(self.a[-1] @ self.W[l].T + self.b[l])
            if l < self.L:
                self.a.append(relu(self.z[l]))
        self.z[self.L] = loss.start(self.z[self.L])
        self.s = 0.0
        self.past = {}
        self.trace = []  # (update, F)
        self.rejections = 0

    def phi(self, l):
        return self.rho / 2 * ((self.z[l] - self.a[l - 1] @ self.W[l].T - self.b[l]) ** 2).sum()

    def objective(self):
        layers = range(1, self.L + 1)
        return (self.loss.value(self.z[self.L]) + sum(self.mu / 2 * (self.W[l] ** 2).sum() for l in layers)
                + sum(self.phi(l) for l in layers))

    def update(self, name, variables, l, beta, rule):
        """Moves variables[l] by `rule`, from the extrapolated point unless that ends with a larger F."""
        before, old = self.objective(), variables[l]
        past = self.past.get((name, l), old)
        self.past[name, l] = old
        variables[l] = rule(old + beta * (old - past)) if beta > 0 else rule(old)
        if beta > 0 and self.objective() > before:
            self.rejections += 1
            variables[l] = old
            variables[l] = rule(old)
        after = self.objective()
        assert after <= before + 1e-13 * abs(before), (name, l, before, after)
        self.trace.append((name, after))

    def weight_rule(self, l):
        a, b, z = self.a[l - 1], self.b[l], self.z[l]

        def f(w):
            return self.mu / 2 * (w**2).sum() + self.rho / 2 * ((a @ w.T + b - z) ** 2).sum()

        def rule(w):
            g = self.mu * w + self.rho * (a @ w.T + b - z).T @ a
            for theta in 2.0 ** numpy.arange(11):
                d = -g / theta
                if f(w + d) <= f(w) + (g * d).sum() + theta / 2 * (d**2).sum():
                    return w + d
            return self.W[l]

        return rule

    def tighten(self, variables, l, value):
        """Brings z_l or a_l to the nearest point of a tighter constraint, which may raise F."""
        variables[l] = value
        self.trace.append(("tighten", self.objective()))

    def nearest(self, z, l, epsilon):
        """The nearest z to this one with |relu(z) - a_l| <= epsilon; below a_l = -epsilon none does."""
        a = self.a[l]
        return numpy.where(a > epsilon, numpy.clip(z, a - epsilon, a + epsilon), numpy.minimum(z, a + epsilon))

    def activation_rule(self, l, epsilon):
        w, b, z, h = self.W[l + 1], self.b[l + 1], self.z[l + 1], relu(self.z[l])

        def f(a):
            return self.rho / 2 * ((a @ w.T + b - z) ** 2).sum()

        def rule(a):
            g = self.rho * (a @ w.T + b - z) @ w
            for tau in 2.0 ** numpy.arange(11):
                new = numpy.clip(a - g / tau, h - epsilon, h + epsilon)
                d = new - a
                if f(new) <= f(a) + (g * d).sum() + tau / 2 * (d**2).sum():
                    return new
            return self.a[l]

        return rule

    def iterate(self, k):
        first, final = self.tolerances
        epsilon = max(first / 2**k, final)
        s = (1 + numpy.sqrt(1 + 4 * self.s**2)) / 2
        beta = max((self.s - 1) / s, 0) if self.accelerated else 0
        self.s = s
        for l in range(1, self.L + 1):
            self.update("weight", self.W, l, beta, self.weight_rule(l))
            mean = (self.z[l] - self.a[l - 1] @ self.W[l].T).mean(axis=0, keepdims=True)
            self.update("bias", self.b, l, 0, lambda b: mean)
            if l < self.L:
                self.tighten(self.z, l, self.nearest(self.z[l], l, epsilon))
                best = self.nearest(self.a[l - 1] @ self.W[l].T + self.b[l], l, epsilon)
                self.update("preactivation", self.z, l, 0, lambda z: best)
                h = relu(self.z[l])
                self.tighten(self.a, l, numpy.clip(self.a[l], h - epsilon, h + epsilon))
                self.update("activation", self.a, l, beta, self.activation_rule(l, epsilon))
            else:
                m = self.a[l - 1] @ self.W[l].T + self.b[l]
                self.update("output", self.z, l, beta, lambda z: self.loss.minimizer(m, self.rho, z))


# name: (widths, examples, loss, scale of the inputs, rho, mu, first and final epsilon, whether accelerated, iterations)
CASES = {
    "one layer, cross-entropy": ([7, 3], 5, CrossEntropy, 1.0, 0.1, 0.05, (1, 0.01), False, 6),
    "two layers, squared error": ([9, 4, 2], 6, SquaredError, 1.0, 0.1, 0.05, (4, 0.01), False, 8),
    "two layers, squared error, accelerated": ([9, 4, 2], 6, SquaredError, 1.0, 0.1, 0.05, (4, 0.01), True, 10),
    "four layers, cross-entropy": ([4, 6, 5, 7, 3], 10, CrossEntropy, 1.0, 0.02, 0.02, (2, 0.05), False, 6),
    "four layers, cross-entropy, accelerated": ([4, 6, 5, 7, 3], 10, CrossEntropy, 1.0, 0.02, 0.02, (2, 0.05), True, 10),
    "large inputs": ([12, 5, 3], 8, CrossEntropy, 6.0, 0.3, 0.05, (0.5, 0.5), False, 6),
    "large inputs, accelerated": ([12, 5, 3], 8, CrossEntropy, 6.0, 0.3, 0.05, (0.5, 0.5), True, 10),
}


def main():
    out = [
        "// Written by mdlam.py; do not edit.",
        "",
        "/// Iterations of mDLAM in double precision.",
        "enum MDLAMGolden {",
        "  struct Case: Sendable {",
        "    let name: String",
        "    let widths: [Int]",
        "    let examples: Int",
        "    let hasClasses: Bool",
        "    let inputScale: Double",
        "    let penalty: Float",
        "    let weightPenalty: Float",
        "    let tolerances: (Float, Float)",
        "    let isAccelerated: Bool",
        "    let iterations: Int",
        "    /// Extrapolated updates that were done again without.",
        "    let rejections: Int",
        "    /// F behind each update, and where a z was brought into a tighter constraint.",
        "    let trace: [(update: String, objective: Double)]",
        "    /// The weight and the bias of each layer in the end.",
        "    let parameters: [Double]",
        "  }",
        "",
        "  static let cases: [Case] = [",
    ]
    for name, (widths, examples, loss, scale, rho, mu, tolerances, accelerated, iterations) in CASES.items():
        run = MDLAM(widths, examples, loss(examples, widths[-1]), scale, rho, mu, tolerances, accelerated)
        for k in range(iterations):
            run.iterate(k)
        values = [p.flatten() for pair in zip(run.W[1:], run.b[1:]) for p in pair]
        print(f"{name}: F {run.trace[0][1]:.4f} to {run.trace[-1][1]:.4f}, {run.rejections} rejections")
        flags = {True: "true", False: "false"}
        out += [
            "    Case(",
            f'      name: "{name}", widths: {widths}, examples: {examples},',
            f"      hasClasses: {flags[loss is CrossEntropy]}, inputScale: {scale}, penalty: {rho}, "
            f"weightPenalty: {mu}, tolerances: {tolerances},",
            f"      isAccelerated: {flags[accelerated]}, iterations: {iterations}, rejections: {run.rejections},",
            "      trace: [",
            *[f'        ("{update}", {float(value)!r}),' for update, value in run.trace],
            "      ],",
            "      parameters: [",
            swift_list(numpy.concatenate(values).tolist(), 8),
            "      ]),",
        ]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("MDLAMGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("numpy", numpy.__version__)
    main()
