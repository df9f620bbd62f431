/// A limit on gradients, against rare steep minibatches (Pascanu, Mikolov and Bengio 2013).
public enum GradientClipping: Sendable, Equatable {
  /// Scales all gradients together, so that their joint L2 norm is at most this.
  case norm(Float)
  /// Limits every element to -value ... value.
  case value(Float)

  /// What is wrong with the limit; nil where nothing is.
  ///
  /// A limit is above 0: a negative one would turn gradients around.
  public var problem: String? {
    switch self {
    case .norm(let limit): limit > 0 ? nil : "the limit on the gradients' norm must be positive, found \(limit)"
    case .value(let limit): limit > 0 ? nil : "the limit on each gradient must be positive, found \(limit)"
    }
  }

  /// Limits the gradients of `parameters`.
  ///
  /// A norm that is not finite leaves them as they are.
  ///
  /// - Precondition: a limit without a ``problem``.
  public func apply(to parameters: [Parameter]) {
    if let problem { ensure(false, problem) }
    switch self {
    case .norm(let limit):
      var squares = 0.0
      for index in parameters.indices { squares += Moments(of: parameters[index].gradient).sumOfSquares }
      let norm = squares.squareRoot()
      guard norm.isFinite, norm > Double(limit) else { return }
      let factor = Float(Double(limit) / norm)
      for index in parameters.indices { Kernels.scale(&parameters[index].gradient, by: factor) }
    case .value(let limit):
      for index in parameters.indices { Kernels.clamp(&parameters[index].gradient, to: -limit...limit) }
    }
  }
}
