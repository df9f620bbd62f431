"""Writes LayerGolden.swift: output and gradients of the layers for images by PyTorch, in float64.

Run it beside this file:

    python layers.py

Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6.
"""

import pathlib

import numpy
import torch
from torch import nn

from swift_source import swift_list


class Rectified(nn.Module):
    """A batch norm with a rectifier behind it."""

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def forward(self, x):
        return torch.relu(self.norm(x))


# name: (module, the input's shape)
CASES = {
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3, padding=1), (2, 2, 3, 4)),
    "Conv2d, strided": (lambda: nn.Conv2d(2, 2, (3, 2), stride=(2, 1), padding=(1, 0), bias=False), (1, 2, 5, 4)),
    "Conv2d, dilated": (lambda: nn.Conv2d(1, 2, (2, 3), padding=(1, 2), dilation=(1, 2)), (1, 1, 4, 5)),
    "Conv2d, grouped": (lambda: nn.Conv2d(4, 6, 2, groups=2), (1, 4, 3, 3)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (2, 2, 4, 5)),
    "MaxPool2d, overlapping": (lambda: nn.MaxPool2d(3, stride=2, padding=1), (1, 2, 5, 6)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), (2, 2, 4, 5)),
    "AvgPool2d, overlapping": (lambda: nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 1)), (1, 2, 5, 4)),
    "GlobalAveragePool": (lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), (2, 3, 2, 3)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (2, 3, 2, 3)),
    "BatchNorm2d, settings": (lambda: nn.BatchNorm2d(2, momentum=0.3, eps=0.1, affine=False), (2, 2, 2, 2)),
    "BatchNorm2d, rectified": (lambda: Rectified(nn.BatchNorm2d(3)), (3, 3, 3, 3)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), (5, 4)),
    "BatchNorm1d, sequences": (lambda: nn.BatchNorm1d(3), (3, 3, 4)),
    "BatchNorm1d, rectified": (lambda: Rectified(nn.BatchNorm1d(4)), (6, 4)),
    "LayerNorm": (lambda: nn.LayerNorm(6), (4, 6)),
    "LayerNorm, two axes": (lambda: nn.LayerNorm((2, 3), eps=0.01), (3, 2, 3)),
}


def wave(shape, step, phase, scale):
    """Numbers that the Swift test computes too, by the same formula, rounded to float32 as there."""
    count = int(numpy.prod(shape))
    return torch.tensor(scale * numpy.sin(step * numpy.arange(count) + phase), dtype=torch.float32).double().reshape(shape)


def results(make, shape):
    """Output, input gradient, parameter gradients; then, of batch norms, running statistics and output in inference."""
    module = make().double()
    for index, parameter in enumerate(module.parameters()):
        with torch.no_grad():
            parameter.copy_(wave(parameter.shape, 0.5 + 0.3 * index, 0.3 + 0.2 * index, 0.6))
    x = wave(shape, 0.9, 0.1, 1.2).requires_grad_(True)
    y = module(x)
    y.backward(wave(y.shape, 1.3, 0.7, 1.0))
    tensors = [y, x.grad] + [parameter.grad for parameter in module.parameters()]
    norm = module.norm if isinstance(module, Rectified) else module
    if isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d)):
        tensors += [norm.running_mean.clone(), norm.running_var.clone(), module.eval()(x)]
    return [[float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()] for tensor in tensors]


def main():
    out = [
        "// Written by layers.py; do not edit.",
        "",
        "/// Output, input gradient and parameter gradients of each layer; of batch norms also the running statistics after",
        "/// one batch and the output in inference.",
        "enum LayerGolden {",
        "  static let results: [String: [[Double]]] = [",
    ]
    for name, (make, shape) in CASES.items():
        out.append(f'    "{name}": [')
        for values in results(make, shape):
            out += ["      [", swift_list(values, 8), "      ],"]
        out.append("    ],")
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("LayerGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("torch", torch.__version__, "numpy", numpy.__version__)
    main()
