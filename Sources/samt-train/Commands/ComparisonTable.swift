import Foundation
import SAMT

/// What several trainings came to, side by side: a row for each method, over its seeds.
struct ComparisonTable {
  private var rows: [(method: String, reports: [EpochReport])] = []

  /// Takes in a training's last epoch.
  mutating func add(_ report: EpochReport, of method: String) {
    if rows.last?.method != method { rows.append((method, [])) }
    rows[rows.count - 1].reports.append(report)
  }

  /// Means over the seeds, and for the test accuracy its range.
  var text: String {
    let averages = rows.contains { $0.reports.contains { $0.averagedTestAccuracy != nil } }
    var lines = [
      ["method", "test accuracy", "lowest", "highest"] + (averages ? ["averaged"] : [])
        + ["training loss", "samples/s", "layer passes"]
    ]
    for (method, reports) in rows {
      func mean(_ value: (EpochReport) -> Double) -> Double { reports.map(value).reduce(0, +) / Double(reports.count) }
      func decimals(_ value: Double) -> String { String(format: "%.4f", value) }
      let accuracies = reports.map(\.testAccuracy)
      var line = [method, decimals(mean(\.testAccuracy))]
      line += [accuracies.min(), accuracies.max()].map { decimals($0 ?? 0) }
      if averages { line.append(decimals(mean { $0.averagedTestAccuracy ?? .nan })) }
      line += [decimals(mean(\.trainingLoss)), String(format: "%.0f", mean(\.samplesPerSecond))]
      line.append("\(reports[0].layerPasses.total)")
      lines.append(line)
    }
    return TextTable(lines).text
  }
}
