/// What the method tells of itself, and figures of each block, epoch by epoch.
struct BlockFigures {
  let run: RunRecord

  /// The most blocks that have a line each; more become the rows of a heat map.
  private static let mostLines = 6

  /// The method's own figures.
  var ofMethod: [Figure] {
    Set(run.epochs.flatMap(\.figures.keys)).sorted().map { name in
      let points = run.epochs.compactMap { epoch in
        epoch.figures[name].map { SeriesPoint(Double(epoch.epoch), $0) }
      }
      return lines(name.inWords, [Series(name: name.inWords, style: 0, points: points)])
    }
  }

  /// A figure for each of the blocks' figures.
  var ofBlocks: [Figure] {
    var names: [String] = []
    var known: Set<String> = []
    var metrics: Set<String> = []
    let epochs = run.epochs.map { epoch in
      Dictionary(epoch.blocks.map { ($0.name, $0.metrics) }) { first, _ in first }
    }
    for report in run.epochs.flatMap(\.blocks) {
      if known.insert(report.name).inserted { names.append(report.name) }
      metrics.formUnion(report.metrics.keys)
    }
    return metrics.sorted().map { metric in
      let values = names.map { name in epochs.map { $0[name]?[metric] } }
      return names.count <= Self.mostLines ? lines(metric, names, values) : map(metric, names, values)
    }
  }

  private func lines(_ metric: String, _ names: [String], _ values: [[Double?]]) -> Figure {
    let series = names.enumerated().map { index, name in
      Series(
        name: name, style: index,
        points: zip(run.epochs, values[index]).compactMap { epoch, value in
          value.map { SeriesPoint(Double(epoch.epoch), $0) }
        })
    }
    return lines(metric.inWords, series.filter { !$0.points.isEmpty })
  }

  private func lines(_ title: String, _ series: [Series]) -> Figure {
    LineChart(title: title, x: Axis("epoch", .linear, isWhole: true), y: Axis(title), series: series).figure
  }

  private func map(_ metric: String, _ names: [String], _ values: [[Double?]]) -> Figure {
    HeatMap(
      title: metric.inWords, axes: ("block", "epoch"), rowNames: names, columns: run.epochs.map { Double($0.epoch) },
      values: values.map { $0.map { $0 ?? .nan } }
    ).figure
  }
}
