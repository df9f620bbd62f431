import CKernels

extension Kernels {
  /// AdaFisher's momentum and step: w = decay_factor w - rate m / (outputs[i] inputs[j] + damping).
  ///
  /// Row i of w, in the g-th of `groups` equal parts of its rows, has the g-th row of inputs from `firstInput` on.
  static func fisherStep(
    _ w: inout Tensor, m: inout Tensor, gradient g: Tensor, outputs s: Tensor, inputs h: Tensor, firstInput: Int,
    groups: Int, _ args: ck_fisher_args
  ) {
    requireCount(w, g, "parameter")
    requireCount(m, g, "momentum")
    let rows = g.shape[0] / groups, columns = g.shape.elementsPerRow
    ensure(s.count == g.shape[0], "AdaFisher: \(s.count) output factors for shape \(g.shape)")
    ensure(firstInput + groups * columns <= h.count, "AdaFisher: \(h.count) input factors for shape \(g.shape)")
    var args = args
    s.withPointer { s in
      h.withPointer { h in
        g.withPointer { g in
          m.withMutablePointer { m in
            w.withMutablePointer { w in
              for group in 0..<groups {
                let row = group * rows, at = row * columns
                ck_fisher(
                  table, rows, columns, &args, s + row, h + firstInput + group * columns, g + at, m + at, w + at)
              }
            }
          }
        }
      }
    }
  }
}
