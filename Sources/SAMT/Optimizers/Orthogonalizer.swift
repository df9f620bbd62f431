/// Pushes all singular values of a matrix towards 1, which makes it nearly the nearest semi-orthogonal one.
///
/// Newton and Schulz's iteration, with a quintic that ends between 0.7 and 1.2 and gets there fast (Jordan, Jin, Boza,
/// You, Cesista, Newhouse and Bernstein 2024, Muon):
///
///     X = X / |X|_F;   iterations times:  A = X X^T,  X = a X + (b A + c A^2) X
///
/// A is kept instead of X until the end: every iteration multiplies X by a polynomial of A, and A by its square, so two
/// products with X are enough and all others are of symmetric matrices, of which half is computed. The smaller of X X^T
/// and X^T X serves. For a matrix of 512 x 4608 that is a quarter of the operations. Single precision knows the squares
/// of singular values near 1/1000 of the largest to a few percent, and their directions come out that much too long or
/// too short; those of 1/100, to a thousandth.
public struct Orthogonalizer: Sendable {
  /// What an iteration multiplies X by: a + b A + c A^2.
  public struct Polynomial: Sendable, Equatable {
    /// The factor of X.
    public var a: Float
    /// The factor of A X.
    public var b: Float
    /// The factor of A^2 X.
    public var c: Float

    /// A polynomial of your own.
    public init(a: Float, b: Float, c: Float) {
      self.a = a
      self.b = b
      self.c = c
    }

    /// Muon's.
    public static let muon = Polynomial(a: 3.4445, b: -4.775, c: 2.0315)
  }

  /// What an iteration multiplies X by.
  public let polynomial: Polynomial
  /// How many iterations there are.
  public let iterations: Int
  private var workspace: Tensor

  /// An orthogonalizer of matrices of the given shape; axes behind the first are joined.
  ///
  /// - Precondition: a shape with elements, and 1 to 6 iterations: with more, single precision does not hold A.
  public init(for shape: Shape, polynomial: Polynomial = .muon, iterations: Int = 5) {
    self.init(forAnyOf: [shape], polynomial: polynomial, iterations: iterations)
  }

  /// An orthogonalizer of matrices of several shapes, one after the other in the same workspace.
  ///
  /// - Precondition: shapes with elements, and 1 to 6 iterations.
  public init(forAnyOf shapes: [Shape], polynomial: Polynomial = .muon, iterations: Int = 5) {
    for shape in shapes { ensure(shape.rank >= 1 && shape.count > 0, "no matrix of shape \(shape) to orthogonalize") }
    ensure((1...6).contains(iterations), "\(iterations) iterations of an orthogonalization, not 1 to 6")
    self.polynomial = polynomial
    self.iterations = iterations
    let sizes = shapes.map { Kernels.orthogonalizeWorkspace($0[0], $0.elementsPerRow) }
    workspace = Tensor(zeros: [sizes.max() ?? 0])
  }

  /// y = scale times the orthogonalized x.
  ///
  /// 0 where the norm of x is below 1e-15; NaN where an element is. Allocates nothing. The bits depend on no number of
  /// threads.
  ///
  /// - Precondition: x of a shape whose shorter side is no longer than that of the largest it was made for, y of as many
  ///   elements and in memory of its own.
  public mutating func orthogonalize(_ x: Tensor, scale: Float = 1, into y: inout Tensor) {
    ensure(x.shape.rank >= 1 && x.shape.count > 0, "no matrix of shape \(x.shape) to orthogonalize")
    Kernels.orthogonalize(
      x, polynomial, iterations: iterations, scale: scale, workspace: &workspace, into: &y)
  }
}
