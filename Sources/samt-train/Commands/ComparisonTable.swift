import Foundation
import SAMT

/// What several trainings came to, side by side: a row for each method, over its seeds.
struct ComparisonTable {
  /// What the methods are compared by.
  private let criterion: Criterion
  private var rows: [(method: String, reports: [EpochReport])] = []

  /// An empty table.
  init(by criterion: Criterion) { self.criterion = criterion }

  /// Takes in a training's last epoch.
  mutating func add(_ report: EpochReport, of method: String) {
    if rows.last?.method != method { rows.append((method, [])) }
    rows[rows.count - 1].reports.append(report)
  }

  /// Means over the seeds, and for the criterion on the test examples its range.
  var text: String {
    let averages = rows.contains { $0.reports.contains { $0.averagedTest != nil } }
    var lines = [
      ["method", "test \(criterion.name)", "lowest", "highest"] + (averages ? ["averaged"] : [])
        + ["training loss", "samples/s", "layer passes"]
    ]
    for (method, reports) in rows {
      func mean(_ value: (EpochReport) -> Double) -> Double { reports.map(value).reduce(0, +) / Double(reports.count) }
      func decimals(_ value: Double) -> String { String(format: "%.4f", value) }
      func test(_ report: EpochReport) -> Double { report.test.map(criterion.value) ?? .nan }
      let values = reports.map(test)
      var line = [method, decimals(mean(test))]
      line += [values.min(), values.max()].map { decimals($0 ?? .nan) }
      if averages { line.append(decimals(mean { $0.averagedTest.map(criterion.value) ?? .nan })) }
      line += [decimals(mean(\.training.loss)), String(format: "%.0f", mean(\.samplesPerSecond))]
      line.append("\(reports[0].layerPasses.total)")
      lines.append(line)
    }
    return TextTable(lines).text
  }
}
