"""Writes ArchitectureGolden.swift: one forward and backward pass of whole networks by PyTorch, in float64.

Weights, inputs and labels come from a formula that the Swift test has too, so nothing large is kept: of each gradient
only its norm, its product with a pattern of signs, and a few entries. Run it beside this file:

    python architectures.py

Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6.
"""

import math
import pathlib

import numpy
import torch
from torch.nn import functional as F

from swift_source import swift_list

SAMPLES = 4

# A rectifier whose input is as near to zero as float32 sums are exact may fall on either side, and gradients follow. So
# the batch of each network is that of many whose rectifiers' inputs stay furthest from zero.
STREAMS = range(10000, 10400)


def hashed(stream, count):
    """32 bits for each index: a finalizer of avalanche, on streams a golden ratio apart."""
    x = numpy.arange(count, dtype=numpy.uint64) + (0x9E3779B9 * stream & 0xFFFFFFFF) & 0xFFFFFFFF
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> shift
        x = x * factor & 0xFFFFFFFF
    return x ^ x >> 16


def units(stream, count):
    """Numbers in -1 ..< 1 that float32 has."""
    return (hashed(stream, count) >> 8).astype(numpy.float64) * 2.0**-23 - 1


class Parameters:
    """Hands out parameters in the order in which the layers run, and remembers them, and how near to zero rectifiers
    came."""

    def __init__(self):
        self.all = []
        self.margin = math.inf

    def relu(self, x):
        self.margin = min(self.margin, x.detach().abs().min().item())
        return F.relu(x)

    def __call__(self, kind, *shape):
        u = units(1 + len(self.all), math.prod(shape))
        if kind == "weight":  # a power of two near sqrt(6 / inputs)
            u *= 2.0 ** round(math.log2(math.sqrt(6 / math.prod(shape[1:]))))
        elif kind == "gamma":
            u = 1 + u / 2
        else:
            u /= 4
        self.all.append(torch.tensor(u.astype(numpy.float32)).double().reshape(shape).requires_grad_(True))
        return self.all[-1]


def linear(p, x, outputs):
    weight = p("weight", outputs, x.shape[1])
    return F.linear(x, weight, p("bias", outputs))


def convolution(p, x, channels, kernel, **settings):
    weight = p("weight", channels, x.shape[1], kernel, kernel)
    return F.conv2d(x, weight, p("bias", channels), **settings)


def normalized(p, x, channels, kernel, stride=1):
    """A convolution without bias, padded to keep the size, and batch normalization."""
    x = F.conv2d(x, p("weight", channels, x.shape[1], kernel, kernel), stride=stride, padding=kernel // 2)
    gamma = p("gamma", channels)
    return F.batch_norm(x, None, None, gamma, p("bias", channels), training=True)


def lenet5(p, x):
    x = F.max_pool2d(p.relu(convolution(p, x, 6, 5, padding=2)), 2)
    x = F.max_pool2d(p.relu(convolution(p, x, 16, 5)), 2).flatten(1)
    return linear(p, p.relu(linear(p, p.relu(linear(p, x, 120)), 84)), 10)


def resnet(p, x, widths, blocks):
    x = p.relu(normalized(p, x, widths[0], 3))
    for stage, width in enumerate(widths):
        for block in range(blocks):
            stride = 2 if stage > 0 and block == 0 else 1
            shortcut = normalized(p, x, width, 1, stride) if x.shape[1] != width else x
            body = normalized(p, p.relu(normalized(p, x, width, 3, stride)), width, 3)
            x = p.relu(body + shortcut)
    return linear(p, x.mean((2, 3)), 10)


# name: (network, the batch's shape)
NETWORKS = {
    "LeNet-5": (lenet5, (8, 1, 28, 28)),
    "ResNet-20": (lambda p, x: resnet(p, x, (16, 32, 64), 3), (2, 3, 32, 32)),
    "ResNet-18": (lambda p, x: resnet(p, x, (64, 128, 256, 512), 2), (2, 3, 32, 32)),
}


def shortened(values):
    return [float(f"{value:.9g}") for value in values]


def digest(stream, gradient):
    """Norm, product with signs, and some entries."""
    g = gradient.flatten().numpy()
    signs = numpy.where(hashed(1000 + stream, g.size) & 1, -1.0, 1.0)
    places = hashed(2000 + stream, SAMPLES) % g.size
    return shortened([float(numpy.linalg.norm(g)), float(g @ signs)] + [float(g[place]) for place in places])


def batch(stream, shape):
    return torch.tensor(units(stream, math.prod(shape))).reshape(shape)


def margin(network, x):
    p = Parameters()
    with torch.no_grad():
        network(p, x)
    return p.margin


def main():
    out = [
        "// Written by architectures.py; do not edit.",
        "",
        "/// The batch's stream, loss, logits, and of each parameter's gradient the norm, the product with a pattern of",
        "/// signs, and some entries.",
        "enum ArchitectureGolden {",
        "  static let networks: [String: (stream: UInt32, loss: Double, logits: [Double], gradients: [[Double]])] = [",
    ]
    for name, (network, shape) in NETWORKS.items():
        stream = max(STREAMS, key=lambda stream: margin(network, batch(stream, shape)))
        p = Parameters()
        logits = network(p, batch(stream, shape))
        print(name, "stream", stream, "margin", p.margin)
        loss = F.cross_entropy(logits, torch.arange(shape[0]) * 7 % 10)
        loss.backward()
        out += [f'    "{name}": (', f"      stream: {stream},", f"      loss: {shortened([loss.item()])[0]!r},", "      logits: ["]
        out += [swift_list(shortened(logits.flatten().tolist()), 8), "      ],", "      gradients: ["]
        for index, parameter in enumerate(p.all, start=1):
            out += ["        [", swift_list(digest(index, parameter.grad), 10), "        ],"]
        out += ["      ]", "    ),"]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("ArchitectureGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("torch", torch.__version__, "numpy", numpy.__version__)
    main()
