"""What PyTorch, NumPy, JAX and MLX offer in the place of each of samt-bench's kernels.

A function here stands for one kernel: given a case's name, as samt-bench prints it, it yields pairs of a label and a
call to be timed. A new kernel needs a function and its line in KERNELS, a new size nothing.
"""
import importlib
import re

import numpy as np

import steps

torch = jax = mlx = None  # those of them that are there
use_numpy = False


def load(names, threads):
    """Imports the peers of these names that are installed; their versions."""
    global torch, jax, mlx, use_numpy
    versions = {}
    for name, module in (("numpy", "numpy"), ("torch", "torch"), ("jax", "jax"), ("mlx", "mlx.core")):
        if name not in names:
            continue
        try:
            found = importlib.import_module(module)
        except ImportError:
            continue
        versions[name] = found.__version__
        if name == "numpy":
            use_numpy = True
        elif name == "torch":
            torch = found
            torch.set_num_threads(threads)
            torch.manual_seed(0)
        elif name == "jax":
            jax = found
        else:
            mlx = found
            mlx.set_default_device(mlx.cpu)
    return versions


# Operands.

generator = np.random.default_rng(0)


def floats(*shape, low=-1.0):
    return generator.uniform(low, 1, shape).astype(np.float32)


def labels(count, classes):
    return generator.integers(0, classes, count).astype(np.int32)


def sizes(name):
    """The whole numbers in a name: "forward 128x400" has 128 and 400."""
    return [int(digits) for digits in re.findall(r"\d+", name)]


def tensors(*arrays):
    return [torch.from_numpy(array) for array in arrays]


# Calls.

def in_jax(function, *arrays):
    """A call of a jitted function that waits for its results."""
    compiled, operands = jax.jit(function), [jax.numpy.asarray(array) for array in arrays]
    return lambda: jax.block_until_ready(compiled(*operands))


def in_mlx(function, *arrays):
    compiled, operands = mlx.compile(function), [mlx.array(array) for array in arrays]
    return lambda: mlx.eval(compiled(*operands))


def everywhere(function, *arrays):
    """The same expression in NumPy, JAX and MLX: `function` takes the module, then the arrays."""
    if use_numpy:
        yield "numpy", lambda: function(np, *arrays)
    if jax:
        yield "jax", in_jax(lambda *operands: function(jax.numpy, *operands), *arrays)
    if mlx:
        yield "mlx", in_mlx(lambda *operands: function(mlx, *operands), *arrays)


def updating(function, state, *arrays):
    """The same for an update: `function` returns the new state, with which the next call begins."""
    if use_numpy:
        yield "numpy", Update(lambda *operands: function(np, *operands), state, arrays, lambda _: None)
    if jax:
        step = jax.jit(lambda *operands: function(jax.numpy, *operands), donate_argnums=tuple(range(len(state))))
        yield "jax", Update(step, map(jax.numpy.array, state), map(jax.numpy.asarray, arrays), jax.block_until_ready)
    if mlx:
        step = mlx.compile(lambda *operands: function(mlx, *operands))
        yield "mlx", Update(step, map(mlx.array, state), map(mlx.array, arrays), mlx.eval)


class Update:
    def __init__(self, step, state, operands, wait):
        self.step, self.state, self.operands, self.wait = step, tuple(state), tuple(operands), wait

    def __call__(self):
        self.state = self.step(*self.state, *self.operands)
        self.wait(self.state)


# Kernels.

def gemm(name):
    layout, size = name.split()
    m, n, k = sizes(size)
    a = floats(k, m) if layout[0] == "T" else floats(m, k)
    b = floats(n, k) if layout[1] == "T" else floats(k, n)

    def oriented(x, y):
        return (x.T if layout[0] == "T" else x), (y.T if layout[1] == "T" else y)

    if torch:
        x, y = oriented(*tensors(a, b))
        out = torch.empty(m, n)
        yield "torch", lambda: torch.mm(x, y, out=out)
    if use_numpy:
        p, q = oriented(a, b)
        result = np.empty((m, n), np.float32)
        yield "numpy", lambda: np.matmul(p, q, out=result)
    for label, call in everywhere(lambda xp, p, q: xp.matmul(*oriented(p, q)), a, b):
        # NumPy is above, and MLX would take minutes for the large ones.
        if label == "jax" or (label == "mlx" and m * n * k < 1e9):
            yield label, call


