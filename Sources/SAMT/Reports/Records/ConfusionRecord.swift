/// A confusion matrix as it is kept in a run's directory.
struct ConfusionRecord: Codable, Equatable, Sendable {
  var classNames: [String]
  /// [true class][predicted class].
  var counts: [[Int]]

  /// Whether there is a name and a row of as many counts for each class, and none is negative.
  var isWellFormed: Bool {
    !classNames.isEmpty && counts.count == classNames.count
      && counts.allSatisfy { $0.count == classNames.count && $0.allSatisfy { $0 >= 0 } }
  }

  /// How often each class was there and found: precision, recall and F1 by class.
  var table: DataTable {
    let rows = counts.indices.map { index -> [String] in
      let right = counts[index][index]
      let (present, predicted) = (counts[index].reduce(0, +), counts.reduce(0) { $0 + $1[index] })
      func share(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "–" : NumberText.fixed(Double(part) / Double(whole))
      }
      return [
        classNames[index], "\(present)", share(right, predicted), share(right, present),
        share(2 * right, present + predicted),
      ]
    }
    return DataTable(columns: ["class", "examples", "precision", "recall", "F1"], rows: rows)
  }
}
