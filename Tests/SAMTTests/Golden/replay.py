"""Writes ReplayGolden.swift: SAMT-Replay, piece by piece and step by step, in float64 with numpy alone.

The network is a convolution 2 -> 3 (3 x 3, padding 1) on 4 x 4 images, tanh, and a linear layer 48 -> 3 with the mean
cross-entropy. Everything is written down here once more, from the formulas: nothing is shared with the library. The
same trainings in float32, with the orthogonalization on the Gram matrix, say how far rounding alone takes them; the test
allows a multiple of that. Run it beside this file:

    python replay.py

Versions: Python 3.11.7, numpy 2.4.6.
"""

import math
import pathlib

import numpy as np

from swift_source import swift_list

B1, B2, EPS = 0.9, 0.999, 1e-8


def wave(count, step, phase, scale=1.0):
    """Numbers that the Swift test computes too, by the same formula, and rounds to single precision."""
    return np.float32(scale * np.sin(step * np.arange(count) + phase)).astype(np.float64)


class NAdam:
    def __init__(self, like):
        self.m, self.v, self.t = np.zeros_like(like), np.zeros_like(like), 0

    def state(self):
        return self.m.copy(), self.v.copy(), self.t

    def restore(self, state):
        self.m, self.v, self.t = state[0].copy(), state[1].copy(), state[2]

    def direction(self, g):
        kind = g.dtype.type
        self.t += 1
        self.m = kind(B1) * self.m + kind(1 - B1) * g
        self.v = kind(B2) * self.v + kind(1 - B2) * g * g
        m, v = self.m / kind(1 - B1**self.t), self.v / kind(1 - B2**self.t)
        return (kind(B1) * m + kind(1 - B1) * g) / (np.sqrt(v) + kind(EPS))


def orthogonalized(x):
    """Five times X = a X + b (X X') X + c (X X')^2 X, as it stands; the Gram matrix of the other side where X is tall."""
    kind = x.dtype.type
    a, b, c = kind(3.4445), kind(-4.775), kind(2.0315)
    x = x / kind(np.sqrt((x * x).sum()))
    for _ in range(5):
        if x.shape[0] > x.shape[1]:
            gram = x.T @ x
            x = a * x + x @ (b * gram + c * (gram @ gram))
        else:
            gram = x @ x.T
            x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x


def orthogonalized_by_gram(x):
    """The same with X kept out of the iterations, whose small singular values single precision knows less well."""
    kind = x.dtype.type
    a, b, c = kind(3.4445), kind(-4.775), kind(2.0315)
    tall = x.shape[0] > x.shape[1]
    gram = x.T @ x if tall else x @ x.T
    squares = np.trace(gram)
    gram = gram / squares
    whole = np.eye(len(gram), dtype=x.dtype)
    for _ in range(5):
        step = a * np.eye(len(gram), dtype=x.dtype) + b * gram + c * (gram @ gram)
        whole, gram = whole @ step, gram @ step @ step
    return (x @ whole if tall else whole @ x) / kind(np.sqrt(squares))


class Orthogonal:
    def __init__(self, like):
        self.m = np.zeros_like(like)

    def state(self):
        return self.m.copy()

    def restore(self, state):
        self.m = state.copy()

    def direction(self, g):
        kind = g.dtype.type
        self.m = kind(B1) * self.m + kind(1 - B1) * g
        x = (kind(0.95) * self.m + kind(0.05) * g).reshape(g.shape[0], -1)
        rule = orthogonalized if kind is np.float64 else orthogonalized_by_gram
        return (kind(0.2 * math.sqrt(max(x.shape))) * rule(x)).reshape(g.shape)