def moments(name):
    """The five statistics, by as few passes as each library has functions for."""
    x = floats(*sizes(name))
    if torch:
        t, = tensors(x)
        yield "torch", lambda: (torch.var_mean(t), torch.aminmax(t), torch.linalg.vector_norm(t))
    yield from everywhere(
        lambda xp, x: (xp.mean(x), xp.var(x), xp.max(x), xp.min(x), xp.sqrt(xp.sum(x * x))), x)


def relu(name):
    x, dy = floats(*sizes(name)), floats(*sizes(name))
    if name.startswith("forward"):
        if torch:
            t, = tensors(x)
            out = torch.empty_like(t)
            yield "torch", lambda: torch.clamp_min(t, 0, out=out)
        yield from everywhere(lambda xp, x: xp.maximum(x, 0), x)
    else:
        if torch:
            t, g = tensors(x, dy)
            out = torch.empty_like(t)
            yield "torch", lambda: torch.ops.aten.threshold_backward.grad_input(g, t, 0, grad_input=out)
        yield from everywhere(lambda xp, x, dy: xp.where(x > 0, dy, 0), x, dy)


def bias_relu(name):
    rows, columns = sizes(name)
    x, b = floats(rows, columns), floats(columns)
    if torch:
        t, u = tensors(x, b)
        out = torch.empty_like(t)
        yield "torch", lambda: torch.relu_(torch.add(t, u, out=out))
    yield from everywhere(lambda xp, x, b: xp.maximum(x + b, 0), x, b)


def gelu(name):
    x, dy = floats(*sizes(name)), floats(*sizes(name))
    forward = name.startswith("forward")
    if torch:
        t, g = tensors(x, dy)
        out = torch.empty_like(t)
        if forward:
            yield "torch", lambda: torch.ops.aten.gelu.out(t, out=out)
        else:
            yield "torch", lambda: torch.ops.aten.gelu_backward.grad_input(g, t, grad_input=out)
    if jax:
        def function(x):
            return jax.nn.gelu(x, approximate=False)
        yield "jax", in_jax(function, x) if forward else in_jax(lambda x, dy: jax.vjp(function, x)[1](dy), x, dy)


def softmax_cross_entropy(name):
    """The loss and its gradient."""
    rows, columns = sizes(name)
    x, classes = floats(rows, columns), labels(rows, columns)
    if torch:
        t, c = tensors(x, classes.astype(np.int64))
        yield "torch", lambda: torch_cross_entropy(t, c)
    if jax:
        yield "jax", in_jax(jax.value_and_grad(steps.jax_cross_entropy), x, classes)
    if mlx:
        def loss(x, classes):
            return mlx.mean(mlx.logsumexp(x, axis=1) - mlx.take_along_axis(x, classes[:, None], axis=1)[:, 0])
        yield "mlx", in_mlx(mlx.value_and_grad(loss), x, classes)


def torch_cross_entropy(x, classes):
    """What automatic differentiation calls for it, without its bookkeeping."""
    aten, whole_mean = torch.ops.aten, 1
    logarithms = aten._log_softmax(x, 1, False)
    loss, weight = aten.nll_loss_forward(logarithms, classes, None, whole_mean, -100)
    gradient = aten.nll_loss_backward(torch.ones_like(loss), logarithms, classes, None, whole_mean, -100, weight)
    return loss, aten._log_softmax_backward_data(gradient, logarithms, 1, x.dtype)


def sgd(name):
    w, g = floats(*sizes(name)), floats(*sizes(name))
    if torch:
        x, y = tensors(w.copy(), g)
        yield "torch", lambda: x.add_(y, alpha=-1e-6)
    yield from updating(lambda xp, w, g: (w - 1e-6 * g,), (w,), g)


def momentum(name):
    count, = sizes(name)
    if torch:
        # What a fused optimizer's step calls, without its bookkeeping in Python.
        w, g, v = ([torch.from_numpy(floats(count))] for _ in range(3))
        yield "torch", lambda: torch._fused_sgd_(
            w, g, v, weight_decay=0, momentum=0.9, lr=1e-6, dampening=0, nesterov=False, maximize=False,
            is_first_step=False)

    def step(xp, v, w, g):
        v = 0.9 * v + g
        return v, w - 1e-6 * v
    yield from updating(step, (floats(count), floats(count)), floats(count))


