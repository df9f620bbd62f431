"""Writes EtaModelGolden.swift: the eta model's gradient by automatic differentiation, in float64.

An implementation of its own, in PyTorch: nothing here is shared with the library. Run it beside this file:

    python eta_model.py

Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6.
"""

import math
import pathlib

import numpy
import torch

from swift_source import swift_list

torch.set_default_dtype(torch.float64)
HIDDEN = 3
ROWS, COLUMNS = 2, 4  # the block [W | b], the first of two layers
ETA0 = 0.3


def wave(count, step, phase, scale):
    """Numbers that the Swift test computes too, by the same formula."""
    return scale * torch.sin(step * torch.arange(count) + phase)


def normalized(us):
    """The running normalization of log-scaled features; returns the last one's."""
    mean, variance = torch.zeros(5), torch.zeros(5)
    for t, u in enumerate(us, start=1):
        rate = max(0.01, 1 / t)
        difference = u - mean
        mean = mean + rate * difference
        variance = (1 - rate) * (variance + rate * difference**2)
        x = ((u - mean) / torch.sqrt(variance + 1e-4)).clamp(-3, 3)
    return x


def scaled(g):
    f = torch.stack([g.mean(), g.var(unbiased=False), g.max(), g.min(), g.norm()])
    return torch.sign(f) * torch.log1p(1e8 * f.abs())


def eta(psi, x, granularity, projection, gated):
    A, a, Bp, Bq, cp, cq = psi
    h = torch.tanh(A @ x + a)
    p, q = Bp @ h + cp, Bq @ h + cq

    def spread(v):
        if granularity == "scalar":
            return v.expand(ROWS, COLUMNS)
        if granularity == "row":
            return v[:, None].expand(ROWS, COLUMNS)
        if granularity == "column":
            return v[None, :].expand(ROWS, COLUMNS)
        if granularity == "element":
            return v[:ROWS, None] + v[None, ROWS:]
        weights = v[: ROWS * (COLUMNS - 1)].reshape(ROWS, COLUMNS - 1)
        return torch.cat([weights, v[ROWS * (COLUMNS - 1) :, None]], dim=1)

    p, q = spread(p), spread(q)
    if projection == "logarithmic":
        low, high = math.log(1e-5), math.log(10)
        learned = torch.exp(low + (high - low) / 2 * (1 + torch.tanh(q)))
    elif projection == "relative":
        learned = ETA0 * 4 ** torch.tanh(q)
    else:
        learned = torch.sigmoid(q)
    gate = torch.sigmoid(p) if gated else torch.zeros_like(p)
    return gate * ETA0 + (1 - gate) * learned


def outputs(granularity):
    return {"scalar": 1, "row": ROWS, "column": COLUMNS, "element": ROWS + COLUMNS, "elementUnfactored": ROWS * COLUMNS}[
        granularity
    ]


def loss(first, second, inputs, labels):
    hidden = torch.tanh(inputs @ first[:, :-1].T + first[:, -1])
    return torch.nn.functional.cross_entropy(hidden @ second[:, :-1].T + second[:, -1], labels)


def parameter_list(granularity):
    k = outputs(granularity)
    flat = wave(HIDDEN * 6 + 2 * k * (HIDDEN + 1), 1.7, 0.3, 0.6)
    shapes = [(HIDDEN, 5), (HIDDEN,), (k, HIDDEN), (k, HIDDEN), (k,), (k,)]
    psi, start = [], 0
    for shape in shapes:
        count = math.prod(shape)
        psi.append(flat[start : start + count].reshape(shape).clone().requires_grad_(True))
        start += count
    return psi


def gradients(granularity, projection, gated):
    first = wave(ROWS * COLUMNS, 0.9, 0.1, 0.8).reshape(ROWS, COLUMNS).requires_grad_(True)
    second = wave(3 * (ROWS + 1), 1.3, 0.7, 0.8).reshape(3, ROWS + 1)
    inputs = wave(5 * 3, 2.1, 0.2, 1.0).reshape(5, 3)
    labels = torch.tensor([0, 1, 2, 1, 0])
    before = loss(first, second, inputs, labels)
    (g,) = torch.autograd.grad(before, first)
    psi = parameter_list(granularity)
    x = wave(5, 1.1, 0.5, 1.5)
    moved = loss(first.detach() - eta(psi, x, granularity, projection, gated) * g, second, inputs, labels)
    moved.backward()
    found = [torch.zeros_like(v) if v.grad is None else v.grad for v in psi]
    return before.item(), moved.item(), torch.cat([v.flatten() for v in found]).tolist()


def features():
    """Gradients of multiples of 1/64, the twelfth far larger: its features reach the clip."""
    us = []
    for t in range(160):
        g = torch.tensor([((7 * i + 3 * t) % 11 - 5) / 64 for i in range(ROWS * COLUMNS)])
        us.append(scaled(g * (64 if t == 11 else 1)))
    return [normalized(us[: t + 1]).tolist() for t in (0, 1, 4, 11, 159)]


def lessons():
    """psi of the row head after three Adam steps on fixed head gradients."""
    psi = parameter_list("row")
    adam = torch.optim.Adam(psi, lr=1e-3, betas=(0.9, 0.999), eps=1e-16)
    x = wave(5, 1.1, 0.5, 1.5)
    for t in range(3):
        A, a, Bp, Bq, cp, cq = psi
        h = torch.tanh(A @ x + a)
        p, q = Bp @ h + cp, Bq @ h + cq
        dp, dq = wave(ROWS, 1.9, 0.4 + t, 0.01), wave(ROWS, 2.3, 0.9 + t, 0.02)
        adam.zero_grad()
        ((dp * p).sum() + (dq * q).sum()).backward()
        adam.step()
    return torch.cat([v.detach().flatten() for v in psi]).tolist()


def main():
    out = [
        "// Written by eta_model.py; do not edit.",
        "",
        "/// dL/d psi of one block by automatic differentiation in double precision.",
        "enum EtaModelGolden {",
        "  struct Case: Sendable {",
        "    let granularity: String",
        "    let projection: String",
        "    let isGated: Bool",
        "    let lossBefore: Double",
        "    let lossAfter: Double",
        "    let gradient: [Double]",
        "  }",
        "",
        "  static let cases: [Case] = [",
    ]
    for granularity in ("scalar", "row", "column", "element", "elementUnfactored"):
        for projection, gated in (("logarithmic", True), ("relative", True), ("sigmoid", True), ("logarithmic", False)):
            before, after, gradient = gradients(granularity, projection, gated)
            out += [
                "    Case(",
                f'      granularity: "{granularity}", projection: "{projection}", isGated: {str(gated).lower()},',
                f"      lossBefore: {before!r}, lossAfter: {after!r},",
                "      gradient: [",
                swift_list(gradient, 8),
                "      ]),",
            ]
    out += ["  ]", "", "  /// The features after 1, 2, 5, 12 and 160 gradients.", "  static let features: [[Double]] = ["]
    for x in features():
        out += ["    [", swift_list(x, 6), "    ],"]
    out += [
        "  ]",
        "",
        "  /// The row head's parameters after three Adam steps.",
        "  static let lessons: [Double] = [",
        swift_list(lessons(), 4),
        "  ]",
        "}",
        "",
    ]
    pathlib.Path(__file__).with_name("EtaModelGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("torch", torch.__version__, "numpy", numpy.__version__)
    main()
