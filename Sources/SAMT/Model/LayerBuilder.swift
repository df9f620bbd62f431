/// Lets a model be written as a list of layers and containers, with `for` and `if`.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [ModelPart] { [.layer(layer)] }
  /// Parts under a common name.
  public static func buildExpression(_ sequential: Sequential) -> [ModelPart] { [.sequential(sequential)] }
  /// Parts with a way around them.
  public static func buildExpression(_ residual: Residual) -> [ModelPart] { [.residual(residual)] }
  /// Parts that a function put together.
  public static func buildExpression(_ parts: [ModelPart]) -> [ModelPart] { parts }
  /// The parts in order.
  public static func buildBlock(_ parts: [ModelPart]...) -> [ModelPart] { parts.flatMap { $0 } }
  /// A loop's parts in order.
  public static func buildArray(_ parts: [[ModelPart]]) -> [ModelPart] { parts.flatMap { $0 } }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [ModelPart]?) -> [ModelPart] { part ?? [] }
  /// An `if`'s first branch.
  public static func buildEither(first part: [ModelPart]) -> [ModelPart] { part }
  /// An `if`'s second branch.
  public static func buildEither(second part: [ModelPart]) -> [ModelPart] { part }
}