def adam_step(xp, m, v, w, g, time=1000):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    step = 1e-3 * (m / (1 - 0.9**time)) / (xp.sqrt(v / (1 - 0.999**time)) + 1e-8)
    return m, v, w - step


def adam(name):
    count, = sizes(name)
    if torch:
        w, g, m = ([torch.from_numpy(floats(count))] for _ in range(3))
        v, time = [torch.from_numpy(floats(count, low=0))], [torch.tensor(1000.0)]
        yield "torch", lambda: torch._fused_adam_(
            w, g, m, v, [], time, lr=1e-6, beta1=0.9, beta2=0.999, weight_decay=0, eps=1e-8, amsgrad=False,
            maximize=False)
    yield from updating(adam_step, (floats(count), floats(count, low=0), floats(count)), floats(count))


def samt_step(eta_shape):
    """next = w - eta g, for an eta of this shape, given rows and columns."""
    def kernel(name):
        rows, columns = sizes(name)
        w, g, eta = floats(rows, columns), floats(rows, columns), floats(*eta_shape(rows, columns), low=0)
        if torch:
            t, u, e = tensors(w, g, eta)
            out = torch.empty_like(t)
            if eta.size == 1:
                yield "torch", lambda: torch.add(t, u, alpha=-float(eta[0, 0]), out=out)
            else:
                yield "torch", lambda: torch.addcmul(t, u, e, value=-1, out=out)
        yield from everywhere(lambda xp, w, g, eta: w - eta * g, w, g, eta)
    return kernel


def dots(axis):
    """Inner products of two matrices: over all, along the rows or along the columns."""
    def kernel(name):
        x, y = floats(*sizes(name)), floats(*sizes(name))
        if axis is None:
            x, y = x.ravel(), y.ravel()
        if torch:
            t, u = tensors(x, y)
            yield "torch", (lambda: torch.dot(t, u)) if axis is None else (lambda: torch.linalg.vecdot(t, u, dim=axis))
        if axis is None:
            yield from everywhere(lambda xp, x, y: xp.sum(x * y) if xp is mlx else xp.dot(x, y), x, y)
        else:
            yield from everywhere(lambda xp, x, y: xp.sum(x * y, axis=axis), x, y)
    return kernel


# Convolutions, "6x14x14 -> 16 @5x5 n128": input channels, height and width, output channels, kernel; then stride,
# padding, dilation, groups and the number of images, where they are not 1 (the padding: not 0).

