/// What the method tells of itself and of each block, epoch by epoch.
struct BlockFigures {
  let run: RunRecord

  /// The most blocks that have a line each; more become the rows of a heat map.
  private static let mostLines = 6

  /// The method's own figures.
  var methodFigures: [Figure] {
    Set(run.epochs.flatMap(\.figures.keys)).sorted().map { name in
      let points = run.epochs.compactMap { epoch in
        epoch.figures[name].map { SeriesPoint(Double(epoch.epoch), $0) }
      }
      return LineChart(
        title: name.inWords, x: Axis("epoch", .linear, isWhole: true), y: Axis(name.inWords),
        series: [Series(name: name.inWords, style: 0, points: points)]
      ).figure
    }
  }

  /// A figure for each of the blocks' figures.
  var blockFigures: [Figure] {
    var blocks: [String] = []
    var metrics: Set<String> = []
    for block in run.epochs.flatMap(\.blocks) {
      if !blocks.contains(block.name) { blocks.append(block.name) }
      metrics.formUnion(block.metrics.keys)
    }
    return metrics.sorted().map { blocks.count <= Self.mostLines ? lines($0, blocks) : map($0, blocks) }
  }

  private func lines(_ metric: String, _ blocks: [String]) -> Figure {
    let series = blocks.enumerated().map { index, block in
      Series(
        name: block, style: index,
        points: run.epochs.compactMap { epoch in
          value(metric, block, epoch).map { SeriesPoint(Double(epoch.epoch), $0) }
        })
    }
    return LineChart(
      title: metric.inWords, x: Axis("epoch", .linear, isWhole: true), y: Axis(metric.inWords),
      series: series.filter { !$0.points.isEmpty }
    ).figure
  }

  private func map(_ metric: String, _ blocks: [String]) -> Figure {
    HeatMap(
      title: metric.inWords, axes: ("block", "epoch"), rowNames: blocks,
      columns: run.epochs.map { Double($0.epoch) },
      values: blocks.map { block in run.epochs.map { value(metric, block, $0) ?? .nan } }
    ).figure
  }

  private func value(_ metric: String, _ block: String, _ epoch: EpochRecord) -> Double? {
    epoch.blocks.first { $0.name == block }?.metrics[metric]
  }
}
