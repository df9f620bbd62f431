/// What the training rows of a table teach about its columns, and how rows become inputs and targets by it.
///
/// Numbers are standardized, texts become one input for each category, and where the training rows miss values a further
/// input says that one is missing. It is saved with the model (``Model/tablePreprocessing``), so that rows that come
/// later become what the model was trained on.
///
/// ```swift
/// let table = try CSVFile(contentsOf: "houses.csv")
/// let preprocessing = try TablePreprocessing(fitting: table, roles: TableRoles(targets: ["price"]))
/// let houses = try preprocessing.dataset(of: table)
/// ```
public struct TablePreprocessing: Sendable, Equatable {
  /// The columns that become inputs, in the order of the inputs.
  public var columns: [TableColumn]
  /// What is predicted.
  public var target: TableTarget

  /// A preprocessing that is known from elsewhere.
  ///
  /// - Precondition: no column is there twice.
  public init(columns: [TableColumn], target: TableTarget) {
    ensure(Set(columns.map(\.name)).count == columns.count, "a column is there twice")
    self.columns = columns
    self.target = target
  }

  /// The number of inputs of a model of it.
  public var inputCount: Int { columns.reduce(0) { $0 + $1.inputCount } }
}

extension TablePreprocessing: Codable {
  private enum CodingKeys: String, CodingKey { case columns, target }

  /// A preprocessing from a file.
  ///
  /// - Throws: a `DecodingError` where a column is there twice, or is wrong in itself.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    columns = try container.decode([TableColumn].self, forKey: .columns)
    target = try container.decode(TableTarget.self, forKey: .target)
    guard Set(columns.map(\.name)).count == columns.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .columns, in: container, debugDescription: "a column is there twice")
    }
  }
}
