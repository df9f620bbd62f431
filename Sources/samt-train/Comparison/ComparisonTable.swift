import Foundation
import SAMT

/// A comparison's results as a table: a row for each method.
struct ComparisonTable {
  private let results: ComparisonResults

  init(_ results: ComparisonResults) { self.results = results }

  /// The columns that say something about at least one method, aligned.
  var text: String {
    let columns = [Column("method", \.method)] + resultColumns + costColumns + searchColumns
    let filled = columns.filter { column in results.rows.contains { !column.text($0).isEmpty } }
    return TextTable([filled.map(\.title)] + results.rows.map { row in filled.map { $0.text(row) } }).text
  }

  private struct Column {
    let title: String
    let text: (ComparisonResults.Row) -> String

    init(_ title: String, _ text: @escaping (ComparisonResults.Row) -> String) {
      self.title = title
      self.text = text
    }
  }

  private var resultColumns: [Column] {
    [
      Column("test \(results.metric)") { decimals($0.mean) },
      Column("deviation") { $0.deviation.map(decimals) ?? "" },
      Column("to the best") { row in row == results.best ? "best" : signed(results.difference(row)?.mean) },
      Column("95% interval") { row in row == results.best ? "" : interval(results.difference(row)?.interval) },
      Column("averaged") { row in mean(row) { $0.averagedResult }.map(decimals) ?? "" },
      Column("training loss") { row in mean(row) { $0.trainingLoss }.map(decimals) ?? "" },
    ]
  }

  private var costColumns: [Column] {
    let target = results.target.map { " to \($0)" } ?? ""
    return [
      Column("epochs") { row in row.trainings.first.map { "\($0.epochs)" } ?? "" },
      Column("seconds") { row in mean(row) { $0.cost.seconds }.map(tenths) ?? "" },
      Column("layer passes") { row in row.trainings.first.map { "\($0.cost.passes)" } ?? "" },
      Column("seconds" + target) { row in
        results.target == nil ? "" : mean(row) { $0.costOfTarget?.seconds }.map(tenths) ?? "never"
      },
      Column("passes" + target) { row in
        results.target == nil
          ? "" : mean(row) { ($0.costOfTarget?.passes).map(Double.init) }.map { String(format: "%.0f", $0) } ?? "never"
      },
    ]
  }

  private var searchColumns: [Column] {
    let isSearched = results.rows.contains { !$0.search.isEmpty }
    return [
      Column("rate") { row in
        row.rate.map { String(format: "%.3g", $0) } ?? (isSearched ? "none" : "")
      },
      Column("rates tried") { isSearched ? "\($0.search.count)" : "" },
      Column("search seconds") { isSearched ? tenths($0.searchCost.seconds) : "" },
    ]
  }
}

/// The mean over a row's trainings; nil where one of them has no value.
private func mean(_ row: ComparisonResults.Row, _ value: (ComparisonResults.Training) -> Double?) -> Double? {
  let values = row.trainings.compactMap(value)
  guard !values.isEmpty, values.count == row.trainings.count else { return nil }
  return values.reduce(0, +) / Double(values.count)
}

private func decimals(_ value: Double) -> String { String(format: "%.4f", value) }

private func tenths(_ value: Double) -> String { String(format: "%.1f", value) }

private func signed(_ value: Double?) -> String { value.map { String(format: "%+.4f", $0) } ?? "" }

private func interval(_ range: ClosedRange<Double>?) -> String {
  range.map { String(format: "%+.4f ... %+.4f", $0.lowerBound, $0.upperBound) } ?? ""
}
