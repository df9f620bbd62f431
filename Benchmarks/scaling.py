"""Predicts how training in data parallel scales, from steps that samt-bench measured and a network that is stated.

usage: scaling.py FILE > PAGE      (FILE: what `samt-bench scaling --save` wrote on one rank and on two; see the page)

Python's standard library is all it needs. Times are seconds, sizes bytes, rates bytes a second.
"""
import collections
import itertools
import json
import math
import sys

RANKS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
GLOBAL_BATCH = 1024
SHARDS = 1024
OUTPUTS = 10       # of every network that is measured
METHODS = ["adam", "samt-s"]
NETWORKS = ["784-400-10", "lenet5", "resnet18"]
PER_RANK = {"784-400-10": 128, "lenet5": 128, "resnet18": 16}
EXAMPLES_PER_SHARD = 8

# What the library does (Sources/SAMT/Distributed/RankSum.swift).
SHORTEST = 2048    # vectors of fewer elements travel whole
LANE = 16          # segments are whole cache lines
# What MPICH does by default; Open MPI's limits lie near them.
LONG_GATHER = 512 << 10
SHORT_BLOCK = 256

Link = collections.namedtuple("Link", "name rate latency")
LINKS = [Link("1 Gbit/s, 50 us", 125e6, 50e-6), Link("10 Gbit/s, 25 us", 1.25e9, 25e-6),
         Link("100 Gbit/s, 2 us", 12.5e9, 2e-6)]


def doublings(ranks):
    return math.ceil(math.log2(ranks))


def gather(block, ranks, link):
    """Everyone's block on every rank: in doubling steps, or around a ring where that is long."""
    messages = ranks - 1 if block * ranks >= LONG_GATHER else doublings(ranks)
    return messages * link.latency + (ranks - 1) * block / link.rate


def exchange(block, ranks, link):
    """A block of every rank to every other: directly, or in Bruck's doubling steps where blocks are small."""
    if block <= SHORT_BLOCK:
        return doublings(ranks) * (link.latency + ranks / 2 * block / link.rate)
    return (ranks - 1) * (link.latency + block / link.rate)


