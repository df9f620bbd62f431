import SAMT

extension DataKind {
  /// A table.
  static let csv = DataKind(
    "csv", "FILE", "a table; --target names the columns to predict",
    options: ["--target", "--ignore", "--categorical", "--task", "--header", "--test", "--test-fraction"],
    isNormalized: false
  ) { (request) throws(SAMTError) in
    let file = try CSVFile(contentsOf: request.paths[0], header: request.options.header ?? .automatic)
    guard let model = request.model else { return try trainingData(of: file, request) }
    guard let preprocessing = model.tablePreprocessing else {
      throw .configuration("\(file.path): the model was not trained on a table, and does not say what columns mean")
    }
    let (examples, notes) = try examples(of: file, by: preprocessing, needsTargets: request.needsTargets)
    return LoadedData(training: examples, preprocessing: preprocessing, notes: notes)
  }
}

/// A table's rows to train on, from which the meaning of its columns is learned, and those to validate and test on.
private func trainingData(of file: CSVFile, _ request: DataRequest) throws(SAMTError) -> LoadedData {
  let options = request.options
  guard !options.targets.isEmpty else {
    throw .configuration("--target is missing: expected one of \(file.columns.listed)")
  }
  let roles = TableRoles(
    targets: options.targets, ignored: options.ignored, categorical: options.categorical, task: options.task)
  let rows = try TableRows(of: file, request, classes: TablePreprocessing.classes(of: file, roles: roles))
  let preprocessing = try TablePreprocessing(fitting: file, rows: rows.training, roles: roles)
  let training = try examples(of: file, rows: rows.training, by: preprocessing)
  let validation = try rows.validation.map { (rows) throws(SAMTError) in
    try examples(of: file, rows: rows, by: preprocessing)
  }
  let test: (examples: Dataset, notes: [String])
  if let testFile = options.testFile {
    let table = try CSVFile(contentsOf: testFile, header: options.header ?? .automatic)
    test = try examples(of: table, by: preprocessing)
  } else {
    test = try examples(of: file, rows: rows.test, by: preprocessing)
  }
  let predicted =
    "predicts \(preprocessing.target.columns.joined(separator: ", ")) by \(preprocessing.target.task.rawValue)"
  let isGuessed = options.task == nil
  let summary =
    "\(preprocessing.columns.count) columns to \(preprocessing.inputCount) inputs, \(predicted)"
    + (isGuessed ? " (guessed; --task says otherwise)" : "")
  return LoadedData(
    training: training.examples, validation: validation?.examples, test: test.examples, preprocessing: preprocessing,
    notes: [summary] + test.notes)
}

/// Which rows of a table are for what; the meaning of its columns is learned from those to train on alone.
private struct TableRows {
  let training: [Int]
  let validation: [Int]?
  /// None where there is a table to test on.
  let test: [Int]

  init(of file: CSVFile, _ request: DataRequest, classes: ArraySlice<Int32>?) throws(SAMTError) {
    let split = request.options.testFile == nil ? try request.split(file.rowCount, classes: classes) : nil
    let rest = split?.training ?? Array(0..<file.rowCount)
    let chosen = try request.validation(rest.count, classes: classes.map { classes in rest.map { classes[$0] }[...] })
    test = split?.test ?? []
    validation = chosen?.part.map { rest[$0] }
    training = chosen?.rest.map { rest[$0] } ?? rest
  }
}

/// Rows of a table as examples, and what they have that no row had from which the columns were learned.
///
/// - Parameters:
///   - rows: which rows; nil for all.
///   - needsTargets: whether the columns to predict must be there.
private func examples(
  of file: CSVFile, rows: [Int]? = nil, by preprocessing: TablePreprocessing, needsTargets: Bool = true
) throws(SAMTError) -> (examples: Dataset, notes: [String]) {
  let encoded = try preprocessing.encode(file, rows: rows)
  func notes(_ counts: [String: Int], _ what: String) -> [String] {
    counts.sorted { $0.key < $1.key }.map { column, count in
      "column \(column): \(count) cell\(count == 1 ? "" : "s") \(what)"
    }
  }
  let examples =
    needsTargets
    ? try preprocessing.dataset(of: file, rows: rows, encoded: encoded)
    : Dataset(inputs: encoded.inputs, values: Tensor(zeros: [encoded.inputs.shape[0], 1]))
  return (
    examples,
    notes(encoded.unknownCategories, "with a category that no training row has")
      + notes(encoded.unexpectedlyMissing, "without a value, which no training row lacks")
  )
}
