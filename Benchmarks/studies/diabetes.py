"""Regression of disease progression (442 patients, 10 features): samt-train's methods beside scikit-learn's, as a table.

    swift build -c release --product samt-train
    python Benchmarks/studies/diabetes.py TABLE.csv [--program PATH] [--seeds 10] [--only NAME[,NAME...]]

TABLE.csv has a column `progression` and the features; scikit-learn has the data (`sklearn.datasets.load_diabetes(
scaled=False, as_frame=True)`). Each seed draws another fifth of the rows to test on. What a method is free to choose, its
epochs and where it has one its learning rate, comes from a grid by threefold cross-validation over the seed's training
rows alone; then it trains on all of these, and the test rows are looked at once. All networks are 10-100-1 with ReLU, on
standardized features and targets, and see the same rows. RMSE is in the table's units.

Needs NumPy and scikit-learn.
"""

import argparse
import csv
import itertools
import pathlib
import random
import subprocess
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TARGET = "progression"
EPOCHS = [5, 10, 20, 40]
DECAYING = ["--schedule", "linear"]


def rates(*values):
    return {"--learning-rate": values}


# Each method: its fixed options, and the grid of what it may choose beside the epochs.
OURS = {
    "samt": ([], {}),
    "samt-s": (DECAYING, {}),
    "samt-r": (DECAYING, {}),
    "samt-c": (DECAYING, {}),
    "samt-e": (DECAYING, {}),
    "sgd": (DECAYING, rates(0.01, 0.03, 0.1, 0.3)),
    "momentum": (DECAYING, rates(0.001, 0.003, 0.01, 0.03)),
    "nesterov": (DECAYING, rates(0.001, 0.003, 0.01, 0.03)),
    "adam": (DECAYING, rates(0.001, 0.003, 0.01, 0.03)),
    "adamw": (DECAYING, rates(0.001, 0.003, 0.01, 0.03)),
    "nadamw": ([], rates(0.001, 0.003, 0.01, 0.03)),
    "soaa": (DECAYING, rates(0.001, 0.003, 0.01, 0.03)),
    "muon": (DECAYING, rates(0.0003, 0.001, 0.003, 0.01)),
    "prodigy": (DECAYING, {}),
    "dadapt-adam": (DECAYING, {}),
    "mechanic": (DECAYING, {}),
    "gen": (DECAYING, {}),
    "schedule-free-sgd": ([], rates(0.01, 0.1, 0.3, 1)),
    "schedule-free-adamw": ([], rates(0.001, 0.0025, 0.01, 0.03)),
    "dog": ([], {}),
    "ldog": ([], {}),
    "cocob": ([], {}),
    "hypergradient": ([], rates(0.001, 0.003, 0.01, 0.03)),
    "sgd-ph": (DECAYING, rates(0.003, 0.01, 0.03, 0.1)),
    "scion": (DECAYING, rates(0.016, 0.06, 0.25, 1)),
    "adafisher": (DECAYING, rates(0.00001, 0.00003, 0.0001, 0.0003)),
    "ramda": (DECAYING, rates(0.001, 0.003, 0.01, 0.03)),
    "adas": ([], rates(0.003, 0.01, 0.03, 0.1)),
    "mdlam": ([], {}),
}


