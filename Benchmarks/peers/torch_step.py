"""Training steps per second of PyTorch: the MLP 784-400-10 at batch 128 with fused Adam, as `samt-bench step` runs it.

usage: torch_step.py [THREADS]        (measured with torch 2.15.0)
PyTorch's large temporaries go through mmap; MALLOC_MMAP_THRESHOLD_=1073741824 keeps them on the heap.
"""
import sys
import time

import torch

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(threads)
torch.manual_seed(0)

model = torch.nn.Sequential(torch.nn.Linear(784, 400), torch.nn.ReLU(), torch.nn.Linear(400, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
loss_function = torch.nn.CrossEntropyLoss()
inputs = torch.rand(128, 784)
labels = torch.randint(0, 10, (128,))


def step():
    optimizer.zero_grad(set_to_none=True)
    loss_function(model(inputs), labels).backward()
    optimizer.step()


for _ in range(50):
    step()
seconds = []
for _ in range(15):
    start = time.perf_counter()
    for _ in range(40):
        step()
    seconds.append((time.perf_counter() - start) / 40)
seconds.sort()
print(f"torch {torch.__version__}, {threads} threads: median {1 / seconds[7]:.0f} steps/s, best {1 / seconds[0]:.0f}")
