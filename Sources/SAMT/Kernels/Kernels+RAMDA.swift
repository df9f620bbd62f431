import CKernels

extension Kernels {
  /// RAMDA's averages and step: element by element, or with every row of w a group, for which the workspace needs two
  /// elements for each of w's.
  static func ramda(
    _ w: inout Tensor, start: Tensor, sum: inout Tensor, squares: inout Tensor, gradient g: Tensor,
    groupsRows: Bool, workspace: inout Tensor, _ args: ck_ramda_args
  ) {
    requireCount(w, g, "parameter")
    requireCount(start, g, "first value")
    requireCount(sum, g, "sum of gradients")
    requireCount(squares, g, "sum of squares")
    if groupsRows { ensure(workspace.count >= 2 * g.count, "workspace of \(workspace.count) elements for \(g.count)") }
    let (rows, columns) = (g.shape[0], g.shape.elementsPerRow)
    var args = args
    g.withPointer { g in
      start.withPointer { start in
        sum.withMutablePointer { v in
          squares.withMutablePointer { u in
            w.withMutablePointer { w in
              if groupsRows {
                workspace.withMutablePointer { ck_ramda_rows(table, rows, columns, &args, g, start, v, u, $0, w) }
              } else {
                ck_ramda(table, rows * columns, &args, g, start, v, u, w)
              }
            }
          }
        }
      }
    }
  }
}
