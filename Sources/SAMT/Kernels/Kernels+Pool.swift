import CKernels

extension Kernels {
  /// y = the largest of x in each window, NaN where there is one; padding is never the largest.
  ///
  /// - Parameters:
  ///   - x: (images, channels, height, width).
  ///   - y: (images, channels, output height, output width).
  ///   - geometry: the windows.
  public static func maxPool(_ x: Tensor, into y: inout Tensor, _ geometry: Pooling2D) {
    var argument = geometry.kernelArgument(input: x.shape, output: y.shape)
    let planes = x.shape[0] * x.shape[1]
    x.withPointer { x in y.withMutablePointer { ck_max_pool(table, &argument, planes, x, $0) } }
  }

  /// dx = the gradient by a max pool's input, given dy, that by its output: each goes to the first largest element of
  /// its window.
  public static func maxPoolGradient(
    _ dy: Tensor, at x: Tensor, output y: Tensor, into dx: inout Tensor, _ geometry: Pooling2D
  ) {
    var argument = geometry.kernelArgument(input: x.shape, output: y.shape)
    require(dy.shape, y.shape, "pooling output gradient")
    require(dx.shape, x.shape, "pooling input gradient")
    let planes = x.shape[0] * x.shape[1]
    x.withPointer { x in
      y.withPointer { y in
        dy.withPointer { dy in
          dx.withMutablePointer { ck_max_pool_gradient(table, &argument, planes, x, y, dy, $0) }
        }
      }
    }
  }

  /// y = the mean of x over each window, padding counted as zeros; shapes as in ``maxPool(_:into:_:)``.
  public static func averagePool(_ x: Tensor, into y: inout Tensor, _ geometry: Pooling2D) {
    var argument = geometry.kernelArgument(input: x.shape, output: y.shape)
    let planes = x.shape[0] * x.shape[1]
    x.withPointer { x in y.withMutablePointer { ck_average_pool(table, &argument, planes, x, $0) } }
  }

  /// dx = the gradient by an average pool's input, given dy, that by its output.
  public static func averagePoolGradient(_ dy: Tensor, into dx: inout Tensor, _ geometry: Pooling2D) {
    var argument = geometry.kernelArgument(input: dx.shape, output: dy.shape)
    let planes = dx.shape[0] * dx.shape[1]
    dy.withPointer { dy in dx.withMutablePointer { ck_average_pool_gradient(table, &argument, planes, dy, $0) } }
  }

  /// means[n, c] = the mean of x[n, c, ...].
  ///
  /// - Parameters:
  ///   - x: (images, channels, ...), at least one element in each channel.
  ///   - means: (images, channels).
  public static func meanPlanes(of x: Tensor, into means: inout Tensor) {
    let (planes, area) = planes(x, matching: means, "means of channels")
    x.withPointer { x in means.withMutablePointer { ck_row_means(table, planes, area, x, $0) } }
  }

  /// y[n, c, ...] = alpha values[n, c]: with one over the area for alpha, the gradient of ``meanPlanes(of:into:)``.
  public static func fillPlanes(_ y: inout Tensor, with values: Tensor, scaledBy alpha: Float) {
    let (planes, area) = planes(y, matching: values, "values of channels")
    values.withPointer { values in y.withMutablePointer { ck_fill_rows(table, planes, area, alpha, values, $0) } }
  }

  /// y[n, c, ...] = mask[n, c] x[n, c, ...] where the mask is above 0, else 0: even where x is infinite or NaN.
  ///
  /// - Parameters:
  ///   - x: (images, channels, ...).
  ///   - mask: (images, channels).
  ///   - y: the shape of `x`.
  public static func maskPlanes(_ x: Tensor, by mask: Tensor, into y: inout Tensor) {
    let (planes, area) = planes(x, matching: mask, "mask of channels")
    requireCount(y, x, "masked channels")
    x.withPointer { x in
      mask.withPointer { mask in y.withMutablePointer { ck_mask_rows(table, planes, area, mask, x, $0) } }
    }
  }

  private static func planes(_ x: Tensor, matching one: Tensor, _ operand: StaticString) -> (planes: Int, area: Int) {
    ensure(x.shape.rank >= 2, "channels need [images, channels, ...], found \(x.shape)")
    let planes = x.shape[0] * x.shape[1]
    ensure(one.count == planes, "\(operand) of \(x.shape): expected \(planes) elements, found shape \(one.shape)")
    return (planes, planes == 0 ? 0 : x.count / planes)
  }
}
