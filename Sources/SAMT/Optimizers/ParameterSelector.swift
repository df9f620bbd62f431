/// Some of a model's parameters: those whose paths match a pattern, or those for which a condition holds.
public struct ParameterSelector: Sendable, CustomStringConvertible {
  /// What messages call it: the pattern, or the name of the condition.
  public let description: String
  private let condition: @Sendable (Parameter) -> Bool

  /// The parameters for which `condition` holds, under a name for messages.
  public init(_ name: String, where condition: @escaping @Sendable (Parameter) -> Bool) {
    description = name
    self.condition = condition
  }

  /// The parameters whose paths match.
  public init(_ pattern: PathPattern) { self.init(pattern.description) { pattern.matches($0.path) } }

  /// Whether the parameter is one of them.
  public func selects(_ parameter: Parameter) -> Bool { condition(parameter) }

  /// Parameters with two axes or more: the weights of linear layers and convolutions.
  public static let matrices = ParameterSelector("matrices") { $0.shape.rank >= 2 }
}

extension ParameterSelector: ExpressibleByStringLiteral {
  /// The parameters whose paths match the literal as a ``PathPattern``.
  public init(stringLiteral pattern: String) { self.init(PathPattern(pattern)) }
}