def convolution(want):
    """`want`: the output, the gradient of the input x, that of the weights w, or both of these."""
    def kernel(name):
        shape = re.fullmatch(r"(\d+)x(\d+)x(\d+) -> (\d+) @(\d+)x(\d+)((?: [spdgn]\d+)*)", name)
        channels, height, width, out_channels, kernel_height, kernel_width = map(int, shape.groups()[:6])
        option = {"s": 1, "p": 0, "d": 1, "g": 1, "n": 1, **{word[0]: int(word[1:]) for word in shape[7].split()}}
        stride, padding, dilation, groups = (option[key] for key in "spdg")

        def out_size(size, kernel_size):
            return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1

        x = floats(option["n"], channels, height, width)
        w = floats(out_channels, channels // groups, kernel_height, kernel_width)
        dy = floats(option["n"], out_channels, out_size(height, kernel_height), out_size(width, kernel_width))
        if torch:
            for label, layout in (("torch", torch.contiguous_format), ("torch NHWC", torch.channels_last)):
                yield label, torch_convolution(
                    want, [t.to(memory_format=layout) for t in tensors(x, w, dy)], stride, padding, dilation, groups)

        def gradients(vjp):
            return {"xw": vjp, "x": lambda *operands: vjp(*operands)[0], "w": lambda *operands: vjp(*operands)[1]}[want]

        x_last, w_last, dy_last = (array.transpose(0, 2, 3, 1).copy() for array in (x, w, dy))
        if jax:
            for label, arrays, layouts in (
                    ("jax", (x, w, dy), ("NCHW", "OIHW", "NCHW")),
                    ("jax NHWC", (x_last, w_last, dy_last), ("NHWC", "OHWI", "NHWC"))):
                def function(x, w, layouts=layouts):
                    return jax.lax.conv_general_dilated(
                        x, w, (stride, stride), [(padding, padding)] * 2, rhs_dilation=(dilation, dilation),
                        dimension_numbers=layouts, feature_group_count=groups)
                if want == "y":
                    yield label, in_jax(function, *arrays[:2])
                else:
                    yield label, in_jax(gradients(lambda x, w, dy, f=function: jax.vjp(f, x, w)[1](dy)), *arrays)
        if mlx:
            def function(x, w):
                return mlx.conv2d(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
            if want == "y":
                yield "mlx", in_mlx(function, x_last, w_last)
            else:
                yield "mlx", in_mlx(
                    gradients(lambda x, w, dy: mlx.vjp(function, [x, w], [dy])[1]), x_last, w_last, dy_last)
    return kernel


def torch_convolution(want, operands, stride, padding, dilation, groups):
    x, w, dy = operands
    if want == "y":
        return lambda: torch.nn.functional.conv2d(x, w, None, stride, padding, dilation, groups)
    mask = ["x" in want, "w" in want, False]
    return lambda: torch.ops.aten.convolution_backward(
        dy, x, w, None, [stride] * 2, [padding] * 2, [dilation] * 2, False, [0, 0], groups, mask)


# Normalization and pooling, of images as they lie in memory: images, channels, area; planes, height, width.

def batch_norm(name):
    images, channels, area = sizes(name)
    x, dy, weight = floats(images, channels, area), floats(images, channels, area), floats(channels)
    forward = name.startswith("forward")
    if torch:
        t, u, w = tensors(x, dy, weight)
        _, mean, deviation = torch.native_batch_norm(t, w, w, None, None, True, 0.1, 1e-5)
        if forward:
            yield "torch", lambda: torch.native_batch_norm(t, w, w, None, None, True, 0.1, 1e-5)
        else:
            yield "torch", lambda: torch.ops.aten.native_batch_norm_backward(
                u, t, w, None, None, mean, deviation, True, 1e-5, [True, True, True])
    if jax:
        def function(x, w, b):
            mean, variance = x.mean((0, 2), keepdims=True), x.var((0, 2), keepdims=True)
            return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * w[:, None] + b[:, None]
        yield "jax", (in_jax(function, x, weight, weight) if forward
                      else in_jax(lambda x, w, dy: jax.vjp(function, x, w, w)[1](dy), x, weight, dy))


def max_pool(name):
    """Of squares of 2 by 2."""
    planes, height, width = sizes(name)
    x, dy = floats(1, planes, height, width), floats(1, planes, height // 2, width // 2)
    forward = name.startswith("forward")
    if torch:
        t, u = tensors(x, dy)
        _, places = torch.ops.aten.max_pool2d_with_indices(t, [2, 2], [2, 2])
        if forward:
            yield "torch", lambda: torch.nn.functional.max_pool2d(t, 2)
        else:
            yield "torch", lambda: torch.ops.aten.max_pool2d_with_indices_backward(
                u, t, [2, 2], [2, 2], [0, 0], [1, 1], False, places)
    if jax:
        def function(x):
            return jax.lax.reduce_window(x, -np.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        yield "jax", in_jax(function, x) if forward else in_jax(lambda x, dy: jax.vjp(function, x)[1](dy), x, dy)


def step(name):
    """A whole training step with Adam."""
    yield from steps.calls(name, torch, jax, mlx)


KERNELS = {
    "gemm": gemm, "moments": moments, "relu": relu, "bias_relu": bias_relu, "gelu": gelu,
    "softmax_cross_entropy": softmax_cross_entropy, "sgd": sgd, "momentum": momentum, "adam": adam,
    "samt_scalar": samt_step(lambda rows, columns: (1, 1)), "samt_rows": samt_step(lambda rows, columns: (rows, 1)),
    "samt_columns": samt_step(lambda rows, columns: (1, columns)),
    "dot": dots(None), "row_dots": dots(1), "column_dots": dots(0),
    "conv_forward": convolution("y"), "conv_input_gradient": convolution("x"), "conv_weight_gradient": convolution("w"),
    "conv_backward": convolution("xw"), "batch_norm": batch_norm, "max_pool": max_pool, "step": step,
}

# Kernels of ours whose times add up to what the peers do in one call.
SUMS = {"conv_backward": ("conv_input_gradient", "conv_weight_gradient")}
