/// Loss and metrics over epochs, time, updates and layer passes.
struct LearningCurves {
  let groups: [RunGroup]
  private let unit: TimeUnit

  init(_ groups: [RunGroup]) {
    self.groups = groups
    unit = TimeUnit(forSeconds: groups.flatMap(\.runs).compactMap(\.seconds).max() ?? 0)
  }

  /// All curves, with a switch between the axes.
  var markup: Markup {
    AxisSwitch(panels: RunAxis.allCases.map { ($0.name, figures(over: $0)) }).markup
  }

  /// For one setting a figure for each metric, with a line for each part of the examples; for several a figure for each
  /// metric and part, with a line for each setting.
  private func figures(over axis: RunAxis) -> [Figure] {
    let measures = groups.flatMap(\.runs).measures
    let charts: [LineChart]
    if groups.count == 1, let group = groups.first {
      var metrics: [String] = []
      for measure in measures where !metrics.contains(measure.metric) { metrics.append(measure.metric) }
      charts = metrics.map { metric in
        chart(
          metric, axis,
          measures.filter { $0.metric == metric }.enumerated().map { index, measure in
            series(measure.part, index, group.points(measure, over: axis), axis)
          })
      }
    } else {
      let judged = [groups.flatMap(\.runs).judgedBy].compactMap(\.self)
      charts = (judged + measures.filter { !judged.contains($0) }).map { measure in
        chart(
          measure.title, axis,
          groups.enumerated().map { index, group in series(group.name, index, group.points(measure, over: axis), axis) }
        )
      }
    }
    return (charts + [speed(over: axis)]).filter { !$0.series.isEmpty }.map(\.figure)
  }

  /// Samples per second.
  private func speed(over axis: RunAxis) -> LineChart {
    chart(
      "samples per second", axis,
      groups.enumerated().map { index, group in
        series(group.name, index, group.points(over: axis, \.samplesPerSecond), axis)
      })
  }

  private func chart(_ title: String, _ axis: RunAxis, _ series: [Series]) -> LineChart {
    LineChart(title: title, x: label(of: axis), y: Axis(title), series: series.filter { !$0.points.isEmpty })
  }

  private func series(_ name: String, _ index: Int, _ points: [SeriesPoint], _ axis: RunAxis) -> Series {
    var points = points
    if axis == .time { for index in points.indices { points[index].x /= unit.seconds } }
    return Series(name: name, style: index, points: points)
  }

  private func label(of axis: RunAxis) -> Axis {
    switch axis {
    case .epochs: Axis("epoch", .linear, isWhole: true)
    case .time: Axis("training time, \(unit.name)", .linear)
    case .updates: Axis("parameter updates", .linear, isWhole: true)
    case .layerPasses: Axis("layer passes", .linear, isWhole: true)
    }
  }
}
