"""samt-bench and its peers in turns: PyTorch, NumPy, JAX and MLX, whichever can be imported.

usage: compare.py [--isa NAME] [--threads N] [--rounds N] [--filter TEXT]... [--save FILE]      (--help for all)

A round runs samt-bench once, for all cases of a kernel, and then what the peers offer in each case's place, in turns
(peers.py). Printed are medians over the rounds, and the time of the fastest peer over ours, by the fastest samples of
all rounds: other programs slow one library's samples and not another's.

Fair to the peers: all are bound to as many CPUs as they have threads. Large temporaries of PyTorch and NumPy stay on
the heap, and the heap keeps what is freed (HEAP below): otherwise every call may ask the system for fresh memory. Their
memory may have large pages (LARGE_PAGES), as samt-bench's asks for them.
Nothing in the environment makes a library take slower kernels, and --isa limits samt-bench and all peers to one
instruction set (ISA below). Outputs exist beforehand where an interface allows that.
"""
import argparse
import gc
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

import peers
import table

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What glibc would map and give back with every large temporary, it keeps.
HEAP = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 34), "MALLOC_TOP_PAD_": str(1 << 26)}

# Large pages from a Linux that gives them to who asks: for the C library's heap, and for PyTorch's tensors.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "THP_MEM_ALLOC_ENABLE": "1"}

# What libraries read when they are loaded, and know as their instruction sets. MLX has one set of kernels and no name.
# XLA's products come from YNNPACK, which knows no limit and is left out, or from oneDNN. Without --isa nothing of this is
# set, so that each library takes the best that it has.
ISA = {
    "avx2": {"OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
             "MKL_ENABLE_INSTRUCTIONS": "AVX2", "NPY_ENABLE_CPU_FEATURES": "X86_V3 AVX2 FMA3",
             "XLA_FLAGS": "--xla_cpu_max_isa=AVX2 --xla_cpu_experimental_ynn_fusion_type="},
    "avx512": {"OPENBLAS_CORETYPE": "SkylakeX", "ATEN_CPU_CAPABILITY": "avx512", "ONEDNN_MAX_CPU_ISA": "AVX512_CORE",
               "MKL_ENABLE_INSTRUCTIONS": "AVX512", "XLA_FLAGS": "--xla_cpu_max_isa=AVX512"},
}


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, help="of samt-bench and of every peer; default 1")
    parser.add_argument("--isa", choices=ISA, help="of samt-bench and of every peer; default: the best that each has")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--filter", action="append", default=[], metavar="TEXT",
                        help="only cases whose kernel and name contain TEXT; may be given more than once")
    parser.add_argument("--peers", default="torch,numpy,jax,mlx", help="default torch,numpy,jax,mlx")
    parser.add_argument("--seconds", type=float, default=0.2, help="for each peer, case and round; default 0.2")
    parser.add_argument("--bench", default=os.path.join(ROOT, ".build", "release", "samt-bench"), metavar="PATH",
                        help="the samt-bench to run; default .build/release/samt-bench of this package")
    parser.add_argument("--save", metavar="FILE", help="append JSON to it: the setting, then the cases")
    return parser.parse_args()


def restart_prepared(threads, isa):
    """Runs this script again in a suitable environment, for libraries read theirs while they are loaded."""
    if "SAMT_COMPARE" in os.environ:
        return
    for name in ("OPENBLAS_L2_SIZE", *(name for limits in ISA.values() for name in limits)):
        os.environ.pop(name, None)
    count = str(threads)
    os.environ.update({
        "SAMT_COMPARE": "1", "OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "OPENBLAS_THREAD_TIMEOUT": "24",
        "MKL_NUM_THREADS": count, "JAX_PLATFORMS": "cpu"} | HEAP | LARGE_PAGES | ISA.get(isa, {}))
    if isa:
        os.environ["SAMT_ISA"] = isa
    if hasattr(os, "sched_setaffinity"):  # JAX and MLX know no other way
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    os.execv(sys.executable, [sys.executable] + sys.argv)


def parts(kernel):
    """The kernels of ours that do what `kernel` says."""
    return peers.SUMS.get(kernel, (kernel,))