class Program:
    """A method of samt-train."""

    def __init__(self, path, name):
        self.path, self.name = path, name
        self.fixed, grid = OURS[name]
        self.grid = {"--epochs": EPOCHS, **grid}

    def results(self, train, test, seed, choice):
        """RMSE and R2 on the test rows."""
        batch, choice = 32, dict(choice)
        if self.name == "mdlam":  # takes all rows at once, so its iterations are epochs
            batch, choice["--epochs"] = len(train), choice["--epochs"] * (len(train) // 32 + 1)
        options = [str(word) for option in choice.items() for word in option]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for name, rows in (("train", train), ("test", test)):
                with open(folder / f"{name}.csv", "w", newline="") as file:
                    csv.writer(file).writerows([HEADER, *rows])
            command = [
                self.path, "--data", f"csv:{folder}/train.csv", "--test", f"{folder}/test.csv", "--target", TARGET,
                "--model", "mlp:100", "--batch", str(batch), "--optimizer", self.name, "--seed", str(seed),
                "--threads", "1", *self.fixed, *options,
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
        rmse = float(done.stdout.split()[-1])  # the last line is `test rmse X`
        column = HEADER.index(TARGET)
        return rmse, 1 - rmse**2 / np.var([float(row[column]) for row in test])


class Estimator:
    """A model of scikit-learn, between standardized features and targets."""

    def __init__(self, name, make, grid):
        self.name, self.make, self.grid = name, make, grid

    def results(self, train, test, seed, choice):
        model = TransformedTargetRegressor(
            make_pipeline(StandardScaler(), self.make(seed, **choice)), transformer=StandardScaler()
        )
        train, test = (np.array([[float(cell) for cell in row] for row in rows]) for rows in (train, test))
        column = HEADER.index(TARGET)
        model.fit(np.delete(train, column, 1), train[:, column])
        error = model.predict(np.delete(test, column, 1)) - test[:, column]
        return np.sqrt(np.mean(error**2)), 1 - np.mean(error**2) / np.var(test[:, column])


PEERS = [
    Estimator("scikit-learn LinearRegression", lambda seed: LinearRegression(), {}),
    Estimator("scikit-learn Ridge", lambda seed, alpha: Ridge(alpha), {"alpha": [1, 3, 10, 30, 100]}),
    Estimator(
        "scikit-learn MLPRegressor (Adam)",
        lambda seed, rate, epochs: MLPRegressor(
            random_state=seed, batch_size=32, learning_rate_init=rate, max_iter=epochs, n_iter_no_change=epochs
        ),
        {"rate": [0.001, 0.003, 0.01, 0.03], "epochs": EPOCHS},
    ),
]


def evaluate(method, rows, seed):
    """The results of one seed, and what the method chose."""
    rows = rows[:]
    random.Random(seed).shuffle(rows)
    test, train = rows[: len(rows) // 5], rows[len(rows) // 5 :]
    choices = [dict(zip(method.grid, values)) for values in itertools.product(*method.grid.values())]

    def score(choice):
        squared = []
        for kept, left_out in KFold(3).split(train):
            fold = method.results([train[i] for i in kept], [train[i] for i in left_out], seed, choice)
            squared.append(fold[0] ** 2 if np.isfinite(fold[0]) else np.inf)
        return np.mean(squared)

    best = min(choices, key=score) if len(choices) > 1 else choices[0]
    return method.results(train, test, seed, best), best


def main():
    global HEADER
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("--program", default=".build/release/samt-train")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="seeds side by side")
    parser.add_argument("--only", help="methods, by the first word of their names")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    with open(arguments.table, newline="") as file:
        HEADER, *rows = list(csv.reader(file))
    methods = [Program(arguments.program, name) for name in OURS] + PEERS
    if arguments.only:
        methods = [method for method in methods if method.name in arguments.only.split(",")]

    lines = []
    for method in methods:
        with ThreadPoolExecutor(arguments.jobs) as pool:
            done = list(pool.map(lambda seed: evaluate(method, rows, seed), range(arguments.seeds)))
        rmse, r2 = np.array([result for result, _ in done]).T
        chosen = [" ".join(str(value) for value in choice.values()) for _, choice in done]
        line = (
            f"| {method.name} | {rmse.mean():.2f} | {rmse.std(ddof=1) / len(rmse)**0.5:.2f} | {r2.mean():.3f} "
            f"| {max(set(chosen), key=chosen.count)} |"
        )
        lines.append((rmse.mean(), line))
        print(line, flush=True)
    print("\n| method | RMSE | standard error | R2 | most often chosen |\n|---|---|---|---|---|")
    print("\n".join(line for _, line in sorted(lines)))


if __name__ == "__main__":
    main()
