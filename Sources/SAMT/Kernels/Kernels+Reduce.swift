import CKernels

extension Kernels {
  /// The sums over the first axis: out[j] = sum over i of x[i, j].
  public static func sumRows(of x: Tensor, into out: inout Tensor) {
    let (rows, columns) = (x.shape[0], x.shape.elementsPerRow)
    ensure(
      out.count == columns, "sum of the rows of \(x.shape): expected \(columns) elements, found \(out.shape)")
    x.withPointer { x in out.withMutablePointer { ck_column_sums(table, rows, columns, x, $0) } }
  }

  /// The inner product of all elements, summed in double between blocks.
  public static func dot(_ x: Tensor, _ y: Tensor) -> Double {
    requireCount(y, x, "inner product")
    return x.withPointer { a in y.withPointer { ck_dot(table, x.count, a, $0) } }
  }

  /// out[i] = sum over j of x[i, j] y[i, j]: one inner product per entry of the first axis.
  public static func rowDots(_ x: Tensor, _ y: Tensor, into out: UnsafeMutableBufferPointer<Double>) {
    requireCount(y, x, "inner products")
    ensure(out.count == x.shape[0], "inner products of \(x.shape) by row: \(out.count) outputs")
    x.withPointer { a in
      y.withPointer { ck_row_dots(table, x.shape[0], x.shape.elementsPerRow, a, $0, out.baseAddress!) }
    }
  }

  /// out[j] = sum over i of x[i, j] y[i, j]: one inner product per column of the matrix behind the first axis.
  public static func columnDots(_ x: Tensor, _ y: Tensor, into out: UnsafeMutableBufferPointer<Double>) {
    requireCount(y, x, "inner products")
    ensure(out.count == x.shape.elementsPerRow, "inner products of \(x.shape) by column: \(out.count) outputs")
    x.withPointer { a in
      y.withPointer { ck_column_dots(table, x.shape[0], x.shape.elementsPerRow, a, $0, out.baseAddress!) }
    }
  }

  /// The moments of each row: out[i] = the moments of x[i, j] over j, the very bits that ``Moments/init(of:)`` gives.
  ///
  /// - Parameters:
  ///   - x: (rows, columns), or more axes joined behind the first; read once.
  ///   - out: (rows).
  public static func rowMoments(of x: Tensor, into out: inout [Moments]) {
    let (rows, columns) = (x.shape[0], x.shape.elementsPerRow)
    ensure(out.count == rows, "moments of the rows of \(x.shape): expected \(rows) elements, found \(out.count)")
    withPartials(of: &out) { out in x.withPointer { ck_row_moments(table, rows, columns, $0, out) } }
  }

  /// The moments of each column: out[j] = the moments of x[i, j] over i.
  ///
  /// - Parameters:
  ///   - x: (rows, columns), or more axes joined behind the first; read once.
  ///   - out: (columns).
  public static func columnMoments(of x: Tensor, into out: inout [Moments]) {
    let (rows, columns) = (x.shape[0], x.shape.elementsPerRow)
    ensure(
      out.count == columns, "moments of the columns of \(x.shape): expected \(columns) elements, found \(out.count)")
    withPartials(of: &out) { out in x.withPointer { ck_column_moments(table, rows, columns, $0, out) } }
  }

  /// The C structures that `Moments` wraps and consists of; an empty array has none, and nothing to write.
  private static func withPartials(of moments: inout [Moments], _ body: (UnsafeMutablePointer<ck_moments>) -> Void) {
    moments.withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress, !bytes.isEmpty { body(base.assumingMemoryBound(to: ck_moments.self)) }
    }
  }
}
