/// Rows of a table as a model's inputs.
public struct EncodedRows: Sendable {
  /// (rows, inputs).
  public let inputs: Tensor
  /// By column, how many cells hold a category that no training row had; all inputs of theirs are 0.
  public let unknownCategories: [String: Int]
  /// By column, how many cells say nothing where no training row did; they are taken for the mean, or for no category.
  public let unexpectedlyMissing: [String: Int]
}

extension TablePreprocessing {
  /// Turns rows of a table into inputs, by the columns' names, whatever their order and whatever other columns there are.
  ///
  /// - Parameters:
  ///   - file: the table.
  ///   - rows: which rows, in this order; nil for all.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` that lists the columns that are missing, or names line and column of a
  ///   cell that is no number where one is expected, or one too far from the training rows' for a `Float`.
  public func encode(_ file: CSVFile, rows: [Int]? = nil) throws(SAMTError) -> EncodedRows {
    let rows = rows ?? Array(0..<file.rowCount)
    let missing = columns.map(\.name).filter { !file.hasColumn($0) }
    guard missing.isEmpty else {
      throw .dataset(
        path: file.path, reason: "expected the columns the model was trained on, missing \(missing.listed)")
    }
    var encoders: [ColumnEncoder] = []
    var offset = 0
    for column in columns {
      encoders.append(ColumnEncoder(column, position: try file.index(of: column.name), offset: offset))
      offset += column.inputCount
    }
    guard Shape.count(of: [rows.count, offset]) != nil else {
      throw .dataset(path: file.path, reason: "too large: \(rows.count) rows of \(offset) inputs")
    }
    var inputs = Tensor(zeros: [rows.count, offset])
    try inputs.withMutablePointer { pointer in
      file.withCells { cells -> Result<Void, SAMTError> in
        for (index, row) in rows.enumerated() {
          for encoder in encoders.indices {
            guard encoders[encoder].encode(cells, row, into: pointer + index * offset) else {
              return .failure(file.notANumber(row: row, column: encoders[encoder].position))
            }
          }
        }
        return .success(())
      }
    }.get()
    func counts(_ count: KeyPath<ColumnEncoder, Int>) -> [String: Int] {
      let counts = zip(columns, encoders).map { ($0.name, $1[keyPath: count]) }
      return Dictionary(uniqueKeysWithValues: counts.filter { $0.1 > 0 })
    }
    return EncodedRows(
      inputs: inputs, unknownCategories: counts(\.unknownCount), unexpectedlyMissing: counts(\.missingCount))
  }
}

/// Writes a column's cells as inputs.
private struct ColumnEncoder {
  /// The column's position in the table.
  let position: Int
  private(set) var unknownCount = 0
  /// The number of cells that say nothing, where nothing marks them.
  private(set) var missingCount = 0

  private let content: TableColumn.Content
  /// The column's first input.
  private let offset: Int
  /// The input that marks missing values.
  private let missingOffset: Int?
  private let categories: [String: Int]

  init(_ column: TableColumn, position: Int, offset: Int) {
    self.position = position
    self.offset = offset
    content = column.content
    missingOffset = column.marksMissing ? offset + column.inputCount - 1 : nil
    categories =
      switch column.content {
      case .numbers: [:]
      case .categories(let names): Dictionary(zip(names, names.indices)) { first, _ in first }
      }
  }

  /// Writes a row's cell into the row's inputs, which are zeros; false where it is not what it should be.
  mutating func encode(_ cells: CSVCells, _ row: Int, into inputs: UnsafeMutablePointer<Float>) -> Bool {
    switch content {
    case .numbers(let mean, let deviation):
      switch cells.value(row, position) {
      case .missing: markMissing(inputs)
      case .text: return false
      case .number(let number):
        inputs[offset] = Float((number - mean) / (deviation == 0 ? 1 : deviation))
        return inputs[offset].isFinite
      }
    case .categories:
      if cells.isMissing(row, position) {
        markMissing(inputs)
      } else if let index = cells.string(row, position).flatMap({ categories[$0] }) {
        inputs[offset + index] = 1
      } else {
        unknownCount += 1
      }
    }
    return true
  }

  private mutating func markMissing(_ inputs: UnsafeMutablePointer<Float>) {
    if let missingOffset { inputs[missingOffset] = 1 } else { missingCount += 1 }
  }
}
