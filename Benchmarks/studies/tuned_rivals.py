"""SAMT with nothing to tune beside rivals whose rate and schedule were searched for, as a table.

    swift build -c release --product samt-train
    python Benchmarks/studies/tuned_rivals.py OUT --mnist DIR [--cifar10 DIR] [--all | --also METHOD] CASE...

A CASE is a network and a batch size, as in mlp-128, lenet-32, cnn-512 or cnnbn-128. A tenth of the training images is not
trained on, by anyone. For each rival, seven rates are tried with a cosine and with a linear schedule, both behind a
warm-up of 5%: the usual rate, its neighbours at a factor of 4, further out while that is better, then at a factor of 2 and
less around the best. Rate and schedule with the best result of seed 0 on the images left out are taken; then seeds 0 to 4
are trained and look at the test images. SAMT trains from three initial step sizes.

With --all, every other method takes part, too: those with a rate get seven of them in the same way, with one schedule (see
OTHERS), and those without a rate nothing. --also takes one of them. OUT keeps all trainings: what is there already is
not run again.
"""

import argparse
import pathlib

from comparisons import compare, mean_and_error, percentages

RIVALS = ["sgd", "momentum", "nesterov", "adam", "adamw", "nadamw"]
SCHEDULES = ["cosine", "linear"]
COSINE = ["--schedule", "cosine", "--warm-up", "5%"]
# Of all other methods: the options that a group shares, and the methods. Those of the last two groups have a schedule of
# their own, average in place of one, or are meant to do without; the published variants of SAMT have no rate, either.
OTHERS = {
    "cosine": (COSINE, ["soaa", "sgd-ph", "gen", "prodigy", "dadapt-adam", "mechanic"]),
    "matrices": (COSINE, ["muon", "scion", "adafisher", "ramda"]),
    "own": ([], ["samt-s", "samt-r", "samt-c", "samt-e", "schedule-free-sgd", "schedule-free-adamw", "dog", "ldog", "cocob",
                 "hypergradient"]),
    "layers": ([], ["adas"]),
}
OWN = {"0.1": "**SAMT with nothing to tune**", "0.00001": "SAMT from eta0 0.00001", "10": "SAMT from eta0 10"}
NETWORKS = {
    "mlp": ("mnist", ["--model", "mlp:400", "--epochs", "12"]),
    "lenet": ("mnist", ["--model", "lenet", "--epochs", "10"]),
    "cnn": ("cifar10", ["--model", "small-cnn", "--epochs", "5"]),
    "cnnbn": ("cifar10", ["--model", "small-cnn-bn", "--epochs", "3"]),
}


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


def others(program, out, network, options, only=None):
    """Rows of the table for all methods but the usual rivals and SAMT with nothing to tune, or for one of them."""
    rows = []
    for group, (shared, methods) in OTHERS.items():
        methods = [method for method in methods if only in (None, method)]
        if not methods:
            continue
        methods = ["scion-cnn" if method == "scion" and network.startswith("cnn") else method for method in methods]
        search = ["--optimizer", ",".join(methods), "--search", "7", "--seeds", "5", *shared]
        for row in compare(program, out / f"others-{only or group}", options + search):
            rate = f", rate {row['rate']:.3g}" if row.get("rate") else ""
            schedule = ", cosine" if shared == COSINE else ""
            rows.append((row["method"] + schedule + rate, percentages(row)))
    if network == "mlp" and not only:  # all that mDLAM is made for; each of its iterations takes all examples
        options = [*options, "--optimizer", "mdlam", "--seeds", "3"]
        options[options.index("--epochs") + 1] = "100"
        batch = options.index("--batch")
        del options[batch:batch + 2]
        (row,) = compare(program, out / "others-mdlam", options)
        rows.append(("mdlam, 100 iterations, three seeds", percentages(row)))
    return rows


def table(rows):
    """Methods from the best to the worst: mean, standard error, range, and how far the first row, SAMT's, is ahead."""
    own, lines = rows[0][1], []
    for name, results in rows:
        mean, error = mean_and_error(results)
        ahead = "%+.2f +- %.2f" % mean_and_error([a - b for a, b in zip(own, results)]) if results is not own else ""
        lines.append((-mean, f"| {name} | {mean:.2f} | {error:.2f} | {min(results):.2f}-{max(results):.2f} | {ahead} |"))
    head = "| method | mean | standard error | range | SAMT ahead by |\n|---|---|---|---|---|\n"
    return head + "\n".join(line for _, line in sorted(lines))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("cases", nargs="+")
    parser.add_argument("--mnist")
    parser.add_argument("--cifar10")
    more = parser.add_mutually_exclusive_group()
    more.add_argument("--all", action="store_true", help="every method, beside the usual rivals")
    methods = [method for _, group in OTHERS.values() for method in group]
    more.add_argument("--also", choices=methods, metavar="METHOD", help="one more method beside the usual rivals, as muon")
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
            name: (f"final-samt-{eta0}", ["--optimizer", "samt", "--eta0", eta0]) for eta0, name in OWN.items()
        }
        trainings |= {
            f"{method}, {schedule}, rate {rate:.3g}": (
                f"final-{method}",
                ["--optimizer", method, "--learning-rate", repr(rate), "--schedule", schedule, "--warm-up", "5%"],
            )
            for method, (_, schedule, rate) in tuned(arguments.program, out, options).items()
        }
        rows = []
        for name, (folder, method) in trainings.items():
            (row,) = compare(arguments.program, out / folder, options + method + ["--seeds", "5"])
            rows.append((name, percentages(row)))
        if arguments.all or arguments.also:
            rows += others(arguments.program, out, network, options, arguments.also)
        print(f"\n{case}\n\n{table(rows)}", flush=True)


if __name__ == "__main__":
    main()
