/// What the authors of ``Scion`` train a kind of network with.
public struct ScionRecipe: Sendable, Equatable {
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// How much of the momentum is the last gradient.
  public var alpha: Float
  /// The radius of all layers but the last.
  public var radius: Float
  /// The radius of the last layer, whose norm is ``Scion/Norm/sign``.
  public var lastRadius: Float
  /// The norm of the first layer; nil for that of its shape.
  public var firstNorm: Scion.Norm?

  /// For multilayer perceptrons.
  public static let mlp = ScionRecipe(
    learningRate: 0x1p-6, alpha: 0.1, radius: 1, lastRadius: 1024, firstNorm: .inputSpectral)
  /// For convolutional networks.
  public static let cnn = ScionRecipe(learningRate: 0x1p-4, alpha: 0.5, radius: 8, lastRadius: 128, firstNorm: nil)

  /// The balls of a network's parameters, given in the order of its layers.
  ///
  /// The first and the last layer are those of the first and the last matrix.
  public func balls(of parameters: [Parameter]) -> ParameterGroups<Scion.Ball> {
    let matrices = parameters.filter { ParameterSelector.matrices.selects($0) }
    var groups = ParameterGroups(rest: Scion.Ball(radius: radius))
    func add(_ parameter: Parameter, _ ball: Scion.Ball) {
      groups.groups.append((ParameterSelector(PathPattern(parameter.path)), ball))
    }
    if let last = matrices.last { add(last, Scion.Ball(.sign, radius: lastRadius)) }
    if let firstNorm, matrices.count > 1 { add(matrices[0], Scion.Ball(firstNorm, radius: radius)) }
    return groups
  }
}
