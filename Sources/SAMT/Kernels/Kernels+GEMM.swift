import CKernels

extension Kernels {
  /// C = alpha op(A) op(B) + beta C, then + bias.
  ///
  /// - Parameters:
  ///   - a: (m, k), or (k, m) where `transposeA`; rank 2, or more axes joined behind the first.
  ///   - transposeA: whether op(A) is A transposed.
  ///   - b: (k, n), or (n, k) where `transposeB`.
  ///   - transposeB: whether op(B) is B transposed.
  ///   - c: (m, n); with `beta` 0 it is only written.
  ///   - alpha: the product's factor; with 0, A and B are not read.
  ///   - beta: the factor of what C held.
  ///   - bias: (n), added to every row of C.
  public static func multiply(
    _ a: Tensor, transposeA: Bool = false, _ b: Tensor, transposeB: Bool = false, into c: inout Tensor,
    alpha: Float = 1, beta: Float = 0, bias: Tensor? = nil
  ) {
    let (m, k) = transposeA ? (a.shape.elementsPerRow, a.shape[0]) : (a.shape[0], a.shape.elementsPerRow)
    let (inner, n) = transposeB ? (b.shape.elementsPerRow, b.shape[0]) : (b.shape[0], b.shape.elementsPerRow)
    func name(_ shape: Shape, _ isTransposed: Bool) -> String { "\(shape)" + (isTransposed ? " transposed" : "") }
    ensure(
      k == inner, "inner lengths differ: \(name(a.shape, transposeA)), \(name(b.shape, transposeB))")
    ensure(
      c.shape[0] == m && c.shape.elementsPerRow == n, "product: expected shape [\(m), \(n)], found \(c.shape)")
    if let bias { ensure(bias.count == n, "bias: expected \(n) elements, found shape \(bias.shape)") }
    let (lda, ldb) = (a.shape.elementsPerRow, b.shape.elementsPerRow)
    a.withPointer { a in
      b.withPointer { b in
        c.withMutablePointer { c in
          withPointer(bias) { bias in
            var arguments = ck_gemm_args(
              m: m, n: n, k: k, transpose_a: transposeA, transpose_b: transposeB, alpha: alpha, beta: beta, a: a,
              lda: lda, b: b, ldb: ldb, c: c, ldc: n, bias: bias)
            ck_gemm(table, &arguments)
          }
        }
      }
    }
  }

  /// y[i, j] += b[j]: a product without A and B, of which the bias is left.
  ///
  /// - Parameters:
  ///   - b: (columns).
  ///   - y: (rows, columns), or more axes joined behind the first.
  public static func addToRows(_ b: Tensor, to y: inout Tensor) {
    let (rows, columns) = (y.shape[0], y.shape.elementsPerRow)
    ensure(b.count == columns, "row to add: expected \(columns) elements, found shape \(b.shape)")
    b.withPointer { b in
      y.withMutablePointer { y in
        var arguments = ck_gemm_args()
        (arguments.m, arguments.n) = (rows, columns)
        (arguments.c, arguments.ldc, arguments.beta, arguments.bias) = (y, columns, 1, b)
        ck_gemm(table, &arguments)
      }
    }
  }

  private static func withPointer(_ tensor: Tensor?, _ body: (UnsafePointer<Float>?) -> Void) {
    if let tensor {
      tensor.withPointer(body)
    } else {
      body(nil)
    }
  }
}
