extension ModelExecutor {
  /// The positions of the layers' generators, from which the next ``load(_:)`` draws, for
  /// ``load(_:replaying:)``.
  public struct Draw: Sendable {
    var generators: [Generator?]

    /// Where the generators of a model's layers stand now.
    public init(of model: Model) { generators = model.layers.map(\.generator) }

    /// The positions, by the layers' indices.
    public mutating func visitState(_ visitor: StateVisitor) {
      for index in generators.indices {
        guard var generator = generators[index] else { continue }
        visitor.visit("\(index)", &generator)
        generators[index] = generator
      }
    }
  }
}
