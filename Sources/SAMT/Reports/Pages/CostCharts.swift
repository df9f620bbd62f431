/// What the runs reached by what they cost: a point for each run.
struct CostCharts {
  private let groups: [RunGroup]

  init(_ groups: [RunGroup]) { self.groups = groups }

  var figures: [Figure] {
    guard let judged = groups.flatMap(\.runs).judgedBy else { return [] }
    let unit = TimeUnit(forSeconds: groups.flatMap(\.runs).compactMap(\.seconds).max() ?? 0)
    let charts = [
      chart(judged, Axis("training time, \(unit.name)")) { $0.seconds.map { $0 / unit.seconds } },
      chart(judged, Axis("layer passes")) { $0.epochs.last?.layerPasses },
    ]
    return charts.filter { !$0.series.isEmpty }.map(\.figure)
  }

  private func chart(_ judged: Measure, _ x: Axis, _ cost: (RunRecord) -> Double?) -> ScatterChart {
    let series = groups.enumerated().map { index, group in
      Series(
        name: group.name, style: index,
        points: group.runs.compactMap { run in
          cost(run).flatMap { cost in run.last(judged).map { SeriesPoint(cost, $0) } }
        })
    }
    return ScatterChart(
      title: "\(judged.title) by \(x.title)", x: x, y: Axis(judged.title), series: series.filter { !$0.points.isEmpty })
  }
}