class Network:
    """Parameters: kernels (3, 2, 3, 3), their bias (3), weights (3, 48), their bias (3)."""

    def __init__(self, kind):
        self.w = [
            wave(54, 0.7, 0.2, 0.3).reshape(3, 2, 3, 3).astype(kind),
            wave(3, 1.1, 0.4, 0.1).astype(kind),
            wave(144, 0.9, 0.6, 0.2).reshape(3, 48).astype(kind),
            wave(3, 1.3, 0.8, 0.1).astype(kind),
        ]

    def gradients(self, x, labels):
        """The mean loss and its gradients with respect to all parameters."""
        kernels, kernel_bias, weights, bias = self.w
        count = len(x)
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        # windows[n, c, i, j, y, x] = padded[n, c, y + i, x + j]
        windows = np.stack(
            [np.stack([padded[:, :, i : i + 4, j : j + 4] for j in range(3)], 2) for i in range(3)], 2
        )
        z = np.einsum("fcij,ncijyx->nfyx", kernels, windows) + kernel_bias[None, :, None, None]
        a = np.tanh(z)
        flat = a.reshape(count, -1)
        logits = flat @ weights.T + bias
        shifted = logits - logits.max(1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        loss = -log_p[np.arange(count), labels].mean()
        d = np.exp(log_p)
        d[np.arange(count), labels] -= 1
        d = d / x.dtype.type(count)
        dz = (d @ weights).reshape(a.shape) * (1 - a * a)
        return float(loss), [
            np.einsum("nfyx,ncijyx->fcij", dz, windows), dz.sum((0, 2, 3)), d.T @ flat, d.sum(0),
        ]


class Replay:
    BLOCKS = ((0, 1), (2, 3))

    def __init__(self, network, total, start, full_window, searches):
        self.net, self.total, self.h = network, total, full_window
        self.s = [math.log(start)] * 2
        self.most = math.log(3) - 0.5 * math.log(total)  # the kernel of the convolution is orthogonalized
        w = network.w
        self.directions = [Orthogonal(w[0]), NAdam(w[1]), NAdam(w[2]), NAdam(w[3])]
        self.unit = [self.rms(block, w) for block in self.BLOCKS]
        self.n, self.closed, self.lessons, self.searched = 0, 0, 0, not searches
        self.open, self.trace, self.restores, self.first = False, [], 0, None

    @staticmethod
    def rms(block, tensors):
        squares = sum(float((tensors[i].astype(np.float64) ** 2).sum()) for i in block)
        return math.sqrt(squares / sum(tensors[i].size for i in block))

    def factor(self, n):
        return (1 - (n - 1) / self.total) * min(1.0, n / max(int(0.05 * self.total), 1))

    def move(self, gradients, factor, decays):
        lost = 2 * (1 - 1 / EPOCHS) * factor / sum(self.factor(n) for n in range(1, self.total + 1))
        for index, block in enumerate(self.BLOCKS):
            d = {i: self.directions[i].direction(gradients[i]) for i in block}
            a = math.exp(self.s[index]) * factor * self.unit[index] / self.rms(block, d)
            for i in block:
                kind = d[i].dtype.type
                keep = math.exp(-lost) if decays and i % 2 == 0 else 1.0
                self.net.w[i] = kind(keep) * self.net.w[i] - kind(a) * d[i]

    def snapshot(self, batch, loss, gradients):
        if self.first is None:
            self.first = loss
        self.batch, self.loss0, self.g0 = batch, loss, gradients
        self.w0 = [w.copy() for w in self.net.w]
        self.states = [d.state() for d in self.directions]
        self.open, self.taken = True, 0

    def back(self):
        self.net.w = [w.copy() for w in self.w0]
        for direction, state in zip(self.directions, self.states, strict=True):
            direction.restore(state)

    def restore(self):
        self.back()
        self.restores += 1
        self.s = [s - math.log(2 if self.closed >= 5 else 4) for s in self.s]
        self.open = False

    @staticmethod
    def clip(end, start):
        return max(-1.0, min(1.0, end / (abs(start) + 1e-30)))

    def path(self, gradients):
        """Per block: the slopes at the start and at the end, and the squared gradients."""
        sums = []
        for block in self.BLOCKS:
            steps = {i: (self.w0[i] - self.net.w[i]).astype(np.float64) for i in block}
            sums.append([
                sum(float((steps[i] * self.g0[i]).sum()) for i in block),
                sum(float((steps[i] * gradients[i]).sum()) for i in block),
                sum(float((self.g0[i] * self.g0[i]).sum()) for i in block),
                sum(float((gradients[i] * gradients[i]).sum()) for i in block),
            ])
        return sums

    @staticmethod
    def left(sums):
        """The least part of its squared gradient that a block has left."""
        return min((s[3] / s[2] for s in sums if s[2] > 0), default=1.0)

    def search(self):
        down = False
        for _ in range(40):
            self.move(self.g0, 1.0, decays=False)
            loss, gradients = self.net.gradients(*self.batch)
            blocks = self.path(gradients)
            sums = np.array(blocks).sum(0)
            ratio = self.clip(sums[1], sums[0])
            self.trace.append((loss, ratio))
            if not loss <= self.loss0 or ratio < 0 or self.left(blocks) < 1e-4:
                self.back()
                self.s = [s - math.log(2) for s in self.s]
                down = True
            elif ratio > 0.5 and not down:
                self.back()
                self.s = [s + math.log(2) for s in self.s]
            else:
                break
        self.s = [min(s - math.log(2), self.most) for s in self.s]
        self.open = False

    def step(self, batch):
        u = self.n / self.total
        self.n += 1
        loss, gradients = self.net.gradients(*batch)
        if self.open and self.closed < 5 and loss > 2 * max(self.loss0, self.first):
            self.restore()
            return loss
        if not self.searched:
            self.searched = True
            self.snapshot(batch, loss, gradients)
            self.search()
            return loss
        if not self.open:
            self.snapshot(batch, loss, gradients)
        warm = int(0.05 * self.total)
        self.move(gradients, self.factor(self.n), decays=True)
        self.taken += 1
        window = min(self.h, 2**self.closed) if self.closed < 5 else self.h
        if self.taken < window:
            return loss
        end, gradients = self.net.gradients(*self.batch)
        sums = self.path(gradients)
        dead = self.left(sums) < 1e-4 and end > 0.5 * self.loss0
        if not end <= self.loss0 + (0 if window <= 2 else max(self.loss0, 0.1)) or dead:
            self.restore()
            return loss
        self.open = False
        self.closed += 1
        if self.n > warm:
            self.lessons += 1
            if self.n / self.total < 0.5:
                r = [self.clip(s[1], s[0]) for s in sums]
                r_mean, s_mean = sum(r) / 2, sum(self.s) / 2
                gain = max(0.2 * (1 - u), 1 / (self.lessons + 1))
                pull = min(max(s_mean, -0.5 * math.log(self.total)), self.most) - s_mean
                self.s = [
                    s + gain * (0.7 * r_mean + 0.3 * q + 0.25 - 0.5 * (s - s_mean) + pull)
                    for s, q in zip(self.s, r, strict=True)
                ]
        return loss


TOTAL, EPOCHS, WINDOW, BATCH = 60, 4, 6, 8

# name: (initial step size, whether there is a search, steps)
RUNS = {
    "search from 0.1": (0.1, True, 36),
    "search from 100": (100.0, True, 36),
    "too long without search": (4.0, False, 8),
    "too short without search": (0.01, False, 24),
}


def minibatch(step, kind):
    x = wave(BATCH * 32, 1.7, 0.3 * (step % 5)).reshape(BATCH, 2, 4, 4).astype(kind)
    return x, np.arange(BATCH) % 3


def run(start, searches, steps, kind):
    network = Network(kind)
    replay = Replay(network, TOTAL, start, WINDOW, searches)
    losses, sizes, weights = [], [], []
    for step in range(steps):
        losses.append(replay.step(minibatch(step, kind)))
        sizes += replay.s
        weights.append(np.concatenate([w.flatten() for w in network.w]).astype(np.float64))
    return losses, sizes, weights, replay


def main():
    out = [
        "// Written by replay.py; do not edit.", "",
        "/// SAMT-Replay's pieces and whole trainings, in double precision.", "enum ReplayGolden {",
        "  /// Three directions of a wave of gradients, by shape: NAdam's, and the orthogonalized momentum's.",
        "  static let directions: [String: [[Double]]] = [",
    ]
    for name, kind, shape in (
        ("nadam", NAdam, (5, 3)), ("wide", Orthogonal, (4, 7)), ("tall", Orthogonal, (7, 4)), ("row", Orthogonal, (1, 6)),
    ):
        rule = kind(np.zeros(shape))
        out.append(f'    "{name}": [')
        for step in range(3):
            gradient = wave(math.prod(shape), 1.9, 0.5 + step, 0.8).reshape(shape)
            out += ["      [", swift_list(rule.direction(gradient).flatten().tolist(), 8), "      ],"]
        out.append("    ],")
    out += [
        "  ]", "",
        "  /// A training: the losses before and the logarithms of both step sizes behind each step, all weights behind",
        "  /// some, the trials of the search as losses and ratios, and how often steps were taken back; what single",
        "  /// precision makes of losses, step sizes and weights at most, in this script.",
        "  struct Training: Sendable {",
        "    var initialStepSize: Double", "    var searches: Bool", "    var losses: [Double]",
        "    var logStepSizes: [Double]", "    var weights: [Int: [Double]]", "    var trials: Int",
        "    var restores: Int", "    var rounding: [Double]", "  }", "",
        f"  static let plannedSteps = {TOTAL}", f"  static let epochs = {EPOCHS}", f"  static let window = {WINDOW}",
        f"  static let batchSize = {BATCH}", "", "  static let trainings: [String: Training] = [",
    ]
    for name, (start, searches, steps) in RUNS.items():
        losses, sizes, weights, replay = run(start, searches, steps, np.float64)
        single = run(start, searches, steps, np.float32)
        assert (replay.restores, len(replay.trace)) == (single[3].restores, len(single[3].trace)), name
        rounding = [
            float(np.abs(np.array(losses) - np.array(single[0])).max()),
            float(np.abs(np.array(sizes) - np.array(single[1])).max()),
            max(float(np.abs(a - b).max()) for a, b in zip(weights, single[2], strict=True)),
        ]
        print(name, "trials", len(replay.trace), "restores", replay.restores, "lessons", replay.lessons, "rounding", rounding)
        print("   losses", [round(x, 3) for x in losses])
        out += [
            f'    "{name}": Training(', f"      initialStepSize: {start}, searches: {str(searches).lower()},",
            "      losses: [", swift_list(losses, 8), "      ],", "      logStepSizes: [", swift_list(sizes, 8),
            "      ],", "      weights: [",
        ]
        for step in sorted({1, 2, 8, steps}):
            out += [f"        {step}: [", swift_list(weights[step - 1].tolist(), 10), "        ],"]
        out += [
            f"      ], trials: {len(replay.trace)}, restores: {replay.restores},",
            f"      rounding: [{', '.join(repr(r) for r in rounding)}]),",
        ]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("ReplayGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("numpy", np.__version__)
    main()
