/// A layer whose weight gradient is a sum of products of output gradients and inputs, a row for each output: ``Linear``
/// and ``Conv2d``.
///
/// Kronecker-factored methods estimate a loss's curvature by the mean squares of both factors.
public protocol ProductLayer: Layer {
  /// The weight, (outputs, ...).
  var weight: Parameter { get }
  /// The bias, (outputs), where there is one.
  var bias: Parameter? { get }
  /// How many rows of inputs there are: a row of weights sees one of them.
  var inputGroups: Int { get }

  /// The mean of the squares of what each element of a row of weights is multiplied by, over the batch and all positions:
  /// (``inputGroups``, elements of a row).
  func inputMeanSquares(_ input: Tensor, into means: inout [Double])

  /// The mean of the squares of each output's gradient, over the batch and all positions: (outputs).
  func outputMeanSquares(_ outputGradient: Tensor, into means: inout [Double])
}

extension Linear: ProductLayer {
  /// 1.
  public var inputGroups: Int { 1 }

  /// The means of x^2 by feature.
  public func inputMeanSquares(_ input: Tensor, into means: inout [Double]) { meanSquaresByColumn(input, &means) }

  /// The means of dy^2 by feature.
  public func outputMeanSquares(_ outputGradient: Tensor, into means: inout [Double]) {
    meanSquaresByColumn(outputGradient, &means)
  }

  private func meanSquaresByColumn(_ x: Tensor, _ means: inout [Double]) {
    means.withUnsafeMutableBufferPointer { Kernels.columnDots(x, x, into: $0) }
    for index in means.indices { means[index] /= Double(x.shape[0]) }
  }
}

extension Conv2d: ProductLayer {
  /// The geometry's groups.
  public var inputGroups: Int { geometry.groups }

  /// The means of x^2 over the positions at which a kernel's entry reads a channel; zeros of the padding count.
  public func inputMeanSquares(_ input: Tensor, into means: inout [Double]) {
    let (batch, channels, height, width) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3])
    guard let size = geometry.outputSize(of: Size2D(height, width)) else { return }
    let kernel = geometry.kernelSize, stride = geometry.stride
    let padding = geometry.padding, dilation = geometry.dilation
    for index in means.indices { means[index] = 0 }
    input.withSpan { x in
      for image in 0..<batch * channels {
        let channel = image % channels
        for s in 0..<kernel.height {
          for t in 0..<kernel.width {
            var sum = 0.0
            for i in 0..<size.height {
              let row = i * stride.height + s * dilation.height - padding.height
              guard row >= 0, row < height else { continue }
              for j in 0..<size.width {
                let column = j * stride.width + t * dilation.width - padding.width
                guard column >= 0, column < width else { continue }
                let value = Double(x[(image * height + row) * width + column])
                sum += value * value
              }
            }
            means[(channel * kernel.height + s) * kernel.width + t] += sum
          }
        }
      }
    }
    let count = Double(batch * size.height * size.width)
    for index in means.indices { means[index] /= count }
  }

  /// The means of dy^2 by channel.
  public func outputMeanSquares(_ outputGradient: Tensor, into means: inout [Double]) {
    let (batch, channels) = (outputGradient.shape[0], outputGradient.shape[1])
    let positions = outputGradient.shape[2] * outputGradient.shape[3]
    let rows = outputGradient.reshaped(to: .vector(positions).batched(batch * channels))
    for index in means.indices { means[index] = 0 }
    for row in 0..<batch * channels {
      let values = rows[rows: row..<row + 1]
      means[row % channels] += Kernels.dot(values, values)
    }
    for index in means.indices { means[index] /= Double(batch * positions) }
  }
}
