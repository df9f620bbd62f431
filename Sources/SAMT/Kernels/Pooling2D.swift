import CKernels

/// The windows of two-dimensional pooling.
public struct Pooling2D: LayerSettings, Hashable {
  /// A window's size.
  public var kernelSize: Size2D
  /// Input positions from one window to the next.
  public var stride: Size2D
  /// Positions around the input, on each side, that windows may reach into.
  public var padding: Size2D

  /// Windows of the given size; side by side without a stride.
  ///
  /// - Precondition: kernel size and stride at least 1, padding not negative and at most half the kernel's size.
  public init(kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    if let problem { ensure(false, problem) }
  }

  /// What is wrong with the windows; nil where nothing is.
  public var problem: String? {
    let isUsable =
      areLengths(kernelSize) && areLengths(stride) && areLengths(padding, least: 0)
      && padding.height <= kernelSize.height / 2 && padding.width <= kernelSize.width / 2
    return isUsable ? nil : "pooling: kernel \(kernelSize), stride \(stride), padding \(padding)"
  }

  /// floor((length + 2 padding - kernel) / stride) + 1 in both directions, or nil where the window does not fit.
  ///
  /// - Precondition: windows without a ``problem``.
  public func outputSize(of input: Size2D) -> Size2D? {
    if let problem { ensure(false, problem) }
    return input.afterWindows(kernelSize, stride: stride, padding: padding)
  }

  /// The kernels' description of these windows over [images, channels, height, width].
  func kernelArgument(input: Shape, output: Shape) -> ck_pool {
    ensure(input.rank == 4, "pooling needs [images, channels, height, width], found \(input)")
    guard let size = outputSize(of: Size2D(input[2], input[3])) else {
      fatalError("a window of \(kernelSize) does not fit an input of shape \(input)")
    }
    Kernels.require(output, .images(input[0], channels: input[1], size), "pooling output")
    return ck_pool(
      height: input[2], width: input[3], output_height: size.height, output_width: size.width,
      kernel_height: kernelSize.height, kernel_width: kernelSize.width, stride_height: stride.height,
      stride_width: stride.width, padding_height: padding.height, padding_width: padding.width)
  }
}