def segment(count, ranks):
    """Elements of a rank's segment of a vector."""
    return -(-count // (ranks * LANE)) * LANE


def vector_sum(count, ranks, link):
    """The sum over the ranks of a vector of so many elements, without what the ranks add up themselves."""
    if count < SHORTEST:
        return gather(4 * count, ranks, link)
    block = 4 * segment(count, ranks)
    return exchange(block, ranks, link) + gather(block, ranks, link)


class Training:
    """What one method on one network takes, as it was measured."""

    def __init__(self, rows, copy_rate):
        """`rows` are those of its steps on one rank and on two."""
        self.copy_rate = copy_rate
        alone = {batch_of(row): row["fastestSeconds"] for row in rows if row["shards"] == 1}
        small, large = min(alone), max(alone)
        self.per_example = (alone[large] - alone[small]) / (large - small)
        self.fixed = max(0, alone[small] - small * self.per_example)

        divided = [row for row in rows if row["ranks"] == 1 and row["shards"] > 1 and batch_of(row) == large]
        self.per_shard = None
        if divided:
            self.per_shard = max(0, (divided[0]["fastestSeconds"] - alone[large]) / (divided[0]["shards"] - 1))

        # A vector is an exchange and a gather of its segments; other gathers are losses, outputs, or short vectors.
        together = max((row for row in rows if row["ranks"] == 2), key=batch_of)
        gathers = list(together["gatheredBlocks"])
        for block in together["exchangedBlocks"]:
            gathers.remove(block)
        gathers.remove(4 * OUTPUTS * (batch_of(together) // 2))
        self.losses = gathers.count(8)
        self.vectors = [2 * block // 4 for block in together["exchangedBlocks"]]
        self.vectors += [block // 4 for block in gathers if block != 8]

    def alone(self, batch):
        """t(b): the step of one rank on so many examples in one shard."""
        return self.fixed + self.per_example * batch

    def adding(self, ranks):
        """A: copies into vectors and back, and sums of the ranks' segments."""
        elements = 16 * sum(self.vectors) + 12 * (ranks - 1) * sum(segment(count, ranks) for count in self.vectors)
        return elements / self.copy_rate

    def sums(self, ranks, link):
        return sum(vector_sum(count, ranks, link) for count in self.vectors)

    def communication(self, batch, ranks, link):
        """C: sums of vectors and of losses, and the outputs."""
        return (self.sums(ranks, link) + self.losses * gather(8, ranks, link)
                + gather(4 * OUTPUTS * batch, ranks, link))

    def step(self, batch, ranks, link, shards=1):
        """T(b, P) of ranks with so many examples each, in so many shards each."""
        more = (shards - 1) * self.per_shard if shards > 1 else 0
        return self.alone(batch) + more + self.adding(ranks) + self.communication(batch, ranks, link)

    def overlapped(self, batch, ranks, link):
        """T(b, P) if the sums of gradients passed while the way back, two thirds of t(b), is computed."""
        return self.step(batch, ranks, link) - min(self.sums(ranks, link), 2 / 3 * self.alone(batch))


def batch_of(row):
    return int(row["case"].split()[-1])


def read(path):
    """Scaling's rows by what they measured, and the rate of copies in main memory."""
    rows = collections.defaultdict(list)
    settings, copy_rate = [], None
    with open(path) as file:
        for line in file:
            row = json.loads(line)
            if row.get("tool"):
                settings.append(row)
            elif row["kernel"] == "copy" and row["case"].startswith("DRAM"):
                copy_rate = row["gbytesPerSecond"] * 1e9
            elif row["kernel"] == "scaling":
                method, network = row["case"].split()[:2]
                rows[method, network].append(row)
    if copy_rate is None:
        sys.exit(f"{path}: no row of copies in DRAM (samt-bench roofline)")
    return rows, settings, copy_rate


def trainings(rows, copy_rate):
    found = {}
    for key, measured in rows.items():
        if len({batch_of(row) for row in measured if row["shards"] == 1}) < 2 or all(row["ranks"] < 2 for row in measured):
            sys.exit(f"{' '.join(key)}: expected two minibatches on one rank, and one of them on two ranks")
        found[key] = Training(measured, copy_rate)
    return found


def time_text(seconds):
    for scale, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def table(heading, rows):
    print("| " + " | ".join(heading) + " |")
    print("|" + "---|" * len(heading))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def efficiencies(found, efficiency):
    """Of every network and training for which there is one, in percent."""
    rows = []
    for link in LINKS:
        for network, method in itertools.product(NETWORKS, METHODS):
            values = [efficiency(network, found[method, network], ranks, link) for ranks in RANKS]
            if None not in values:
                rows.append([link.name, f"{method} {network}"] + [f"{100 * value:.0f}" for value in values])
    table(["network", "training"] + [str(ranks) for ranks in RANKS], rows)


def fixed_per_rank(network, training, ranks, link):
    batch = PER_RANK[network]
    return training.alone(batch) / training.step(batch, ranks, link)


def fixed_global(network, training, ranks, link):
    return training.alone(GLOBAL_BATCH) / (ranks * training.step(GLOBAL_BATCH / ranks, ranks, link))


def fixed_shards(network, training, ranks, link):
    if training.per_shard is None:
        return None
    batch = EXAMPLES_PER_SHARD * SHARDS
    alone = training.alone(batch) + (SHARDS - 1) * training.per_shard
    return alone / (ranks * training.step(batch / ranks, ranks, link, SHARDS // ranks))


def inputs_table(found):
    lines = []
    for key in sorted(found):
        training = found[key]
        elements = f"{sum(training.vectors)} in {len(training.vectors)}"
        line = f"{time_text(training.fixed)} + b {time_text(training.per_example)}"
        shard = "" if training.per_shard is None else time_text(training.per_shard)
        lines.append([" ".join(key), line, shard, elements, str(training.losses)])
    table(["training", "t(b)", "f", "elements in vectors", "losses"], lines)


def check(rows, found):
    """Measured steps of two ranks, and what the model makes of the link that samt-bench found between them."""
    by_link = collections.defaultdict(list)
    for row in itertools.chain.from_iterable(rows.values()):
        if row["ranks"] == 2:
            by_link[row["mpi"], row["linkBytesPerSecond"], row["linkLatencySeconds"]].append(row)
    ratios = []
    for (library, rate, latency), measured in by_link.items():
        link = Link("", rate, latency)
        library = " ".join(library.split(",")[0].split("(")[0].replace("Version:", "").split())
        print(f"{library}, {rate * 1e-9:.2f} GB/s, {time_text(latency)}:\n")
        lines = []
        for row in measured:
            method, network = row["case"].split()[:2]
            training, batch = found[method, network], batch_of(row) / 2
            predicted = training.step(batch, 2, link)
            ratios.append(predicted / row["fastestSeconds"])
            lines.append([row["case"], time_text(training.communication(batch, 2, link)),
                          time_text(row["communicationSeconds"]), time_text(predicted),
                          time_text(row["fastestSeconds"]), f"{ratios[-1]:.2f}"])
        table(["case", "C", "measured", "T(b, 2)", "measured", "ratio"], lines)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"All ratios lie in {min(ratios):.2f} ... {max(ratios):.2f}, their geometric mean is {mean:.2f}.\n")


def overlap_table(found, ranks):
    rows = []
    for network in NETWORKS:
        training, batch = found["adam", network], PER_RANK[network]
        gains = [training.step(batch, ranks, link) / training.overlapped(batch, ranks, link) for link in LINKS]
        rows.append([f"adam {network}"] + [f"{100 * (gain - 1):.0f}%" for gain in gains])
    table(["training"] + [link.name for link in LINKS], rows)


def page(path):
    rows, settings, copy_rate = read(path)
    found = trainings(rows, copy_rate)
    revisions = ", ".join(sorted({setting["revision"] for setting in settings}))
    print(f"""# How training scales

Made by `Benchmarks/scaling.py` from [its measurements]({path.split('/')[-1]}): {settings[0]['cpu']}, {settings[0]['isa']},
one thread a rank, revision {revisions}. One and two ranks are measured; everything beyond is a model.
All times are of the fastest sample, but for the measured communication, a median that includes waiting for the other
rank.

    samt-bench scaling roofline --threads 1 --save FILE                       # steps of one rank, copies in memory
    samt-bench scaling --threads 1 --shards 8 --save FILE                     # the same in shards
    mpirun -np 2 samt-bench --threads 1 --save FILE                           # what ranks sum, and the check below
    python Benchmarks/scaling.py FILE > Benchmarks/Results/scaling.md

## The model

P ranks have b examples each, in s shards each. A step takes

    T(b, P) = t(b) + (s - 1) f + A + C
    A = (16 n + 12 (P - 1) w) / M
    C = the sum of exchange and gather over the step's calls

- t(b), the step of one rank alone, is a straight line through two measured minibatches. f is what each further shard
  adds to it, measured with eight: its smaller products, its copy into the vector of all gradients, and its sum in the
  tree. There is one shard a rank where nothing else is said.
- A is what ranks copy and add: n elements into vectors and back (16 bytes each), and P segments of w = n / P elements,
  rounded up to whole cache lines (12 bytes for each element and sum). M is the measured rate of copies in main memory,
  {copy_rate * 1e-9:.1f} GB/s.
- A vector of at least {SHORTEST} elements is exchanged in segments of 4 w bytes, added up, and gathered. A shorter one,
  each loss (8 bytes) and the outputs (40 b bytes, from which every rank has the accuracy) are gathered whole. At
  latency a and rate B

      exchange(x) = (P - 1) (a + x / B), or log2(P) (a + P / 2 x / B) for x up to {SHORT_BLOCK} bytes (Bruck)
      gather(x)   = log2(P) a + (P - 1) x / B, or (P - 1) (a + x / B) from P x = {LONG_GATHER >> 10} KiB up (ring)

  which is what MPICH does. The bytes of a long vector are those of a ring, 2 (P - 1) / P 4 n. Where an efficiency rises
  again with P, its blocks have become short.
- Nothing overlaps, no rank waits for a slower one, and no two messages share a cable.

What went into it, n and the number of vectors from the calls that `samt-bench` wrote down on two ranks:
""")
    inputs_table(found)
    print("""## The check

Two ranks on this machine, and the model with the rate and the latency that `samt-bench` found between them: through
shared memory, and by TCP between two network namespaces whose devices let through 1 and 10 Gbit/s. A ratio above 1: the
model is too slow. The machine is a shared one that other work kept busy; ranks had a higher priority, and steps of the
same kind still differed by a fifth from one minute to the next.
""")
    check(rows, found)
    print(f"""## Fixed batch per rank

Efficiency in percent, t(b) / T(b, P), with examples a rank: {', '.join(f'{n} {b}' for n, b in PER_RANK.items())}.
The same figures hold, but for the outputs, where a rank is k times as fast and takes k times as many examples.
""")
    efficiencies(found, fixed_per_rank)
    print(f"""## Fixed global batch

Efficiency in percent, t({GLOBAL_BATCH}) / (P T({GLOBAL_BATCH} / P, P)), with {GLOBAL_BATCH} examples on all ranks together.
""")
    efficiencies(found, fixed_global)
    print(f"""## Fixed shards

Efficiency in percent where the minibatch is {SHARDS} shards of {EXAMPLES_PER_SHARD} examples on any number of ranks, which all end
with the same bits: one rank's step over P times that of P ranks with {SHARDS} / P shards each.
""")
    efficiencies(found, fixed_shards)
    print("""## What overlapping could gain at most

If all sums of gradients passed while the way back is computed, two thirds of t(b), 16 ranks with a fixed batch each
would be faster by
""")
    overlap_table(found, 16)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    page(sys.argv[1])
