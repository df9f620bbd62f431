import CKernels

extension Kernels {
  /// y = the convolution of x with the weights, + bias.
  ///
  ///     y[n, f, i, j] = bias[f] + sum over c, s, t of w[f, c, s, t] x[n, c, i stride + s dilation - padding, ...]
  ///
  /// - Parameters:
  ///   - x: (images, channels, height, width); zero outside the image.
  ///   - w: (filters, channels / groups, kernel height, kernel width).
  ///   - bias: (filters).
  ///   - y: (images, filters, output height, output width).
  ///   - geometry: kernel size, stride, padding, dilation, groups.
  ///   - workspace: made for this geometry and these shapes.
  public static func convolve(
    _ x: Tensor, _ w: Tensor, bias: Tensor? = nil, into y: inout Tensor, _ geometry: Convolution2D,
    workspace: inout ConvolutionWorkspace
  ) {
    let argument = check(input: x.shape, weight: w.shape, output: y.shape, geometry)
    if let bias { ensure(bias.count == w.shape[0], "bias: expected \(w.shape[0]) elements, found shape \(bias.shape)") }
    workspace.withPointers(for: argument) { argument, workspace in
      x.withPointer { x in
        w.withPointer { w in
          y.withMutablePointer { y in
            if let bias {
              bias.withPointer { ck_conv_forward(table, argument, x, w, $0, y, workspace) }
            } else {
              ck_conv_forward(table, argument, x, w, nil, y, workspace)
            }
          }
        }
      }
    }
  }

  /// dx = the gradient by a convolution's input, given dy, that by its output; shapes as in
  /// ``convolve(_:_:bias:into:_:workspace:)``.
  public static func convolveInputGradient(
    _ dy: Tensor, _ w: Tensor, into dx: inout Tensor, _ geometry: Convolution2D,
    workspace: inout ConvolutionWorkspace
  ) {
    let argument = check(input: dx.shape, weight: w.shape, output: dy.shape, geometry)
    workspace.withPointers(for: argument) { argument, workspace in
      dy.withPointer { dy in
        w.withPointer { w in
          dx.withMutablePointer { ck_conv_input_gradient(table, argument, dy, w, $0, workspace) }
        }
      }
    }
  }

  /// dw = the gradient by a convolution's weights, given dy, that by its output; shapes as in
  /// ``convolve(_:_:bias:into:_:workspace:)``.
  public static func convolveWeightGradient(
    _ x: Tensor, _ dy: Tensor, into dw: inout Tensor, _ geometry: Convolution2D,
    workspace: inout ConvolutionWorkspace
  ) {
    let argument = check(input: x.shape, weight: dw.shape, output: dy.shape, geometry)
    workspace.withPointers(for: argument) { argument, workspace in
      x.withPointer { x in
        dy.withPointer { dy in
          dw.withMutablePointer { ck_conv_weight_gradient(table, argument, x, dy, $0, workspace) }
        }
      }
    }
  }

  /// sums[c] = the sum over n and all behind c of x[n, c, ...]: the gradient of a convolution's bias.
  ///
  /// - Parameters:
  ///   - x: (images, channels, ...).
  ///   - sums: (channels).
  public static func sumChannels(of x: Tensor, into sums: inout Tensor) {
    ensure(
      x.shape.rank >= 2 && sums.count == x.shape[1],
      "sums over the channels of \(x.shape): found room for \(sums.shape)")
    let (images, channels) = (x.shape[0], x.shape[1])
    let pixels = images * channels == 0 ? 0 : x.count / (images * channels)
    x.withPointer { x in sums.withMutablePointer { ck_channel_sums(table, images, channels, pixels, x, $0) } }
  }

  /// One image as the matrix whose product with the weights, (filters, channels kernel height kernel width), is its
  /// convolution: columns[(c, s, t), (i, j)] = x[c, i stride + s dilation - padding, ...], zero outside.
  ///
  /// The convolutions here do without it.
  ///
  /// - Parameters:
  ///   - x: (channels, height, width).
  ///   - columns: (channels kernel height kernel width, output height output width).
  ///   - geometry: of one group.
  public static func im2col(_ x: Tensor, into columns: inout Tensor, _ geometry: Convolution2D) {
    var argument = check(image: x.shape, columns: columns.shape, geometry)
    x.withPointer { x in columns.withMutablePointer { ck_im2col(&argument, x, $0) } }
  }

  /// The transpose of ``im2col(_:into:_:)``: every pixel becomes the sum of the entries it would give rise to.
  public static func col2im(_ columns: Tensor, into x: inout Tensor, _ geometry: Convolution2D) {
    var argument = check(image: x.shape, columns: columns.shape, geometry)
    columns.withPointer { columns in x.withMutablePointer { ck_col2im(&argument, columns, $0) } }
  }

  private static func check(input: Shape, weight: Shape, output: Shape, _ geometry: Convolution2D) -> ck_conv {
    ensure(
      input.rank == 4 && weight.rank == 4, "convolution of shape \(input) with weights of shape \(weight): need 4 axes")
    let argument = geometry.kernelArgument(input: input, filters: weight[0])
    let kernel = geometry.kernelSize
    require(weight, .images(weight[0], channels: input[1] / geometry.groups, kernel), "convolution weights")
    guard let size = geometry.outputSize(of: Size2D(input[2], input[3])) else {
      fatalError("a kernel of \(kernel) does not fit an input of shape \(input)")
    }
    require(output, .images(input[0], channels: weight[0], size), "convolution output")
    return argument
  }

  private static func check(image: Shape, columns: Shape, _ geometry: Convolution2D) -> ck_conv {
    ensure(image.rank == 3 && geometry.groups == 1, "patches of shape \(image) in \(geometry.groups) groups")
    guard let size = geometry.outputSize(of: Size2D(image[1], image[2])) else {
      fatalError("a kernel of \(geometry.kernelSize) does not fit an image of shape \(image)")
    }
    guard let rows = Shape.count(of: [image[0], geometry.kernelSize.height, geometry.kernelSize.width]),
      let positions = Shape.count(of: [size.height, size.width]), Shape.count(of: [rows, positions]) != nil
    else { fatalError("patches of \(geometry.kernelSize) of an image of shape \(image) at \(size) positions") }
    require(columns, [rows, positions], "patches")
    return geometry.kernelArgument(input: image.batched(1), filters: 1)
  }
}
