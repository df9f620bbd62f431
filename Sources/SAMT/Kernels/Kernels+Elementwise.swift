import CKernels

/// An element-wise activation function.
public enum ActivationFunction: Sendable, Equatable {
  /// max(x, 0), with derivative 0 at 0.
  case relu
  /// x where x > 0, `slope` x elsewhere.
  case leakyReLU(slope: Float)
  /// x Phi(x), Phi the distribution function of the standard normal distribution (Hendrycks and Gimpel 2016).
  case gelu
  /// The hyperbolic tangent.
  case tanh
  /// 1 / (1 + exp(-x)).
  case sigmoid

  fileprivate var kernel: (ck_activation, Float) {
    switch self {
    case .relu: (CK_RELU, 0)
    case .leakyReLU(let slope): (CK_LEAKY_RELU, slope)
    case .gelu: (CK_GELU, 0)
    case .tanh: (CK_TANH, 0)
    case .sigmoid: (CK_SIGMOID, 0)
    }
  }
}

extension Kernels {
  /// y = f(x), element by element; any shapes with equally many elements.
  public static func apply(_ function: ActivationFunction, to x: Tensor, into y: inout Tensor) {
    requireCount(y, x, "activation output")
    let (kernel, slope) = function.kernel
    let n = x.count
    x.withPointer { x in y.withMutablePointer { ck_activation_forward(table, kernel, slope, n, x, $0) } }
  }

  /// y = max(x + b, 0), row by row: a bias and a ReLU in one pass over memory.
  ///
  /// - Parameters:
  ///   - x: (rows, columns), or more axes joined behind the first.
  ///   - b: (columns).
  ///   - y: as many elements as `x`.
  public static func applyBiasReLU(to x: Tensor, bias b: Tensor, into y: inout Tensor) {
    let (rows, columns) = (x.shape[0], x.shape.elementsPerRow)
    ensure(b.count == columns, "bias of \(x.shape): expected \(columns) elements, found shape \(b.shape)")
    requireCount(y, x, "output of bias and ReLU")
    x.withPointer { x in
      b.withPointer { b in y.withMutablePointer { ck_bias_relu(table, rows, columns, x, b, $0) } }
    }
  }

  /// dx = dy f'(x), element by element, given x and y = f(x).
  public static func applyGradient(
    of function: ActivationFunction, at x: Tensor, output y: Tensor, outputGradient dy: Tensor, into dx: inout Tensor
  ) {
    requireCount(y, x, "activation output")
    requireCount(dy, x, "activation output gradient")
    requireCount(dx, x, "activation input gradient")
    let (kernel, slope) = function.kernel
    let n = x.count
    x.withPointer { x in
      y.withPointer { y in
        dy.withPointer { dy in
          dx.withMutablePointer { ck_activation_backward(table, kernel, slope, n, x, y, dy, $0) }
        }
      }
    }
  }

  /// y = x; any shapes with equally many elements.
  public static func copy(_ x: Tensor, into y: inout Tensor) {
    requireCount(y, x, "copy")
    let n = x.count
    x.withPointer { x in y.withMutablePointer { $0.update(from: x, count: n) } }
  }

  /// Copies all of `x` over the elements of `y` from `start` on.
  static func copy(_ x: Tensor, into y: inout Tensor, at start: Int) {
    copy(x, from: 0, count: x.count, into: &y, at: start)
  }

  /// Copies elements of `x` from `start` on over all of `y`.
  static func copy(_ x: Tensor, from start: Int, into y: inout Tensor) {
    let count = y.count
    copy(x, from: start, count: count, into: &y, at: 0)
  }

  /// Copies `count` elements of `x` from `start` on over those of `y` from `destination` on.
  static func copy(_ x: Tensor, from start: Int, count: Int, into y: inout Tensor, at destination: Int) {
    ensure(
      start >= 0 && destination >= 0 && start + count <= x.count && destination + count <= y.count,
      "copy of \(count) elements from \(start) of \(x.shape) to \(destination) of \(y.shape)")
    x.withPointer { x in y.withMutablePointer { ($0 + destination).update(from: x + start, count: count) } }
  }

  /// y += alpha x.
  public static func add(_ x: Tensor, scaledBy alpha: Float = 1, to y: inout Tensor) {
    requireCount(y, x, "sum")
    let n = x.count
    x.withPointer { x in y.withMutablePointer { ck_axpy(table, n, alpha, x, $0) } }
  }

  /// y += x, for sums of parts of one tensor.
  static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    ck_axpy(table, count, 1, x, y)
  }

  /// z = x + y, element by element; with `relu`, 0 where that is below it.
  public static func addElements(_ x: Tensor, _ y: Tensor, relu: Bool = false, into z: inout Tensor) {
    requireCount(y, x, "second summand")
    requireCount(z, x, "sum")
    let n = x.count
    x.withPointer { x in y.withPointer { y in z.withMutablePointer { ck_add(table, n, x, y, relu, $0) } } }
  }

  /// x *= alpha.
  public static func scale(_ x: inout Tensor, by alpha: Float) {
    let n = x.count
    x.withMutablePointer { ck_scale(table, n, alpha, $0) }
  }

  /// z = x y, element by element.
  public static func multiplyElements(_ x: Tensor, _ y: Tensor, into z: inout Tensor) {
    requireCount(y, x, "second factor")
    requireCount(z, x, "product")
    let n = x.count
    x.withPointer { x in y.withPointer { y in z.withMutablePointer { ck_multiply(table, n, x, y, $0) } } }
  }

  /// y = x mask, element by element, where the mask is above 0, else 0: even where x is infinite or NaN.
  public static func maskElements(_ x: Tensor, by mask: Tensor, into y: inout Tensor) {
    requireCount(mask, x, "mask")
    requireCount(y, x, "masked elements")
    let n = x.count
    x.withPointer { x in mask.withPointer { mask in y.withMutablePointer { ck_mask(table, n, x, mask, $0) } } }
  }

  /// x = min(max(x, low), high); NaN stays NaN.
  public static func clamp(_ x: inout Tensor, to bounds: ClosedRange<Float>) {
    let n = x.count
    x.withMutablePointer { ck_clamp(table, n, bounds.lowerBound, bounds.upperBound, $0) }
  }
}
