"""PyTorch's side of the interchange of weights, for InterchangeTests.

    python3 interchange.py write DIR    # NAME.safetensors, NAME.io.safetensors and NAME.step.safetensors for each network
    python3 interchange.py check DIR    # loads NAME.ours.safetensors and compares its logits with those in NAME.ours.io

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, safetensors 0.8.
"""

import sys

import torch
import torchvision
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn


class LeNet5(nn.Module):
    """As in PyTorch's tutorials, with padding for images of 28 x 28."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc2 = nn.Linear(400, 10)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def resnet18():
    """torchvision's, for images of 32 x 32: the usual first convolution of 3 x 3, and no pooling behind it."""
    model = torchvision.models.resnet18(num_classes=10)
    model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model


NETWORKS = {
    "mlp": (MLP, (784,)),
    "lenet5": (LeNet5, (1, 28, 28)),
    "resnet18": (resnet18, (3, 32, 32)),
}


def train_step(model, inputs, labels):
    """One step of momentum, in train mode."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loss = nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()
    return loss.detach()


def write(directory):
    for name, (make, shape) in NETWORKS.items():
        torch.manual_seed(1)
        model = make()
        inputs = torch.rand(16, *shape)
        labels = torch.arange(16) % 10
        model.train()
        with torch.no_grad():
            for _ in range(3):  # running statistics that are not those of a new model
                model(torch.rand(16, *shape))
        model.eval()
        with torch.no_grad():
            logits = model(inputs)
        save_file(model.state_dict(), f"{directory}/{name}.safetensors")
        loss = train_step(model, inputs, labels)
        save_file(
            {"inputs": inputs, "logits": logits, "loss": loss.reshape(1)}, f"{directory}/{name}.io.safetensors")
        save_file(model.state_dict(), f"{directory}/{name}.step.safetensors")


def check(directory):
    for name, (make, _) in NETWORKS.items():
        model = make()
        with safe_open(f"{directory}/{name}.ours.safetensors", "pt") as file:
            state = {key: file.get_tensor(key) for key in file.keys()}
        model.load_state_dict(state, strict=True)
        model.eval()
        io = load_file(f"{directory}/{name}.ours.io.safetensors")
        with torch.no_grad():
            logits = model(io["inputs"])
        error = ((logits - io["logits"]).norm() / logits.norm()).item()
        print(f"{name}: {error:.2e}")
        if not error <= 1e-5:
            sys.exit(1)


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](sys.argv[2])
