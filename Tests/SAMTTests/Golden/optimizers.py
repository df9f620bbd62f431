"""Writes OptimizerGolden.swift: three updates of each optimizer by PyTorch, in float64, and of SOAA by its paper.

Weight decay is decoupled and touches the weight only; where PyTorch's rule has no decoupled decay, the weight is
multiplied by 1 - rate decay before its step. Run it beside this file:

    python optimizers.py

Versions: Python 3.11.7, torch 2.15.0, numpy 2.4.6.
"""

import pathlib

import numpy
import torch

from swift_source import swift_list

torch.set_default_dtype(torch.float64)
SCALES = (1.0, 0.5, 0.25)

# They bring SOAA's radius between its bounds and to the upper one, then to the lower one.
LOSSES = (1.0, 0.34, 0.33)


class SOAA(torch.optim.Optimizer):
    """arXiv 2410.02293, with the trust-region model's reduction where the paper leaves it open."""

    def __init__(self, groups, **settings):
        super().__init__(groups, settings)
        self.t, self.d, self.predicted, self.before = 0, 1.0, None, None

    @torch.no_grad()
    def step(self, loss):
        self.t += 1
        first = self.param_groups[0]
        gamma, eps = first["gamma"], first["eps"]
        if self.t > 1:
            share = (self.t - 1) / first["T"]
            ratio = (self.before - loss) / max(self.predicted, eps)
            self.d = min(max(ratio * self.d, (1 - gamma) ** share), 1 + gamma**share)
        self.before, self.predicted = loss, 0.0
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for w in group["params"]:
                state = self.state[w]
                if not state:
                    state["m"], state["v"] = torch.zeros_like(w), torch.zeros_like(w)
                state["m"] = beta1 * state["m"] + (1 - beta1) * w.grad
                state["v"] = beta2 * state["v"] + (1 - beta2) * w.grad**2
                m, v = state["m"] / (1 - beta1**self.t), state["v"] / (1 - beta2**self.t)
                fisher = (1 + (m**2).sum() / (v + eps).sum()) * v
                radius = torch.maximum(self.d * fisher, v.sqrt())
                before = w.clone()
                w.mul_(1 - group["lr"] * group["weight_decay"])
                w.sub_(group["lr"] * m * self.d / (radius + eps))
                s = w - before
                self.predicted += -((w.grad * s).sum() + (s * fisher * s).sum() / 2).item()


# name: (rule, its settings, decoupled decay)
RULES = {
    "SGD": (torch.optim.SGD, dict(lr=0.1), 0.0),
    "SGD with decay": (torch.optim.SGD, dict(lr=0.1), 0.3),
    "momentum": (torch.optim.SGD, dict(lr=0.1, momentum=0.9), 0.0),
    "momentum with decay": (torch.optim.SGD, dict(lr=0.05, momentum=0.8), 0.2),
    "Nesterov": (torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True), 0.0),
    "Adam": (torch.optim.Adam, dict(lr=0.1, betas=(0.9, 0.999), eps=1e-8), 0.0),
    "Adam, other betas": (torch.optim.Adam, dict(lr=0.05, betas=(0.5, 0.8), eps=0.1), 0.0),
    "AdamW": (torch.optim.AdamW, dict(lr=0.1, betas=(0.9, 0.999), eps=1e-8), 0.3),
    "SOAA": (SOAA, dict(lr=0.1, betas=(0.9, 0.999), eps=1e-8, gamma=0.1, T=3), 0.0),
    "SOAA, all settings": (SOAA, dict(lr=0.05, betas=(0.5, 0.8), eps=0.01, gamma=0.4, T=5), 0.3),
}


def wave(count, step, phase, scale):
    """Numbers that the Swift test computes too, by the same formula."""
    return scale * torch.sin(step * torch.arange(count) + phase)


def updates(rule, settings, decay):
    """[weight, bias] after each update."""
    weight = wave(12, 0.7, 0.2, 1.0).reshape(3, 4).requires_grad_(True)
    bias = wave(3, 1.1, 0.4, 1.0).requires_grad_(True)
    builtin = rule in (torch.optim.AdamW, SOAA)
    groups = [
        {"params": [weight], **({"weight_decay": decay} if builtin else {})},
        {"params": [bias], **({"weight_decay": 0.0} if builtin else {})},
    ]
    optimizer = rule(groups, **settings)
    after = []
    for step, scale in enumerate(SCALES):
        rate = settings["lr"] * scale
        for group in optimizer.param_groups:
            group["lr"] = rate
        weight.grad = wave(12, 1.9, 0.5 + step, 0.8).reshape(3, 4)
        bias.grad = wave(3, 2.3, 0.1 + step, 0.6)
        if not builtin:
            with torch.no_grad():
                weight.mul_(1 - rate * decay)
        if rule is SOAA:
            optimizer.step(LOSSES[step])
        else:
            optimizer.step()
        after.append(torch.cat([weight.detach().flatten(), bias.detach()]).tolist())
    return after


def main():
    out = [
        "// Written by optimizers.py; do not edit.",
        "",
        "/// A weight of 12 and a bias of 3 elements after each of three updates, in double precision.",
        "enum OptimizerGolden {",
        "  static let updates: [String: [[Double]]] = [",
    ]
    for name, (rule, settings, decay) in RULES.items():
        out.append(f'    "{name}": [')
        for values in updates(rule, settings, decay):
            out += ["      [", swift_list(values, 8), "      ],"]
        out.append("    ],")
    out += ["  ]", "}", ""]
    pathlib.Path(__file__).with_name("OptimizerGolden.swift").write_text("\n".join(out))


if __name__ == "__main__":
    print("torch", torch.__version__, "numpy", numpy.__version__)
    main()
