import Foundation

/// Adam's direction with a look ahead (Dozat 2016, without its momentum schedule).
///
///     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
///     D = (beta1 m / (1 - beta1^t) + (1 - beta1) g) / (sqrt(v / (1 - beta2^t)) + epsilon)
public final class NAdamDirection: UpdateDirection {
  /// How much of the first and the second moment survive a step.
  public let betas: (Float, Float)
  /// Keeps the division finite.
  public let epsilon: Float
  private var first: RestorableTensor
  private var second: RestorableTensor
  private var steps = 0
  private var heldSteps = 0

  /// A direction for a parameter of the given shape.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a beta outside 0 ..< 1, or an epsilon below 1e-12 or not finite.
  public init(
    for shape: Shape, betas: (Float, Float) = (0.9, 0.999), epsilon: Float = 1e-8
  ) throws(SAMTError) {
    try GradientMoments.check(betas: betas, epsilon: epsilon, for: "NAdam")
    self.betas = betas
    self.epsilon = epsilon
    first = RestorableTensor(zeros: shape)
    second = RestorableTensor(zeros: shape)
  }

  /// Both moments and D, in one pass over memory.
  public func advance(_ gradient: Tensor, into direction: inout Tensor) -> Double {
    steps += 1
    func correction(_ beta: Float) -> Float { Float(1 - pow(Double(beta), Double(steps))) }
    let constants = NAdamConstants(
      beta1: betas.0, beta2: betas.1, epsilon: epsilon, correction1: correction(betas.0),
      correction2: correction(betas.1))
    return RestorableTensor.change(
      &first, &second,
      inPlace: { Kernels.nadamDirection(gradient, m: &$0, v: &$1, constants, into: &direction) },
      apart: {
        Kernels.nadamDirection(gradient, m: $0, v: $1, nextM: &$2, nextV: &$3, constants, into: &direction)
      })
  }

  /// Holds the moments and t.
  public func takeSnapshot() {
    first.takeSnapshot()
    second.takeSnapshot()
    heldSteps = steps
  }

  /// Both moments and t, now and where they would go back to.
  public func visitState(_ visitor: StateVisitor) {
    visitor.nested("m") { first.visitState(visitor) }
    visitor.nested("v") { second.visitState(visitor) }
    visitor.visit("steps", &steps)
    visitor.visit("heldSteps", &heldSteps)
  }

  /// Goes back to the moments and t of the last snapshot.
  public func restore() {
    first.restore()
    second.restore()
    steps = heldSteps
  }
}
