import CKernels
import Foundation

/// SAMT-E's head: the exponentials of its row and column outputs, which the kernels multiply element by element.
///
/// Memory it owns, rather than arrays, since the kernel's argument holds pointers to all four parts at once.
final class FactoredHead {
  private let rows: Int
  private let columns: Int
  private let projection: EtaProjection
  /// exp(-p) and exp(2 q), or exp(q) for the sigmoid: rows, then columns.
  private let pFactors: UnsafeMutablePointer<Float>
  private let qFactors: UnsafeMutablePointer<Float>
  private let qMultiple: Double

  init(_ projection: EtaProjection, rows: Int, columns: Int) {
    self.projection = projection
    self.rows = rows
    self.columns = columns
    pFactors = .allocate(capacity: rows + columns)
    qFactors = .allocate(capacity: rows + columns)
    pFactors.initialize(repeating: 1, count: rows + columns)
    qFactors.initialize(repeating: 1, count: rows + columns)
    qMultiple = if case .sigmoid = projection.form { 1 } else { 2 }
  }

  deinit {
    pFactors.deallocate()
    qFactors.deallocate()
  }

  /// Takes the outputs of rows and then columns.
  ///
  /// Beyond e^40 either way gate and step size are saturated.
  func set(p: [Double], q: [Double]) {
    for k in 0..<rows + columns {
      pFactors[k] = FactoredHead.factor(-p[k])
      qFactors[k] = FactoredHead.factor(qMultiple * q[k])
    }
  }

  private static func factor(_ exponent: Double) -> Float { Float(exp(min(max(exponent, -40), 40))) }

  /// The kernel's view of the columns from `firstColumn` on.
  func kernelArgument(firstColumn: Int, scale: Float) -> ck_factored_eta {
    let start = FactoredHead.factor(qMultiple * projection.initialQ / 2)
    var argument = ck_factored_eta(
      row_p: UnsafePointer(pFactors), row_q: UnsafePointer(qFactors),
      column_p: UnsafePointer(pFactors + rows + firstColumn), column_q: UnsafePointer(qFactors + rows + firstColumn),
      projection: CK_SIGMOID_RANGE, eta0: Float(projection.eta0), half_range: 0, initial_q: start * start,
      scale: scale, right_only: !projection.isGated)
    if case .exponentialOfTanh(let halfRange) = projection.form {
      argument.projection = CK_EXP_TANH
      argument.half_range = Float(halfRange)
    }
    return argument
  }

  /// Adds the loss's gradients by the outputs, for the columns of one parameter.
  func addGradients(
    held: Tensor, new: Tensor, firstColumn: Int, scale: Float, p: inout [Double], q: inout [Double]
  ) {
    let argument = kernelArgument(firstColumn: firstColumn, scale: scale)
    p.withUnsafeMutableBufferPointer { p in
      q.withUnsafeMutableBufferPointer { q in
        Kernels.addFactoredGradient(
          argument, gradient: held, newGradient: new, rowP: p.baseAddress!,
          columnP: p.baseAddress! + rows + firstColumn, rowQ: q.baseAddress!,
          columnQ: q.baseAddress! + rows + firstColumn)
      }
    }
  }
}
