extension TablePreprocessing {
  /// The most categories that a column may have, and the most classes.
  static let categoryLimit = 1000

  /// Learns the columns of a table.
  ///
  /// A column holds numbers where more than half of its cells that say something are numbers, otherwise categories; one
  /// whose cells say nothing is left out. A task that is not given is classification where the target holds categories, or
  /// at most 20 different numbers, all whole, that come five times each on average; otherwise, and where there are several
  /// targets, it is regression. Classes are those of all rows.
  ///
  /// - Parameters:
  ///   - file: the table.
  ///   - rows: the rows to learn from; nil for all.
  ///   - roles: which columns are what.
  /// - Throws: ``SAMTError/configuration(_:)`` where the roles contradict each other.
  ///   ``SAMTError/dataset(path:reason:)`` where a column of theirs is not in the table, or none is left to predict from;
  ///   naming line and column, where a cell is text among numbers, a number is out of range, a target is missing, or a
  ///   column has more than 1000 categories.
  public init(fitting file: CSVFile, rows: [Int]? = nil, roles: TableRoles) throws(SAMTError) {
    let rows = rows ?? Array(0..<file.rowCount)
    let positions = try RolePositions(roles, in: file)
    let (inputs, targets) = (positions.inputs, positions.targets)
    let profiles = file.profiles(of: inputs, rows: rows)
    target = try TableTarget(fitting: file, rows: rows, columns: targets, task: roles.task)

    let used = zip(inputs, profiles).filter { !$1.isEmpty }
    guard !used.isEmpty else {
      throw .dataset(path: file.path, reason: "expected a column to predict from, found none that says something")
    }
    let categorical = used.filter { positions.categorical.contains($0) || $1.holdsCategories }.map(\.0)
    let categories = Dictionary(
      uniqueKeysWithValues: zip(
        categorical, try file.categories(of: categorical, rows: rows, limit: Self.categoryLimit)))
    columns = try used.map { (column, profile) throws(SAMTError) in
      let content: TableColumn.Content
      if let categories = categories[column] {
        content = .categories(categories)
      } else {
        try profile.checkNumbers(of: file, column: column)
        content = .numbers(mean: profile.numbers.mean, deviation: profile.numbers.deviation)
      }
      return TableColumn(name: file.columns[column], content: content, marksMissing: profile.firstMissing != nil)
    }
  }
}

extension TablePreprocessing {
  /// The class of each row of a table, in the order in which a preprocessing that is fitted to any of its rows has them;
  /// nil where numbers are predicted.
  ///
  /// - Throws: as ``init(fitting:rows:roles:)`` does for targets.
  package static func classes(of file: CSVFile, roles: TableRoles) throws(SAMTError) -> ArraySlice<Int32>? {
    let rows = Array(0..<file.rowCount)
    let column = try RolePositions(roles, in: file).targets[0]
    guard
      case .classes(_, let names) = try TableTarget(fitting: file, rows: rows, columns: [column], task: roles.task),
      roles.targets.count == 1
    else { return nil }
    return try labels(of: file, rows: rows, column: column, names: names)[...]
  }
}

extension TableTarget {
  /// Learns the columns that are predicted from `rows`; classes are those of all rows, since one to test on may have a
  /// class that was not drawn for the training.
  fileprivate init(
    fitting file: CSVFile, rows: [Int], columns: [Int], task: LearningTask?
  ) throws(SAMTError) {
    let profiles = file.profiles(of: columns, rows: rows)
    for (column, profile) in zip(columns, profiles) {
      if let row = profile.firstMissing { throw file.missingTarget(row: row, column: column) }
    }
    switch task ?? (columns.count > 1 ? .regression : profiles[0].guessedTask) {
    case .classification:
      guard columns.count == 1 else { throw .configuration("expected one target for classes, found \(columns.count)") }
      let names = try file.categories(
        of: columns, rows: Array(0..<file.rowCount), limit: TablePreprocessing.categoryLimit)[0]
      self = .classes(column: file.columns[columns[0]], names: names)
    case .regression:
      self = .values(
        try zip(columns, profiles).map { (column, profile) throws(SAMTError) in
          try profile.checkNumbers(of: file, column: column)
          return TableTarget.Value(
            name: file.columns[column], mean: profile.numbers.mean, deviation: profile.numbers.deviation)
        })
    }
  }
}

/// The columns of a table by their roles.
private struct RolePositions {
  let inputs: [Int]
  let targets: [Int]
  let categorical: Set<Int>

  init(_ roles: TableRoles, in file: CSVFile) throws(SAMTError) {
    func positions(_ names: [String]) throws(SAMTError) -> [Int] {
      try names.map { (name) throws(SAMTError) in try file.index(of: name) }
    }
    guard !roles.targets.isEmpty else {
      throw .configuration("expected the column to predict, one of \(file.columns.listed)")
    }
    for (index, name) in roles.targets.enumerated() {
      guard !roles.targets[..<index].contains(name) else { throw .configuration("target \(name) is there twice") }
      guard !roles.ignored.contains(name) else { throw .configuration("\(name) cannot be ignored and predicted") }
    }
    targets = try positions(roles.targets)
    let ignored = try positions(roles.ignored)
    categorical = Set(try positions(roles.categorical))
    let others = Set(targets + ignored)
    inputs = file.columns.indices.filter { !others.contains($0) }
  }
}

extension ColumnProfile {
  /// Throws where a column of numbers holds something else, or numbers without a finite mean.
  fileprivate func checkNumbers(of file: CSVFile, column: Int) throws(SAMTError) {
    if let row = firstText ?? firstInfinite { throw file.notANumber(row: row, column: column) }
    guard numbers.mean.isFinite && numbers.deviation.isFinite else {
      throw .dataset(path: file.path, reason: "column \(file.columns[column]): the numbers have no finite deviation")
    }
  }
}

extension CSVFile {
  func notANumber(row: Int, column: Int) -> SAMTError {
    failure(row: row, column: column, "expected a finite number, found \(excerpt(row: row, column: column))")
  }

  func missingTarget(row: Int, column: Int) -> SAMTError {
    failure(row: row, column: column, "expected what is to be predicted, found nothing")
  }
}
