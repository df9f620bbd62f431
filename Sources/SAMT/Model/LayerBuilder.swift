/// Lets a model be written as a list of layers, with `for` and `if`.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// The parts in order.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  /// A loop's layers in order.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// An `if`'s first branch.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  /// An `if`'s second branch.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
}
