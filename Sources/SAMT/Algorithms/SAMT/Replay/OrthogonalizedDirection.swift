/// The orthogonalized momentum of a convolution's kernels, or of any matrix, as in Muon (``Orthogonalizer``).
///
///     m = beta m + (1 - beta) g,   X = blend m + (1 - blend) g  as (rows, the other axes)
///     D = scale sqrt(max(rows, columns)) times X with its singular values pushed towards 1
///
/// With a scale of 0.2, D's elements are about as large as those of Adam's direction.
public final class OrthogonalizedDirection: UpdateDirection {
  /// How much of the momentum survives a step.
  public let beta: Float
  /// How much of X is momentum, the rest being the last gradient.
  public let blend: Float
  private let scale: Float
  private var momentum: RestorableTensor
  private var blended: Tensor
  private var orthogonalizer: Orthogonalizer

  /// A direction for a parameter of the given shape, whose axes behind the first are joined.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a beta or a blend outside 0 ..< 1, a scale that is not positive and
  ///   finite, a number of iterations outside 1 ... 6, or a shape without elements.
  public init(
    for shape: Shape, beta: Float = 0.9, blend: Float = 0.95, scale: Float = 0.2, iterations: Int = 5
  ) throws(SAMTError) {
    guard (0..<1).contains(beta), (0..<1).contains(blend) else {
      throw .configuration("an orthogonalized momentum's factors must be in 0 ..< 1, found \(beta) and \(blend)")
    }
    guard scale > 0, scale.isFinite else {
      throw .configuration("the scale of an orthogonalized momentum must be positive and finite, found \(scale)")
    }
    guard (1...6).contains(iterations) else {
      throw .configuration("an orthogonalization has 1 to 6 iterations, found \(iterations)")
    }
    guard shape.rank >= 1, shape.count > 0 else {
      throw .configuration("a parameter of shape \(shape) has nothing to orthogonalize")
    }
    self.beta = beta
    self.blend = blend
    self.scale = scale * Float(max(shape[0], shape.elementsPerRow)).squareRoot()
    momentum = RestorableTensor(zeros: shape)
    blended = Tensor(zeros: shape)
    orthogonalizer = Orthogonalizer(for: shape, iterations: iterations)
  }

  /// The momentum, its blend, and D.
  public func advance(_ gradient: Tensor, into direction: inout Tensor) -> Double {
    momentum.change(
      inPlace: { Kernels.blendedMomentum(gradient, m: &$0, beta: beta, blend: blend, into: &blended) },
      apart: { Kernels.blendedMomentum(gradient, m: $0, next: &$1, beta: beta, blend: blend, into: &blended) })
    orthogonalizer.orthogonalize(blended, scale: scale, into: &direction)
    return Kernels.dot(direction, direction)
  }

  /// Holds the momentum.
  public func takeSnapshot() { momentum.takeSnapshot() }

  /// The momentum, now and where it would go back to.
  public func visitState(_ visitor: StateVisitor) { visitor.nested("m") { momentum.visitState(visitor) } }

  /// Goes back to the momentum of the last snapshot.
  public func restore() { momentum.restore() }
}
