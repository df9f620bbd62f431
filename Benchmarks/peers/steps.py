"""Training steps of PyTorch, JAX and MLX as `samt-bench step` runs them: one batch, cross-entropy, Adam.

An MLP and LeNet-5 in all three, ResNets for 32x32 images in PyTorch only.
"""
import re

import numpy as np

generator = np.random.default_rng(0)


def calls(name, torch, jax, mlx):
    """Pairs of label and call; the modules are None where they are missing."""
    match = re.fullmatch(r"adam (784-400-10|lenet5|resnet20|resnet18)(?: batch (\d+))?", name)
    if not match:
        return
    model = match[1]
    is_residual = model.startswith("resnet")
    batch = int(match[2] or (64 if is_residual else 128))
    shape = {"784-400-10": (784,), "lenet5": (1, 28, 28)}.get(model, (3, 32, 32))
    x = generator.uniform(0, 1, (batch, *shape)).astype(np.float32)
    classes = generator.integers(0, 10, batch).astype(np.int32)
    is_image = len(shape) == 3
    if torch:
        yield "torch", torch_step(torch, model, x, classes, torch.contiguous_format)
        if is_image:
            yield "torch NHWC", torch_step(torch, model, x, classes, torch.channels_last)
    x = x.transpose(0, 2, 3, 1).copy() if is_image else x
    if jax and not is_residual:
        yield "jax", jax_step(jax, model, x, classes)
    if mlx and not is_residual:
        yield "mlx", mlx_step(model, x, classes)


def torch_model(torch, model):
    nn = torch.nn

    class Residual(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
            self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            return nn.functional.relu(self.body(x) + self.shortcut(x), inplace=True)

    if model == "784-400-10":
        return nn.Sequential(nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 10))
    if model == "lenet5":
        return nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    widths, depth = ((16, 32, 64), 3) if model == "resnet20" else ((64, 128, 256, 512), 2)
    blocks = [
        Residual(widths[max(stage - 1, 0)] if block == 0 else width, width, 2 if stage > 0 and block == 0 else 1)
        for stage, width in enumerate(widths) for block in range(depth)]
    return nn.Sequential(
        nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], 10))


def torch_step(torch, model, x, classes, layout):
    model = torch_model(torch, model).to(memory_format=layout)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    x, classes = torch.from_numpy(x), torch.from_numpy(classes.astype(np.int64))
    if x.dim() == 4:
        x = x.to(memory_format=layout)

    def step():
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(model(x), classes).backward()
        optimizer.step()
    return step


def jax_cross_entropy(logits, classes):
    import jax
    return -jax.nn.log_softmax(logits)[jax.numpy.arange(logits.shape[0]), classes].mean()


def jax_step(jax, model, x, classes):
    """Channels last, which suits XLA; Adam written out."""
    def weights(*shape):
        inputs = int(np.prod(shape[:-1]))
        bound = inputs ** -0.5
        return [jax.numpy.asarray(generator.uniform(-bound, bound, size).astype(np.float32)) for size in (shape, shape[-1:])]

    def convolved(x, layer, padding):
        y = jax.lax.conv_general_dilated(
            x, layer[0], (1, 1), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))
        y = jax.nn.relu(y + layer[1])
        return jax.lax.reduce_window(y, -np.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def forward(layers, x):
        if model == "lenet5":
            x = convolved(convolved(x, layers[0], 2), layers[1], 0)
            x, layers = x.reshape(x.shape[0], -1), layers[2:]
        for w, b in layers[:-1]:
            x = jax.nn.relu(x @ w + b)
        return x @ layers[-1][0] + layers[-1][1]

    shapes = {"784-400-10": [(784, 400), (400, 10)],
              "lenet5": [(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)]}[model]
    layers = [weights(*shape) for shape in shapes]
    zeros = jax.tree.map(jax.numpy.zeros_like, layers)

    def update(layers, m, v, time, x, classes):
        gradients = jax.grad(lambda layers: jax_cross_entropy(forward(layers, x), classes))(layers)
        time = time + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
        layers = jax.tree.map(
            lambda w, m, v: w - 1e-3 * (m / (1 - 0.9**time)) / (jax.numpy.sqrt(v / (1 - 0.999**time)) + 1e-8),
            layers, m, v)
        return layers, m, v, time

    compiled = jax.jit(update, donate_argnums=(0, 1, 2, 3))
    state = [layers, zeros, jax.tree.map(jax.numpy.copy, zeros), jax.numpy.float32(0)]
    x, classes = jax.numpy.asarray(x), jax.numpy.asarray(classes)

    def step():
        state[:] = jax.block_until_ready(compiled(*state, x, classes))
    return step


def mlx_step(model, x, classes):
    import mlx.core
    import mlx.nn as nn
    import mlx.optimizers

    layers = [nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 10)] if model == "784-400-10" else [
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
        lambda x: x.reshape(x.shape[0], -1), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10)]
    network, optimizer = nn.Sequential(*layers), mlx.optimizers.Adam(learning_rate=1e-3)
    gradient = nn.value_and_grad(
        network, lambda x, classes: nn.losses.cross_entropy(network(x), classes, reduction="mean"))
    x, classes = mlx.core.array(x), mlx.core.array(classes)

    def step():
        _, gradients = gradient(x, classes)
        optimizer.update(network, gradients)
        mlx.core.eval(network.parameters(), optimizer.state)
    return step
