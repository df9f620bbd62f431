"""The norm of the whole training set's gradient along trainings of 784-400-10, epoch by epoch.

    python Benchmarks/studies/gradient_norm.py .build/release/samt-train MNIST_FOLDER samt samt-s adam

It starts `samt-train` for each method and keeps every checkpoint that appears, one an epoch. Loss and gradient are
computed here, from the formulas, over all training examples. Versions: Python 3.11, numpy 2.4.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np


def training_set(folder):
    folder = pathlib.Path(folder)
    images = np.fromfile(folder / "train-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 784)
    labels = np.fromfile(folder / "train-labels-idx1-ubyte", np.uint8)[8:]
    return images, labels.astype(np.int64)


def tensors(data):
    """The float32 tensors of a safetensors file, and its numbers of 64 bits."""
    length = int.from_bytes(data[:8], "little")
    kinds = {"F32": np.float32, "I64": np.int64}
    found = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__" and entry["dtype"] in kinds:
            first, last = (8 + length + offset for offset in entry["data_offsets"])
            found[name] = np.frombuffer(data[first:last], kinds[entry["dtype"]]).reshape(entry["shape"])
    return found


def checkpoints(command, path):
    """Runs a training; the contents of its checkpoint after each epoch."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    found, changed, is_running = {}, None, True
    while is_running:
        is_running = process.poll() is None
        if path.exists() and path.stat().st_mtime_ns != changed:
            changed = path.stat().st_mtime_ns
            data = path.read_bytes()
            found[int(tensors(data)["trainer.epochs"])] = data
        time.sleep(0.02)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return found


def loss_and_norm(found, images, labels):
    w1, b1, w2, b2 = (found[name].astype(np.float64) for name in ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"))
    sums, loss = [0.0, 0.0, 0.0, 0.0], 0.0
    for first in range(0, len(images), 4000):
        x, y = images[first : first + 4000] / 255.0, labels[first : first + 4000]
        h = np.maximum(x @ w1.T + b1, 0)
        z = h @ w2.T + b2
        z -= z.max(1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        loss -= log_p[np.arange(len(y)), y].sum()
        d = np.exp(log_p)
        d[np.arange(len(y)), y] -= 1
        inner = (d @ w2) * (h > 0)
        for index, part in enumerate((inner.T @ x, inner.sum(0), d.T @ h, d.sum(0))):
            sums[index] = sums[index] + part
    count = len(images)
    return loss / count, np.sqrt(sum((part * part).sum() for part in sums)) / count


def main(program, folder, *methods):
    images, labels = training_set(folder)
    for method in methods:
        print(method, "| epoch | loss | gradient norm |")
        with tempfile.TemporaryDirectory() as directory:
            run = pathlib.Path(directory) / "run"
            command = [program, "train", "--data", folder, "--optimizer", method, "--threads", "1", "--out", str(run)]
            for epoch, data in sorted(checkpoints(command, run / "last.safetensors").items()):
                print(f"| {epoch} | %.2e | %.2e |" % loss_and_norm(tensors(data), images, labels), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
