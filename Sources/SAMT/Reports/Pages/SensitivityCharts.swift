/// How much the result depends on a setting that is a number, such as a learning rate: a line for each method.
struct SensitivityCharts {
  private let groups: [RunGroup]

  init(_ groups: [RunGroup]) { self.groups = groups }

  /// A figure for each such option of which a method has three values or more.
  var figures: [Figure] {
    guard let judged = groups.flatMap(\.runs).judgedBy else { return [] }
    let differing = RunGroup.differingOptions(groups.compactMap { $0.runs[0].options?.values })
    return differing.compactMap { option in
      let series = methods.enumerated().compactMap { index, method -> Series? in
        let points = method.groups.compactMap { group -> SeriesPoint? in
          guard let x = group.runs[0].options?.values[option]?.first.flatMap({ Double($0) }) else { return nil }
          let values = group.last { $0.last(judged) }
          return values.isEmpty ? nil : SeriesPoint(x, RunGroup.mean(values), range: RunGroup.range(values))
        }
        guard Set(points.map(\.x)).count >= 3 else { return nil }
        return Series(name: method.name, style: index, points: points.sorted { $0.x < $1.x })
      }
      guard !series.isEmpty else { return nil }
      let name = option.replacing("-", with: " ")
      return LineChart(
        title: "\(judged.title) by \(name)", x: Axis(name, .fitting(series.flatMap(\.points).map(\.x))),
        y: Axis(judged.title), series: series
      ).figure
    }
  }

  /// The settings of each method.
  private var methods: [(name: String, groups: [RunGroup])] {
    var methods: [(name: String, groups: [RunGroup])] = []
    for group in groups {
      let name = group.runs[0].options?.method ?? group.name
      if let index = methods.firstIndex(where: { $0.name == name }) {
        methods[index].groups.append(group)
      } else {
        methods.append((name, [group]))
      }
    }
    return methods
  }
}
