"""What the parts of SAMT's published method are worth: the tables of the article SAMTStudies.

    swift build -c release --product samt-train
    python Benchmarks/studies/published_variants.py OUT --mnist DIR [--cifar10 DIR] TABLE...

TABLES: gate, features, grouping, transfer. Needs NumPy. The noisy images are MNIST's with a normal number of deviation 64
added to each pixel of 0 to 255, rounded and clipped, in the test set too; of the training labels a fifth, drawn at random,
are replaced by another class. OUT keeps all trainings: what is there already is not run again.
"""

import argparse
import gzip
import pathlib

import numpy

from comparisons import compare, mean_and_error, percentages

FEATURES = ["mean", "variance", "maximum", "minimum", "norm"]
DEFAULTS = {"--model": "mlp:400", "--optimizer": "samt-s", "--epochs": "5", "--seeds": "3"}


def idx(folder, name):
    """The bytes of an IDX file behind its header of `name`, plain or compressed, and that header."""
    plain = folder / name
    data = plain.read_bytes() if plain.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())
    header = 4 + 4 * data[3]
    return data[:header], numpy.frombuffer(data[header:], numpy.uint8)


def noisy(mnist, out):
    """A folder with the noisy images, drawn once."""
    folder = out / "noisy"
    if folder.exists():
        return folder
    generator = numpy.random.default_rng(1)
    files = {}
    for part in ("train", "t10k"):
        header, images = idx(mnist, f"{part}-images-idx3-ubyte")
        noise = generator.normal(0, 64, images.size)
        shifted = numpy.clip(numpy.rint(images + noise), 0, 255).astype(numpy.uint8)
        files[f"{part}-images-idx3-ubyte"] = header + shifted.tobytes()
        header, labels = idx(mnist, f"{part}-labels-idx1-ubyte")
        if part == "train":
            wrong = (labels + generator.integers(1, 10, labels.size)) % 10
            labels = numpy.where(generator.random(labels.size) < 0.2, wrong, labels).astype(numpy.uint8)
        files[f"{part}-labels-idx1-ubyte"] = header + labels.tobytes()
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def gate(study):
    """The gate, and what the eta model's output is taken through."""
    study.compare_on_both("gate", {
        "none": {},
        "--right-only": {"--right-only": None},
        "--projection relative": {"--projection": "relative"},
        "--projection sigmoid": {"--projection": "sigmoid"},
        "--eta-learning-rate 0": {"--eta-learning-rate": "0"},
    })


def features(study):
    """What an eta model sees of a gradient: all, all but one, one."""
    rows = {"all five": FEATURES}
    rows |= {f"without {left}": [name for name in FEATURES if name != left] for left in FEATURES}
    rows |= {f"{name} alone": [name] for name in FEATURES}
    study.compare_on_both("features", {name: {"--features": ",".join(kept)} for name, kept in rows.items()})


def transfer(study):
    """Eta models that another training has learned, on the images and on the noisy ones."""
    out = study.out / "transfer"
    sources = {"MNIST": str(study.mnist), "the noisy images": str(study.noisy)}
    for target, data in sources.items():
        rows = {"fresh": {}, "eta0 stays": {"--eta-learning-rate": "0"}}
        for source, learned_on in sources.items():
            # From another seed, so that a layer's eta model has not seen the very minibatches that it is used on.
            first = out / f"learned-on-{learned_on.rsplit('/', 1)[-1]}"
            study.row(first, {"--seeds": "1", "--seed": "100", "--data": learned_on})
            learned = {"--eta-model": str(first / "samt-s-100" / "last.safetensors")}
            rows[f"learned on {source}, learning on"] = learned
            rows[f"learned on {source}, frozen"] = learned | {"--eta-learning-rate": "0"}
        study.compare_rows(out / f"to-{data.rsplit('/', 1)[-1]}", f"on {target}", rows, {"--data": data})


def grouping(study):
    """Which layers move together, with the guard and the options that keep all of them from collapsing."""
    guarded = {"--backtrack": None, "--projection": "relative", "--schedule": "linear"}
    groups = {f"--blocks {name}": {"--blocks": name} for name in ("per-layer", "pairs", "per-stage", "one-group")}
    lenet = {name: options for name, options in groups.items() if "stage" not in name}
    study.compare_rows(
        study.out / "grouping" / "lenet", "LeNet-5 on MNIST", lenet,
        {"--data": str(study.mnist), "--model": "lenet"} | guarded)
    if study.cifar10:
        study.compare_rows(
            study.out / "grouping" / "resnet20", "ResNet-20 on CIFAR-10", groups,
            {"--data": f"cifar10:{study.cifar10}", "--model": "resnet20", "--epochs": "1", "--seeds": "1"} | guarded)


class Study:
    def __init__(self, arguments):
        self.program, self.out, self.mnist, self.cifar10 = arguments.program, arguments.out, arguments.mnist, arguments.cifar10
        self.noisy = noisy(arguments.mnist, arguments.out)

    def row(self, folder, options):
        """The one row of a comparison."""
        words = [word for option, value in (DEFAULTS | options).items() for word in (option, value) if word is not None]
        (row,) = compare(self.program, folder, words)
        return row

    def compare_on_both(self, name, rows):
        """A table of the perceptron's results on MNIST and on the noisy images, seed by seed."""
        print(f"\n{name}\n\n| | MNIST | mean | noisy | mean |\n|---|---|---|---|---|", flush=True)
        for label, options in rows.items():
            cells = []
            for data in (self.mnist, self.noisy):
                folder = self.out / name / f"{label.replace(' ', '_')}-{data.name}"
                results = percentages(self.row(folder, options | {"--data": str(data)}))
                cells += [" ".join(f"{result:.2f}" for result in results), f"{mean_and_error(results)[0]:.2f}"]
            print(f"| {label} | " + " | ".join(cells) + " |", flush=True)

    def compare_rows(self, folder, title, rows, common):
        """A table of results and of what a training costs."""
        print(f"\n{title}\n\n| | mean | standard error | layer passes | seconds |\n|---|---|---|---|---|", flush=True)
        for label, options in rows.items():
            row = self.row(folder / label.replace(" ", "_").replace(",", ""), common | options)
            mean, error = mean_and_error(percentages(row))
            costs = [training["cost"] for training in row["trainings"]]
            passes = costs[0]["passes"]
            seconds = sorted(cost["seconds"] for cost in costs)[len(costs) // 2]
            print(f"| {label} | {mean:.2f} | {error:.2f} | {passes} | {seconds:.0f} |", flush=True)


def main():
    tables = {function.__name__: function for function in (gate, features, grouping, transfer)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("tables", nargs="+", choices=tables)
    parser.add_argument("--mnist", type=pathlib.Path, required=True)
    parser.add_argument("--cifar10")
    parser.add_argument("--program", default=".build/release/samt-train")
    arguments = parser.parse_args()
    study = Study(arguments)
    for name in arguments.tables:
        tables[name](study)


if __name__ == "__main__":
    main()
