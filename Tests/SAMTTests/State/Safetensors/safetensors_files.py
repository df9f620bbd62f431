"""Makes the files beside this script, and checks a file that this package wrote.

Made with Python 3.11.7, safetensors 0.8.0, numpy 2.4.6, ml_dtypes 0.6.0; `check` needs no ml_dtypes.

    python3 safetensors_files.py make       # the four files
    python3 safetensors_files.py check FILE # the file that SafetensorsPythonTests writes
"""
import pathlib
import sys

import numpy as np
from safetensors import TensorSpec, safe_open, serialize_file
from safetensors.numpy import load_file, save, save_file

HERE = pathlib.Path(__file__).parent


def every_type():
    """Small integers, exact in every type, and the ends of the types' ranges."""
    small = [0, 1, 2, 100]
    tensors = {
        "bool": np.array([True, False, True]),
        "f64": np.array([0.1, -1e300, np.inf, 5e-324]),
        "f32": np.array([[1.5, -2.25, 3e38], [1e-45, 0.1, -0.0]], dtype=np.float32),
        "f16": np.array([1.5, -65504, 6e-8, 6.1e-5, np.inf, 1 / 3, -0.0], dtype=np.float16),
    }
    for name in ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"]:
        dtype = np.dtype({"u": "uint", "i": "int"}[name[0]] + name[1:])
        limits = np.iinfo(dtype)
        tensors[name] = np.array(small + [limits.min, limits.max], dtype=dtype)
    return tensors


def small_floats():
    """Types that numpy does not have go by their bytes."""
    import ml_dtypes

    tensors = {
        "bf16": ("bfloat16", np.array([1.5, -3e38, 0.1, 1e-40], dtype=ml_dtypes.bfloat16)),
        "f8": ("float8_e4m3fn", np.array([1.5, -2, 448], dtype=ml_dtypes.float8_e4m3fn)),
    }
    specs = {
        name: TensorSpec(dtype=dtype, shape=list(values.shape), data_ptr=values.ctypes.data, data_len=values.nbytes)
        for name, (dtype, values) in tensors.items()
    }
    serialize_file(specs, HERE / "small_floats.safetensors")


def make():
    """The files that SafetensorsReadingTests reads."""
    save_file(every_type(), HERE / "every_type.safetensors", metadata={"format": "np", "caf\u00e9 \"x\"": "a\\b\n\u2603"})
    save_file(
        {
            "rank0": np.array(7, dtype=np.float32),
            "rank5": np.arange(32, dtype=np.float32).reshape(2, 2, 2, 2, 2),
            "empty": np.zeros((3, 0, 2), dtype=np.float32),
            "layer1.0.conv1.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
            "odd": np.array([9], dtype=np.uint8),
        },
        HERE / "shapes.safetensors",
    )
    (HERE / "empty.safetensors").write_bytes(save({}))
    small_floats()


def check(path):
    """Compares what SafetensorsPythonTests wrote, bit for bit."""
    tensors = load_file(path)
    expected = {
        "weights": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
        "number": np.array(1.25, dtype=np.float32),
        "nothing": np.zeros((0, 3), dtype=np.float32),
        "moments": np.array([0.1, -1e300, 5e-324]),
        "counts": np.array([[-(2**63)], [2**63 - 1]]),
        "state \"\\ \u00e9\u2603": np.array([1, 2, 255], dtype=np.uint8),
    }
    assert tensors.keys() == expected.keys(), tensors.keys()
    for name, value in expected.items():
        found = tensors[name]
        assert found.dtype == value.dtype and found.shape == value.shape, (name, found.dtype, found.shape)
        assert found.tobytes() == value.tobytes(), (name, found)
    with safe_open(path, "np") as file:
        assert file.metadata() == {"epoch": "3", "note": "tab\t\"quoted\" \u2603"}, file.metadata()
    print("all equal")


if __name__ == "__main__":
    make() if sys.argv[1] == "make" else check(sys.argv[2])
