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
    let metrics = Set(run.epochs.flatMap(\.blocks).flatMap(\.metrics.keys))
    return metrics.sorted().map { figure($0.inWords, of: \.blocks, $0) }
  }

  /// The sizes and the means of the blocks' gradients.
  var ofGradients: [Figure] {
    guard run.epochs.contains(where: { !$0.gradients.isEmpty }) else { return [] }
    return [
      figure("root mean square", of: \.gradients, "rms", .logarithmic),
      figure("largest magnitude", of: \.gradients, "largest", .logarithmic),
      figure("mean", of: \.gradients, "mean"),
    ]
  }

  /// One of the blocks' figures over the epochs: lines, or a heat map.
  private func figure(
    _ title: String, of reports: KeyPath<EpochRecord, [BlockReport]>, _ metric: String, _ kind: Scale.Kind? = nil
  ) -> Figure {
    var names: [String] = []
    var known: Set<String> = []
    for report in run.epochs.flatMap({ $0[keyPath: reports] }) where known.insert(report.name).inserted {
      names.append(report.name)
    }
    let epochs = run.epochs.map { epoch in
      Dictionary(epoch[keyPath: reports].map { ($0.name, $0.metrics[metric]) }) { first, _ in first }
    }
    let values = names.map { name in epochs.map { $0[name] ?? nil } }
    guard names.count <= Self.mostLines else {
      return HeatMap(
        title: title, axes: ("block", "epoch"), rowNames: names, columns: run.epochs.map { Double($0.epoch) },
        values: values.map { $0.map { $0 ?? .nan } }, kind: kind
      ).figure
    }
    let series = names.enumerated().map { index, name in
      Series(
        name: name, style: index,
        points: zip(run.epochs, values[index]).compactMap { epoch, value in
          value.map { SeriesPoint(Double(epoch.epoch), $0) }
        })
    }
    return lines(title, series.filter { !$0.points.isEmpty }, kind)
  }

  private func lines(_ title: String, _ series: [Series], _ kind: Scale.Kind? = nil) -> Figure {
    LineChart(title: title, x: Axis("epoch", .linear, isWhole: true), y: Axis(title, kind), series: series).figure
  }
}
