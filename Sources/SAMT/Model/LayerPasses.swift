/// How often layers with parameters ran: the unit in which an alternating method's work is counted.
public struct LayerPasses: Equatable, Sendable, Codable {
  /// Forward evaluations.
  public var forward = 0
  /// Gradients with respect to a layer's parameters.
  public var parameterGradient = 0
  /// Gradients with respect to a layer's input.
  public var inputGradient = 0

  /// All three together.
  public var total: Int { forward + parameterGradient + inputGradient }

  /// No passes.
  public init() {}

  /// The given numbers of passes.
  public init(forward: Int, parameterGradient: Int, inputGradient: Int) {
    self.forward = forward
    self.parameterGradient = parameterGradient
    self.inputGradient = inputGradient
  }
}
