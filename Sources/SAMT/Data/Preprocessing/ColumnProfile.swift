/// What the cells of a table's column say, as far as it matters for what the column is taken for.
struct ColumnProfile {
  /// The statistics of the finite numbers.
  private(set) var numbers = RunningStatistics()
  private(set) var textCount = 0
  /// The first rows that say nothing, that are text, and whose number is infinite.
  private(set) var firstMissing: Int?
  private(set) var firstText: Int?
  private(set) var firstInfinite: Int?
  /// The different numbers, as far as they are few.
  private var differentNumbers: Set<Double> = []
  private var areNumbersWhole = true

  /// The most different numbers that classes may be written as without a word.
  private static let classLimit = 20

  mutating func add(_ value: CSVValue, row: Int) {
    switch value {
    case .missing: firstMissing = firstMissing ?? row
    case .text:
      firstText = firstText ?? row
      textCount += 1
    case .number(let number) where !number.isFinite: firstInfinite = firstInfinite ?? row
    case .number(let number):
      numbers.add(number)
      if differentNumbers.count <= Self.classLimit { differentNumbers.insert(number) }
      if number != number.rounded() { areNumbersWhole = false }
    }
  }

  /// Whether no cell says anything.
  var isEmpty: Bool { numbers.count == 0 && textCount == 0 && firstInfinite == nil }

  /// Whether the column is taken for one of categories: no more than half of what it says are numbers.
  var holdsCategories: Bool { numbers.count <= textCount }

  /// What a target of this kind is taken for.
  var guessedTask: LearningTask {
    if holdsCategories { return .classification }
    let isFew = differentNumbers.count <= Self.classLimit && 5 * differentNumbers.count <= numbers.count
    return isFew && areNumbersWhole ? .classification : .regression
  }
}

extension CSVFile {
  /// The profiles of some columns over some rows, in one pass over them.
  func profiles(of columns: [Int], rows: [Int]) -> [ColumnProfile] {
    withCells { cells in
      var profiles = columns.map { _ in ColumnProfile() }
      for row in rows {
        for (index, column) in columns.enumerated() { profiles[index].add(cells.value(row, column), row: row) }
      }
      return profiles
    }
  }

  /// The different texts of some columns over some rows, in one pass over them, each column's in the order of their
  /// numbers where all are numbers, otherwise of their bytes.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where a column has more than `limit`, or one is not UTF-8.
  func categories(of columns: [Int], rows: [Int], limit: Int) throws(SAMTError) -> [[String]] {
    var categories = columns.map { _ in Set<String>() }
    try withCells { (cells) throws(SAMTError) in
      for row in rows {
        for (index, column) in columns.enumerated() where !cells.isMissing(row, column) {
          guard let text = cells.string(row, column) else { throw notUTF8(row: row, column: column) }
          guard categories[index].insert(text).inserted else { continue }
          if categories[index].count > limit {
            throw failure(row: row, column: column, "expected at most \(limit) different texts, found more")
          }
        }
      }
    }
    return categories.map(Self.ordered)
  }

  private static func ordered(_ texts: Set<String>) -> [String] {
    let numbered = texts.map { (text: $0, number: Double($0)) }
    guard numbered.allSatisfy({ $0.number != nil }) else {
      return texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    return numbered.sorted { ($0.number ?? 0, $0.text) < ($1.number ?? 0, $1.text) }.map(\.text)
  }
}
