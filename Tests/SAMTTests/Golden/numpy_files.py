"""Writes NumPyFiles.swift: small files as NumPy writes them, byte by byte, and the numbers in them.

Run it beside this file:

    python numpy_files.py

Versions: Python 3.11.7, numpy 2.4.6.
"""

import io
import pathlib
import warnings

import numpy
from numpy.lib import format as npy

from swift_source import swift_list

RAMP = numpy.arange(6).reshape(2, 3)
TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]


def npy_bytes(array, version=None):
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about versions that old NumPy does not read
        npy.write_array(file, array, version=version)
    return file.getvalue()


def values(array):
    """Numbers around zero, fractions where there can be any, the largest and the smallest that floats keep."""
    kind = array.dtype.kind
    if kind == "f":
        return (array - 2.5).astype(array.dtype)
    if kind == "i":
        return (array - 3).astype(array.dtype)
    return array


def cases():
    for code in TYPES:
        for order in "<>":
            array = values(RAMP.astype(numpy.dtype(order + code)))
            yield f"{order}{code}", array, npy_bytes(array)
    fortran = numpy.asfortranarray(numpy.arange(24, dtype="<i2").reshape(2, 3, 4))
    yield "Fortran order", fortran, npy_bytes(fortran)
    for version in [(1, 0), (2, 0), (3, 0)]:
        yield f"version {version[0]}", RAMP.astype("<f4"), npy_bytes(RAMP.astype("<f4"), version)
    yield "one number", numpy.array(2.5, dtype="<f8"), npy_bytes(numpy.array(2.5, dtype="<f8"))
    yield "one axis", RAMP.astype("<i4").ravel(), npy_bytes(RAMP.astype("<i4").ravel())
    yield "no element", numpy.zeros((0, 3), dtype="<f4"), npy_bytes(numpy.zeros((0, 3), dtype="<f4"))


def refused():
    yield "objects", numpy.array([1, "a"], dtype=object)
    yield "text", numpy.array(["a", "b"])
    yield "complex", numpy.array([1j])
    yield "records", numpy.zeros(2, dtype=[("a", "<f4"), ("b", "<i2")])
    yield "dates", numpy.array(["2026-01-01"], dtype="datetime64[D]")
    yield "long doubles", numpy.zeros(2, dtype=numpy.longdouble)


def archives():
    arrays = dict(
        x_train=RAMP.astype("<f4"),
        y_train=numpy.array([1, 0], dtype="u1"),
        x_test=RAMP[:1].astype("<f4") + 10,
        y_test=numpy.array([1], dtype="u1"),
    )
    for name, save in [("stored", numpy.savez), ("deflated", numpy.savez_compressed)]:
        file = io.BytesIO()
        save(file, **arrays)
        yield name, file.getvalue()


def byte_lines(data):
    return ["      bytes: [", swift_list(list(data), 8), "      ]),"]


def main():
    out = [
        "// Written by numpy_files.py; do not edit.",
        "",
        "/// Files as NumPy writes them, and what is in them.",
        "enum NumPyFiles {",
        "  struct Array: Sendable {",
        "    let name: String",
        "    let shape: [Int]",
        "    /// In row-major order.",
        "    let values: [Float]",
        "    let bytes: [UInt8]",
        "  }",
        "",
        "  struct File: Sendable {",
        "    let name: String",
        "    let bytes: [UInt8]",
        "  }",
        "",
        "  static let arrays: [Array] = [",
    ]
    for name, array, data in cases():
        numbers = array.astype("f4").ravel(order="C").tolist()
        out += [
            f'    Array(name: "{name}", shape: {list(array.shape)},',
            "      values: [",
            swift_list(numbers, 8) if numbers else "",
            "      ],",
            *byte_lines(data),
        ]
    out += ["  ]", "", "  /// Arrays whose elements are no numbers.", "  static let refused: [File] = ["]
    for name, array in refused():
        file = io.BytesIO()
        numpy.save(file, array, allow_pickle=True)
        out += [f'    File(name: "{name}",', *byte_lines(file.getvalue())]
    out += ["  ]", "", "  /// The arrays x_train, y_train, x_test and y_test.", "  static let archives: [File] = ["]
    for name, data in archives():
        out += [f'    File(name: "{name}",', *byte_lines(data)]
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("NumPyFiles.swift").write_text("\n".join(line for line in out if line is not None))


if __name__ == "__main__":
    print("numpy", numpy.__version__)
    main()
