"""Accuracy by the one number that a method asks for: SAMT's eta0, and the learning rates of Adam and momentum.

    python Benchmarks/studies/sensitivity.py .build/release/samt-train MNIST_FOLDER sensitivity.svg

784-400-10 on MNIST, three epochs, seeds 11 to 13, accuracy on a tenth of the training set that is not trained on. Prints
a table and draws a chart. Python alone.
"""

import html
import pathlib
import re
import subprocess
import sys

METHODS = {"samt": ("SAMT, by eta0", "--eta0"), "adam": ("Adam", "--learning-rate"),
           "momentum": ("momentum", "--learning-rate")}
VALUES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0]
SEEDS = [11, 12, 13]
STYLES = {"samt": ("#0b62a4", ""), "adam": ("#c4561b", "6 3"), "momentum": ("#4d4d4d", "2 3")}


def accuracy(program, folder, method, value, seed):
    command = [program, "train", "--data", folder, "--model", "mlp:400", "--epochs", "3", "--threads", "1",
               "--validation-fraction", "0.1", "--optimizer", method, METHODS[method][1], repr(value), "--seed", str(seed)]
    result = subprocess.run(command, capture_output=True, text=True)
    match = re.search(r"^validation accuracy ([0-9.]+)", result.stdout.replace("\r", "\n"), re.M)
    return 100 * float(match[1]) if match else float("nan")


def chart(found):
    """An SVG of 640 x 360: means as lines, the seeds' range as bars; accuracies below 80 lie on the lower edge."""
    left, top, width, height, lowest = 60, 20, 420, 280, 80.0

    def x(index):
        return left + width * index / (len(VALUES) - 1)

    def y(value):
        return top + height * (100 - max(lowest, min(100, value))) / (100 - lowest)

    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" font-family="sans-serif" font-size="13">',
             "<title>Accuracy on MNIST by the number that a method asks for</title>",
             '<rect width="640" height="360" fill="white"/>']
    for tick in range(int(lowest), 101, 5):
        lines.append(f'<path d="M{left} {y(tick):.1f}h{width}" stroke="#ddd"/>'
                     f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick}</text>')
    for index, value in enumerate(VALUES):
        lines.append(f'<text x="{x(index):.1f}" y="{top + height + 20}" text-anchor="middle">{value:g}</text>')
    lines.append(f'<text x="{left + width / 2}" y="{top + height + 45}" text-anchor="middle">eta0, learning rate</text>')
    lines.append(f'<text x="16" y="{top + height / 2}" text-anchor="middle" '
                 f'transform="rotate(-90 16 {top + height / 2})">validation accuracy, percent</text>')
    for row, (method, results) in enumerate(found.items()):
        color, dash = STYLES[method]
        means = [sum(seeds) / len(seeds) for seeds in results]
        points = " ".join(f"{x(index):.1f},{y(mean):.1f}" for index, mean in enumerate(means))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>')
        for index, seeds in enumerate(results):
            lines.append(f'<path d="M{x(index):.1f} {y(min(seeds)):.1f}V{y(max(seeds)):.1f}" stroke="{color}" '
                         'stroke-width="4" stroke-opacity="0.35"/>')
        lines.append(f'<path d="M500 {40 + 24 * row}h30" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>'
                     f'<text x="538" y="{44 + 24 * row}">{html.escape(METHODS[method][0])}</text>')
    return "\n".join(lines + ["</svg>", ""])


def main(program, folder, path):
    found = {}
    print("| | " + " | ".join(f"{value:g}" for value in VALUES) + " |\n|---" * 1 + "|---" * len(VALUES) + "|", flush=True)
    for method in METHODS:
        found[method] = [[accuracy(program, folder, method, value, seed) for seed in SEEDS] for value in VALUES]
        means = [sum(seeds) / len(seeds) for seeds in found[method]]
        print(f"| {METHODS[method][0]} | " + " | ".join(f"{mean:.2f}" for mean in means) + " |", flush=True)
    pathlib.Path(path).write_text(chart(found))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
