extension TablePreprocessing {
  /// Turns rows of a table into examples: the inputs of ``encode(_:rows:)``, and classes or standardized values.
  ///
  /// - Parameters:
  ///   - file: the table.
  ///   - rows: which rows, in this order; nil for all.
  ///   - encoded: what ``encode(_:rows:)`` made of the same rows, where it was called already.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` as ``encode(_:rows:)`` does, where a target's column is missing, and
  ///   naming line and column, where a target is missing, is no number, or a class that the table had not from which the columns were learned.
  /// - Precondition: as many encoded rows as rows.
  public func dataset(
    of file: CSVFile, rows: [Int]? = nil, encoded: EncodedRows? = nil
  ) throws(SAMTError) -> Dataset {
    let rows = rows ?? Array(0..<file.rowCount)
    let inputs = if let encoded { encoded.inputs } else { try encode(file, rows: rows).inputs }
    ensure(inputs.shape[0] == rows.count, "\(inputs.shape[0]) encoded rows of \(rows.count)")
    switch target {
    case .classes(let column, let names):
      let labels = try Self.labels(of: file, rows: rows, column: try file.index(of: column), names: names)
      return Dataset(inputs: inputs, labels: labels, classCount: names.count, classNames: names)
    case .values(let values):
      return Dataset(inputs: inputs, values: try standardized(values, of: file, rows: rows))
    }
  }

  /// The class of each of `rows`, an index in `names`.
  static func labels(
    of file: CSVFile, rows: [Int], column: Int, names: [String]
  ) throws(SAMTError) -> [Int32] {
    let indices = Dictionary(zip(names, names.indices)) { first, _ in first }
    return try file.withCells { (cells) throws(SAMTError) in
      var labels: [Int32] = []
      labels.reserveCapacity(rows.count)
      for row in rows {
        if cells.isMissing(row, column) { throw file.missingTarget(row: row, column: column) }
        guard let index = cells.string(row, column).flatMap({ indices[$0] }) else {
          throw file.failure(
            row: row, column: column,
            "expected one of the classes \(names.listed), found \(file.excerpt(row: row, column: column))"
          )
        }
        labels.append(Int32(index))
      }
      return labels
    }
  }

  /// (rows, values).
  private func standardized(
    _ values: [TableTarget.Value], of file: CSVFile, rows: [Int]
  ) throws(SAMTError) -> Tensor {
    let columns = try values.map { (value) throws(SAMTError) in try file.index(of: value.name) }
    return try file.withCells { (cells) throws(SAMTError) in
      var targets: [Float] = []
      targets.reserveCapacity(rows.count * values.count)
      for row in rows {
        for (value, column) in zip(values, columns) {
          switch cells.value(row, column) {
          case .missing: throw file.missingTarget(row: row, column: column)
          case .text: throw file.notANumber(row: row, column: column)
          case .number(let number):
            let target = Float((number - value.mean) / value.scale)
            guard target.isFinite else { throw file.notANumber(row: row, column: column) }
            targets.append(target)
          }
        }
      }
      return Tensor(targets, shape: [rows.count, values.count])
    }
  }
}