def ours(bench, threads, cases):
    """Each case's median and fastest seconds by samt-bench, and the setting that it reports."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        command = [bench, "--threads", str(threads), "--save", file.name]
        for kernel, name in cases:
            for part in parts(kernel):
                command += ["--filter", f"{part} {name}"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        setting, *rows = [json.loads(line) for line in open(file.name)]
    seconds = {(row["kernel"], row["case"]): (row["medianSeconds"], row["fastestSeconds"]) for row in rows}
    return {(kernel, name): tuple(map(sum, zip(*(seconds[part, name] for part in parts(kernel)))))
            for kernel, name in cases}, setting


def elapsed(call, repetitions):
    start = time.perf_counter()
    for _ in range(repetitions):
        call()
    return time.perf_counter() - start


def timed(calls, seconds, threads):
    """Median and fastest time of a call of each function, in turns: at least 3 samples, then until `seconds` passed.

    With several threads, rests let the workers of whoever ran last go to sleep, and warming up wakes the next one's.
    """
    pause, warm_up, shortest_sample = (0, 1e-3, 1e-3) if threads == 1 else (20e-3, 10e-3, 5e-3)
    duration, samples = {}, {label: [] for label in calls}
    for label, call in calls.items():
        call()  # compiles, allocates
        duration[label] = elapsed(call, 1)
        if duration[label] > 1:  # so slow that once is enough
            samples[label].append(duration[label])
    waiting = [label for label in calls if not samples[label]]
    while waiting:
        for label in waiting:
            time.sleep(pause)
            if duration[label] < 5 * warm_up:  # longer calls warm up by themselves
                elapsed(calls[label], math.ceil(warm_up / duration[label]))
            count = math.ceil(shortest_sample / duration[label])
            samples[label].append(elapsed(calls[label], count) / count)
            duration[label] = min(duration[label], samples[label][-1])
        waiting = [label for label in waiting
                   if len(samples[label]) < 3 or len(samples[label]) * max(duration[label], shortest_sample) < seconds]
    return {label: (statistics.median(values), min(values)) for label, values in samples.items()}


def wanted_cases(arguments):
    """Kernel and name of every case that peers are known for."""
    listing = subprocess.run([arguments.bench, "--list"], capture_output=True, text=True, check=True).stdout
    cases = [tuple(line.split(" ", 1)) for line in listing.splitlines()]
    cases += [(whole, name) for whole, summands in peers.SUMS.items() for kernel, name in cases if kernel == summands[0]]
    return [case for case in cases if case[0] in peers.KERNELS
            and (not arguments.filter or any(text in " ".join(case) for text in arguments.filter))]


def compare(arguments, cases):
    """The cases' rows, and the setting of ours."""
    times, setting = {}, None
    for kernel in dict.fromkeys(kernel for kernel, _ in cases):
        group = [case for case in cases if case[0] == kernel]
        for round_index in range(arguments.rounds):
            print(f"{kernel}: round {round_index + 1} of {arguments.rounds}", file=sys.stderr)
            mine, found = ours(arguments.bench, arguments.threads, group)
            setting = setting or {key: value for key, value in found.items() if key != "arguments"}
            for case in group:
                calls = dict(peers.KERNELS[kernel](case[1]))
                if not calls:
                    continue
                row = times.setdefault(case, {})
                row.setdefault("ours", []).append(mine[case])
                for label, value in timed(calls, arguments.seconds, arguments.threads).items():
                    row.setdefault(label, []).append(value)
    rows = []
    for (kernel, name), row in times.items():
        medians = {label: statistics.median(median for median, _ in values) for label, values in row.items()}
        fastest = {label: min(fastest for _, fastest in values) for label, values in row.items()}
        rows.append({"kernel": kernel, "case": name, "threads": arguments.threads, "medianSeconds": medians.pop("ours"),
                     "fastestSeconds": fastest.pop("ours"), "peers": medians, "peersFastest": fastest})
    return rows, setting


def save(path, rows, setting, versions, arguments):
    with open(path, "a") as file:
        header = {"tool": "compare.py", "arguments": [os.path.basename(word) for word in sys.argv[1:]],
                  "rounds": arguments.rounds, "peers": versions, "samt-bench": setting}
        print(json.dumps(header), file=file)
        for row in rows:
            print(json.dumps(row | {"ratio": table.fastest_ratio(row)}), file=file)


def main():
    arguments = parsed_arguments()
    restart_prepared(arguments.threads, arguments.isa)
    versions = peers.load(arguments.peers.split(","), arguments.threads)
    if not versions:
        sys.exit(f"compare.py: none of {arguments.peers} can be imported")
    cases = wanted_cases(arguments)
    if not cases:
        sys.exit("compare.py: no case is left to run")
    gc.disable()
    rows, setting = compare(arguments, cases)
    print(f"{setting['cpu']}, {setting['isa']}, {arguments.threads} thread{'s' * (arguments.threads > 1)}, "
          f"load average before {setting['loadAverage']:.1f}; "
          + ", ".join(f"{name} {version}" for name, version in versions.items()) + "\n")
    table.print_table(rows)
    if arguments.save:
        save(arguments.save, rows, setting, versions, arguments)


main()
