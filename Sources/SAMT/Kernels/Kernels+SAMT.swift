import CKernels

/// Where the step sizes of one parameter come from; a parameter is a matrix with its first axis as rows.
enum StepSizeSource {
  /// One for all.
  case scalar(Float)
  /// One per row.
  case rows(UnsafePointer<Float>)
  /// One per column.
  case columns(UnsafePointer<Float>)
  /// One per element.
  case elements(UnsafePointer<Float>)
  /// A product of row and column factors (see `ck_factored_eta`).
  case factored(ck_factored_eta)
}

extension Kernels {
  /// next = decayFactor w - eta g, leaving w as it is.
  ///
  /// Returns the sum of the step sizes where they are factored, else 0.
  static func step(
    from w: Tensor, into next: inout Tensor, gradient g: Tensor, stepSizes: StepSizeSource, decayFactor: Float
  ) -> Double {
    requireCount(w, g, "parameter")
    requireCount(next, g, "next parameter")
    let (rows, columns) = (g.shape[0], g.shape.elementsPerRow)
    return g.withPointer { g in
      w.withPointer { w in
        next.withMutablePointer { next in
          switch stepSizes {
          case .scalar(let eta): ck_samt_scalar(table, rows * columns, eta, decayFactor, g, w, next)
          case .rows(let eta): ck_samt_rows(table, rows, columns, eta, decayFactor, g, w, next)
          case .columns(let eta): ck_samt_columns(table, rows, columns, eta, decayFactor, g, w, next)
          case .elements(let eta): ck_samt_elements(table, rows * columns, eta, decayFactor, g, w, next)
          case .factored(var eta): return ck_samt_factored(table, rows, columns, &eta, decayFactor, g, w, next)
          }
          return 0
        }
      }
    }
  }

  /// Adds the loss's gradients with respect to a factored head's row and column outputs (`ck_samt_factored_gradient`).
  static func addFactoredGradient(
    _ eta: ck_factored_eta, gradient g: Tensor, newGradient g2: Tensor, rowP: UnsafeMutablePointer<Double>,
    columnP: UnsafeMutablePointer<Double>, rowQ: UnsafeMutablePointer<Double>, columnQ: UnsafeMutablePointer<Double>
  ) {
    requireCount(g2, g, "gradient after the step")
    var eta = eta
    g.withPointer { a in
      g2.withPointer {
        ck_samt_factored_gradient(
          table, g.shape[0], g.shape.elementsPerRow, &eta, a, $0, rowP, columnP, rowQ, columnQ)
      }
    }
  }
}
