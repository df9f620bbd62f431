/// What a model predicts of a table's rows, and how that becomes its targets.
public enum TableTarget: Sendable, Equatable {
  /// The text of one column, one of `names`: the class is the name's index.
  case classes(column: String, names: [String])
  /// The numbers of some columns: a target is (x - mean) / deviation, or x - mean where the deviation is 0.
  case values([Value])

  /// A column of numbers.
  public struct Value: Sendable, Equatable, Codable {
    /// The column's name.
    public var name: String
    /// The mean over the training rows.
    public var mean: Double
    /// The root of the population variance over the training rows.
    public var deviation: Double

    /// A column that is known from elsewhere.
    public init(name: String, mean: Double, deviation: Double) {
      self.name = name
      self.mean = mean
      self.deviation = deviation
    }

    /// The number that a model's output stands for, in the units of the table.
    public func number(of output: Float) -> Double { Double(output) * scale + mean }

    /// What stands for one unit of the model's output.
    public var scale: Double { deviation == 0 ? 1 : deviation }
  }

  /// The predicted columns.
  public var columns: [String] {
    switch self {
    case .classes(let column, _): [column]
    case .values(let values): values.map(\.name)
    }
  }

  /// The number of outputs that a model of it has.
  public var outputCount: Int {
    switch self {
    case .classes(_, let names): names.count
    case .values(let values): values.count
    }
  }

  /// What is predicted.
  public var task: LearningTask {
    switch self {
    case .classes: .classification
    case .values: .regression
    }
  }
}

extension TableTarget: Codable {
  private enum CodingKeys: String, CodingKey { case column, classes, values }

  /// A target from a file: either `column` and `classes`, or `values`.
  ///
  /// - Throws: a `DecodingError` where something is missing or there twice, or a statistic is no finite number.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func check(_ condition: Bool, _ key: CodingKeys, _ reason: String) throws {
      guard condition else {
        throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: reason)
      }
    }
    if container.contains(.values) {
      let values = try container.decode([Value].self, forKey: .values)
      try check(!values.isEmpty, .values, "expected at least one column")
      try check(Set(values.map(\.name)).count == values.count, .values, "a column is there twice")
      try check(
        values.allSatisfy { $0.mean.isFinite && $0.deviation.isFinite && $0.deviation >= 0 }, .values,
        "expected finite statistics")
      self = .values(values)
    } else {
      let names = try container.decode([String].self, forKey: .classes)
      try check(!names.isEmpty && Set(names).count == names.count, .classes, "expected names, each once")
      self = .classes(column: try container.decode(String.self, forKey: .column), names: names)
    }
  }

  /// Writes the form that is read again.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .classes(let column, let names):
      try container.encode(column, forKey: .column)
      try container.encode(names, forKey: .classes)
    case .values(let values): try container.encode(values, forKey: .values)
    }
  }
}
