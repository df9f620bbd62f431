"""Times iterations of mDLAM at Cora's size: samt-bench's cases in turns with the same updates in PyTorch.

    swift build -c release --product samt-bench
    python Benchmarks/peers/mdlam.py [--threads 2] [--rounds 5] [--bench PATH]

PyTorch gets the method as a reader of the paper would write it with care: residuals are computed once and passed on, a
gradient step of W takes three products with the inputs (residual, gradient, residual behind the step). samt-bench takes
one, see the article on mDLAM. Medians are compared, since iterations differ: an accelerated one may take a step twice,
or none at a stationary point. PyTorch's process time, of all its threads, does not depend on other programs.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import time

WIDTHS, EXAMPLES = [7165, 100, 100, 7], 140
RHO, MU, STEPS = 1e-3, 0.05, 60


class MDLAM:
    """Columns are examples, as in the paper."""

    def __init__(self, torch, accelerated):
        self.torch, self.accelerated, self.L = torch, accelerated, len(WIDTHS) - 1
        generator = torch.Generator().manual_seed(1)
        self.a = [0.04 * torch.rand(WIDTHS[0], EXAMPLES, generator=generator)]
        self.y = torch.nn.functional.one_hot(torch.arange(EXAMPLES) % WIDTHS[-1], WIDTHS[-1]).T.float()
        self.W, self.b, self.z = [], [], []
        for d, h in zip(WIDTHS, WIDTHS[1:]):
            self.W.append((2 * torch.rand(h, d, generator=generator) - 1) / d**0.5)
            self.b.append(torch.zeros(h, 1))
            self.z.append(self.W[-1] @ self.a[-1])
            self.a.append(self.z[-1].relu())
        self.z[-1] = 2 * self.y - 1
        self.past, self.s, self.epsilon = {}, 0.0, 100.0
        self.r = [w @ a + b - z for w, a, b, z in zip(self.W, self.a, self.b, self.z)]

    def extrapolated(self, name, l, u, beta):
        past = self.past.get((name, l), u)
        self.past[name, l] = u
        return u + beta * (u - past) if beta > 0 else u

    def weight(self, l, beta):
        a, b, z, w0, r0 = self.a[l], self.b[l], self.z[l], self.W[l], self.r[l]

        def cost(w, r):
            return MU / 2 * (w * w).sum() + RHO / 2 * (r * r).sum()

        def step(w, r):
            g, f, theta = MU * w + RHO * r @ a.T, cost(w, r), 1.0
            squared = (g * g).sum()
            while theta <= 1024:
                new = w - g / theta
                residual = new @ a + b - z
                if cost(new, residual) <= f - squared / (2 * theta) + 1e-6 * f:
                    return new, residual
                theta *= 2
            return w0, r0

        start = self.extrapolated("W", l, w0, beta)
        new, r = step(start, start @ a + b - z if beta > 0 else r0)
        if beta > 0 and cost(new, r) > cost(w0, r0):
            new, r = step(w0, r0)
        self.W[l], self.r[l] = new, r

    def activation(self, l, beta):
        torch, w, b, z = self.torch, self.W[l + 1], self.b[l + 1], self.z[l + 1]
        a0, r0, h = self.a[l + 1], self.r[l + 1], self.z[l].relu()

        def step(a, r):
            g, f, tau = RHO * w.T @ r, RHO / 2 * (r * r).sum(), 1.0
            while tau <= 1024:
                new = torch.minimum(torch.maximum(a - g / tau, h - self.epsilon), h + self.epsilon)
                d, residual = new - a, w @ new + b - z
                if RHO / 2 * (residual**2).sum() <= f + (g * d).sum() + tau / 2 * (d * d).sum() + 1e-6 * f:
                    return new, residual
                tau *= 2
            return a0, r0

        start = self.extrapolated("a", l, a0, beta)
        new, r = step(start, w @ start + b - z if beta > 0 else r0)
        if beta > 0 and (r * r).sum() > (r0 * r0).sum():
            new, r = step(a0, r0)
        self.a[l + 1], self.r[l + 1] = new, r

    def output(self, beta):
        torch, m = self.torch, self.r[-1] + self.z[-1]
        classes = self.y.argmax(dim=0)

        def cost(z):
            return torch.nn.functional.cross_entropy(z.T, classes, reduction="sum") + RHO / 2 * ((z - m) ** 2).sum()

        def fista(z):
            eta, last, before, zeta = 4.0, 1.0, float("inf"), z
            for _ in range(500):
                value = cost(z).item()
                if abs(value - before) < 1e-4:
                    break
                before, t = value, (1 + (1 + 4 * last**2) ** 0.5) / 2
                gamma, last, old = (1 - last) / t, t, zeta
                zeta = (RHO * m + z / eta - (z.softmax(dim=0) - self.y)) / (RHO + 1 / eta)
                z = (1 - gamma) * zeta + gamma * old
            return z

        z0 = self.z[-1]
        new = fista(self.extrapolated("z", 0, z0, beta))
        if beta > 0 and cost(new) > cost(z0):
            new = fista(z0)
        self.z[-1], self.r[-1] = new, m - new

    def iterate(self):
        t = (1 + (1 + 4 * self.s**2) ** 0.5) / 2
        beta, self.s = (max((self.s - 1) / t, 0) if self.accelerated else 0), t
        for l in range(self.L):
            self.weight(l, beta)
            mean = self.r[l].mean(dim=1, keepdim=True)
            self.b[l], self.r[l] = self.b[l] - mean, self.r[l] - mean
            if l < self.L - 1:
                m, a = self.r[l] + self.z[l], self.a[l + 1]
                z = self.torch.minimum(m, a + self.epsilon)
                self.z[l] = self.torch.where(a > self.epsilon, self.torch.maximum(z, a - self.epsilon), z)
                self.r[l] = m - self.z[l]
                self.activation(l, beta)
            else:
                self.output(beta)
        self.epsilon = max(self.epsilon / 2, 1e-3)


def torch_times(torch, accelerated):
    """Wall and process seconds of an iteration, medians without the first five."""
    method = MDLAM(torch, accelerated)
    wall, busy = [], []
    for _ in range(STEPS):
        w, p = time.perf_counter(), time.process_time()
        method.iterate()
        wall.append(time.perf_counter() - w)
        busy.append(time.process_time() - p)
    return statistics.median(wall[5:]), statistics.median(busy[5:])


def bench_times(path, threads):
    command = [path, "step", "--filter", "mdlam", "--threads", str(threads), "--json"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["case"]: row["medianSeconds"] for row in rows if "mdlam" in row.get("case", "")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--bench", default=str(root / ".build/release/samt-bench"))
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(arguments.threads)
    import torch

    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    names = {True: "mdlam 7165-100-100-7", False: "mdlam 7165-100-100-7 not accelerated"}
    ours, theirs = {True: [], False: []}, {True: [], False: []}
    for _ in range(arguments.rounds):
        found = bench_times(arguments.bench, arguments.threads)
        for accelerated in (True, False):
            ours[accelerated].append(found[names[accelerated]])
            theirs[accelerated].append(torch_times(torch, accelerated))
    print(f"torch {torch.__version__}, {arguments.threads} threads, {arguments.rounds} rounds, "
          f"load average {os.getloadavg()[0]:.1f}; milliseconds an iteration")
    for accelerated, name in names.items():
        mine = statistics.median(ours[accelerated])
        wall, busy = (statistics.median(values) for values in zip(*theirs[accelerated]))
        print(f"{name}: samt {1e3 * mine:.2f}, torch {1e3 * wall:.2f} (process {1e3 * busy:.2f}), "
              f"ratio {wall / mine:.2f}")


if __name__ == "__main__":
    main()
