"""Writes ResizingGolden.swift: images of another size.

Larger ones by PyTorch's bilinear interpolation, smaller ones by the mean over the area that each pixel covers: the image
is repeated so often along each axis that whole pixels can be counted.

Run it beside this file:

    python resizing.py

Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6.
"""

import pathlib

import numpy
import torch

from swift_source import swift_list

# name: (the image's shape, the new size)
CASES = {
    "half": ((1, 4, 6), (2, 3)),
    "smaller by a fraction": ((2, 5, 7), (3, 4)),
    "one pixel": ((1, 3, 5), (1, 1)),
    "twice": ((1, 2, 3), (4, 6)),
    "larger by a fraction": ((2, 3, 4), (5, 9)),
    "from one pixel": ((1, 1, 1), (2, 3)),
    "higher and narrower": ((1, 3, 8), (7, 3)),
}


def average(image, length, axis):
    """The mean over equal parts of an axis, `length` of them."""
    old = image.shape[axis]
    repeated = numpy.repeat(image, length, axis)
    shape = list(image.shape)
    shape[axis : axis + 1] = [length, old]
    return repeated.reshape(shape).mean(axis + 1)


def interpolate(image, length, axis):
    size = list(image.shape[1:])
    size[axis - 1] = length
    tensor = torch.tensor(image)[None]
    return torch.nn.functional.interpolate(tensor, size=size, mode="bilinear", align_corners=False)[0].numpy()


def resized(image, size):
    for axis, length in ((2, size[1]), (1, size[0])):
        image = (average if length < image.shape[axis] else interpolate)(image, length, axis)
    return image


def main():
    out = [
        "// Written by resizing.py; do not edit.",
        "",
        "/// Images of another size; the image's pixel i is sin(0.7 i + 0.2).",
        "enum ResizingGolden {",
        "  struct Case: Sendable {",
        "    let name: String",
        "    let shape: [Int]",
        "    let size: [Int]",
        "    let pixels: [Double]",
        "  }",
        "",
        "  static let cases: [Case] = [",
    ]
    for name, (shape, size) in CASES.items():
        image = numpy.sin(0.7 * numpy.arange(numpy.prod(shape)) + 0.2).reshape(shape)
        pixels = resized(image, size).ravel().tolist()
        out += [
            f'    Case(name: "{name}", shape: {list(shape)}, size: {list(size)},',
            "      pixels: [",
            swift_list(pixels, 8),
            "      ]),",
        ]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("ResizingGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("torch", torch.__version__, "numpy", numpy.__version__)
    main()
