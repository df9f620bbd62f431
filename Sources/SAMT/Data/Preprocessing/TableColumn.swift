/// How a column of a table becomes inputs of a model.
public struct TableColumn: Sendable, Equatable {
  /// What the column holds.
  public enum Content: Sendable, Equatable {
    /// Numbers: the input is (x - mean) / deviation, or x - mean where the deviation is 0.
    case numbers(mean: Double, deviation: Double)
    /// Texts: an input for each, 1 where it is the cell's and else 0.
    case categories([String])
  }

  /// The column's name.
  public var name: String
  /// What it holds.
  public var content: Content
  /// Whether one more input is 1 where the cell says nothing, and else 0.
  ///
  /// The other inputs are 0 then: for numbers that is the mean.
  public var marksMissing: Bool

  /// A column that is known from elsewhere.
  public init(name: String, content: Content, marksMissing: Bool) {
    self.name = name
    self.content = content
    self.marksMissing = marksMissing
  }

  /// The number of inputs that it becomes.
  public var inputCount: Int {
    switch content {
    case .numbers: marksMissing ? 2 : 1
    case .categories(let categories): categories.count + (marksMissing ? 1 : 0)
    }
  }
}

extension TableColumn: Codable {
  private enum CodingKeys: String, CodingKey { case name, mean, deviation, categories, marksMissing }

  /// A column from a file: a name and `marksMissing`, with either `mean` and `deviation` or `categories`.
  ///
  /// - Throws: a `DecodingError` where something is missing, a statistic is no finite number or a deviation negative,
  ///   or a category is there twice.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func check(_ condition: Bool, _ key: CodingKeys, _ reason: String) throws {
      guard condition else {
        throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: reason)
      }
    }
    name = try container.decode(String.self, forKey: .name)
    marksMissing = try container.decode(Bool.self, forKey: .marksMissing)
    if container.contains(.categories) {
      let categories = try container.decode([String].self, forKey: .categories)
      try check(Set(categories).count == categories.count, .categories, "a category is there twice")
      content = .categories(categories)
    } else {
      let mean = try container.decode(Double.self, forKey: .mean)
      let deviation = try container.decode(Double.self, forKey: .deviation)
      try check(mean.isFinite, .mean, "expected a finite number")
      try check(deviation.isFinite && deviation >= 0, .deviation, "expected a finite number from 0")
      content = .numbers(mean: mean, deviation: deviation)
    }
  }

  /// Writes the form that is read again.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(marksMissing, forKey: .marksMissing)
    switch content {
    case .numbers(let mean, let deviation):
      try container.encode(mean, forKey: .mean)
      try container.encode(deviation, forKey: .deviation)
    case .categories(let categories): try container.encode(categories, forKey: .categories)
    }
  }
}
