"""SAMT with nothing to tune beside rivals whose rate and schedule were searched for, as a table.

    swift build -c release --product samt-train
    python Benchmarks/studies/tuned_rivals.py OUT --mnist DIR [--cifar10 DIR] CASE...

A CASE is a network and a batch size, as in mlp-128, lenet-32, cnn-512 or cnnbn-128. A tenth of the training images is not
trained on, by anyone. For each rival, seven rates are tried with a cosine and with a linear schedule, both behind a
warm-up of 5%: the usual rate, its neighbours at a factor of 4, further out while that is better, then at a factor of 2 and
less around the best. Rate and schedule with the best result of seed 0 on the images left out are taken; then seeds 0 to 4
are trained and look at the test images. SAMT trains from three initial step sizes. OUT keeps all trainings: what is there
already is not run again.
"""

import argparse
import json
import pathlib
import statistics
import subprocess

RIVALS = ["sgd", "momentum", "nesterov", "adam", "adamw", "nadamw"]
SCHEDULES = ["cosine", "linear"]
NETWORKS = {
    "mlp": ("mnist", ["--model", "mlp:400", "--epochs", "12"]),
    "lenet": ("mnist", ["--model", "lenet", "--epochs", "10"]),
    "cnn": ("cifar10", ["--model", "small-cnn", "--epochs", "5"]),
    "cnnbn": ("cifar10", ["--model", "small-cnn-bn", "--epochs", "3"]),
}


def compare(program, out, options):
    """The rows of a comparison that is kept in `out`."""
    if not (out / "results.json").exists():
        begun = (out / "comparison.json").exists()
        arguments = ["--resume", str(out)] if begun else [*options, "--threads", "1", "--out", str(out)]
        subprocess.run([program, "compare", *arguments], check=True, stdout=subprocess.DEVNULL)
    return json.loads((out / "results.json").read_text())["rows"]


def tuned(program, out, options):
    """For each rival, the best result on what is not trained on, and the schedule and rate that came to it."""
    best = {}
    for schedule in SCHEDULES:
        search = ["--optimizer", ",".join(RIVALS), "--search", "7", "--schedule", schedule, "--warm-up", "5%"]
        for row in compare(program, out / f"search-{schedule}", options + search):
            for trial in row["search"]:
                result = trial["result"]
                if isinstance(result, float) and result > best.get(row["method"], (0,))[0]:
                    best[row["method"]] = (result, schedule, trial["rate"])
    return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("cases", nargs="+")
    parser.add_argument("--mnist")
    parser.add_argument("--cifar10")
    parser.add_argument("--program", default=".build/release/samt-train")
    arguments = parser.parse_args()
    for case in arguments.cases:
        network, batch = case.rsplit("-", 1)
        data, options = NETWORKS[network]
        source = arguments.mnist if data == "mnist" else f"cifar10:{arguments.cifar10}"
        options = [*options, "--data", source, "--batch", batch, "--validation-fraction", "0.1"]
        out = arguments.out / case
        out.mkdir(parents=True, exist_ok=True)
        trainings = {
            f"{method}, {schedule}, rate {rate:.3g}": (
                f"final-{method}",
                ["--optimizer", method, "--learning-rate", repr(rate), "--schedule", schedule, "--warm-up", "5%"],
            )
            for method, (_, schedule, rate) in tuned(arguments.program, out, options).items()
        }
        for eta0 in ("0.1", "0.00001", "10"):
            trainings[f"samt from eta0 {eta0}"] = (f"final-samt-{eta0}", ["--optimizer", "samt", "--eta0", eta0])
        lines = []
        for name, (folder, method) in trainings.items():
            (row,) = compare(arguments.program, out / folder, options + method + ["--seeds", "5"])
            results = [100 * training["result"] for training in row["trainings"]]
            mean, error = statistics.mean(results), statistics.stdev(results) / len(results) ** 0.5
            lines.append((-mean, f"| {name} | {mean:.2f} | {error:.2f} | {min(results):.2f}-{max(results):.2f} |"))
        print(f"\n{case}\n\n| | mean | standard error | range |\n|---|---|---|---|")
        print("\n".join(line for _, line in sorted(lines)), flush=True)


if __name__ == "__main__":
    main()
