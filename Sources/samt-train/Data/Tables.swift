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

/// A table's rows to train on, from which the meaning of its columns is learned, and those to test on.
private func trainingData(of file: CSVFile, _ request: DataRequest) throws(SAMTError) -> LoadedData {
  let options = request.options
  guard !options.targets.isEmpty else {
    throw .configuration("--target is missing: expected one of \(file.columns.listed)")
  }
  let split = options.testFile == nil ? try request.split(file.rowCount) : nil
  let roles = TableRoles(
    targets: options.targets, ignored: options.ignored, categorical: options.categorical, task: options.task)
  let preprocessing = try TablePreprocessing(fitting: file, rows: split?.training, roles: roles)
  let training = try examples(of: file, rows: split?.training, by: preprocessing)
  let test: (examples: Dataset, notes: [String])
  if let testFile = options.testFile {
    let table = try CSVFile(contentsOf: testFile, header: options.header ?? .automatic)
    test = try examples(of: table, by: preprocessing)
  } else {
    test = try examples(of: file, rows: split?.test, by: preprocessing)
  }
  let predicted =
    "predicts \(preprocessing.target.columns.joined(separator: ", ")) by \(preprocessing.target.task.rawValue)"
  let isGuessed = options.task == nil
  let summary =
    "\(preprocessing.columns.count) columns to \(preprocessing.inputCount) inputs, \(predicted)"
    + (isGuessed ? " (guessed; --task says otherwise)" : "")
  return LoadedData(
    training: training.examples, test: test.examples, preprocessing: preprocessing, notes: [summary] + test.notes)
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
