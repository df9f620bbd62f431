import CKernels

/// How a convolution and its gradients are computed.
///
/// ``automatic`` may choose ``winograd``, whose errors follow the largest input of a tile rather than those that a result
/// reads. That is as good as ``direct`` for normalized images and for activations whose magnitudes are alike. Choose
/// ``direct`` where a few inputs are a thousand times their neighbours or more, where results of zeros must be zero, or
/// where a NaN or an infinity must spoil nothing but the results that read it.
public enum ConvolutionAlgorithm: String, Hashable, Sendable, Codable, CaseIterable {
  /// Whichever should be faster for the shapes at hand.
  ///
  /// That may be ``winograd``, also on inputs for which ``direct`` would be much more accurate: only shapes count.
  case automatic
  /// Every result is one sum of products.
  case direct
  /// Winograd's minimal filtering F(4x4, 3x3) for kernels of 3x3 with stride and dilation 1 and one group; else
  /// directly. A quarter of the products; errors of random numbers' results are below 1e-6 of their root mean square, up
  /// to three times those of ``direct``.
  ///
  /// Each tile of 4x4 results is a sum of differences of its 6x6 inputs, so an input far above the others blurs all
  /// sixteen, those too that do not read it: by up to 2^-19, or 32 roundings, of the sum over the channels of the tile's
  /// largest input times the largest weight. (Measured, and held by a test with one input; the worst case that rounding
  /// errors allow is some hundred times that.) With one pixel of 1e6 in noise of size 1, results of size 17 are off by
  /// up to 5.
  ///
  /// A NaN or an infinity spoils the whole tile of 4x4 results that it belongs to, and in the weights' gradient its
  /// whole channel. (Winograd 1980; Lavin and Gray, CVPR 2016.)
  case winograd
  /// As ``direct``, with vectors of pixels alone, never of filters.
  case directPixels = "direct-pixels"
  /// Matrix products over patches of the image: the way of shapes that the others cannot take, such as many channels
  /// with a large dilation.
  case reference

  var code: ck_conv_algorithm {
    switch self {
    case .automatic: CK_CONV_AUTOMATIC
    case .direct: CK_CONV_DIRECT
    case .winograd: CK_CONV_WINOGRAD
    case .directPixels: CK_CONV_DIRECT_PIXELS
    case .reference: CK_CONV_REFERENCE
    }
  }
}

/// The geometry of a two-dimensional convolution, and how it is computed: everything but its numbers.
///
/// Convolution is cross-correlation, as in every deep learning library: the kernel is not flipped.
public struct Convolution2D: Hashable, Sendable, Codable {
  /// The kernel's size.
  public var kernelSize: Size2D
  /// Input positions from one output to the next.
  public var stride: Size2D
  /// Zeros around the input, on each side.
  public var padding: Size2D
  /// Input positions from one kernel entry to the next.
  public var dilation: Size2D
  /// Groups of channels that do not see each other; 1 for an ordinary convolution.
  public var groups: Int
  /// How it is computed.
  public var algorithm: ConvolutionAlgorithm

  /// A geometry.
  ///
  /// - Precondition: kernel size, stride, dilation and groups at least 1, padding not negative.
  public init(
    kernelSize: Size2D, stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1,
    algorithm: ConvolutionAlgorithm = .automatic
  ) {
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.algorithm = algorithm
    requireUsable()
  }

  /// What is wrong with the geometry; nil where nothing is.
  var problem: String? {
    let isUsable =
      areLengths(kernelSize) && areLengths(stride) && areLengths(dilation) && areLengths(padding, least: 0)
      && areLengths(Size2D(groups, groups))
    if isUsable { return nil }
    return "convolution: kernel \(kernelSize), stride \(stride), padding \(padding), dilation \(dilation), "
      + "\(groups) groups"
  }

  /// Traps where there is a problem: the numbers can be changed at any time.
  private func requireUsable() {
    if let problem { ensure(false, problem) }
  }

  /// floor((length + 2 padding - dilation (kernel - 1) - 1) / stride) + 1 in both directions, or nil where the kernel
  /// does not fit.
  ///
  /// - Precondition: a geometry that ``init(kernelSize:stride:padding:dilation:groups:algorithm:)`` takes.
  public func outputSize(of input: Size2D) -> Size2D? {
    requireUsable()
    return input.afterWindows(kernelSize, stride: stride, padding: padding, dilation: dilation)
  }

  /// The kernels' description of this convolution of [images, channels, height, width].
  func kernelArgument(input: Shape, filters: Int) -> ck_conv {
    requireUsable()
    ensure(
      input.rank == 4 && filters >= 1 && input[1] % groups == 0 && filters % groups == 0,
      "convolution: \(filters) filters in \(groups) groups for an input of shape \(input)")
    return ck_conv(
      images: input[0], channels: input[1], height: input[2], width: input[3], filters: filters,
      kernel_height: kernelSize.height, kernel_width: kernelSize.width, stride_height: stride.height,
      stride_width: stride.width, dilation_height: dilation.height, dilation_width: dilation.width,
      padding_height: padding.height, padding_width: padding.width, groups: groups,
      algorithm: algorithm.code)
  }
}

/// Memory that a convolution and its gradients need besides their operands, made once.
public struct ConvolutionWorkspace: Sendable {
  fileprivate var memory: Tensor

  /// Room for a convolution of `input`, [images, channels, height, width], and its gradients.
  public init(for geometry: Convolution2D, input: Shape, outputChannels: Int) {
    var argument = geometry.kernelArgument(input: input, filters: outputChannels)
    guard let size = geometry.outputSize(of: Size2D(input[2], input[3])),
      Shape.count(of: [input[0], outputChannels, size.height, size.width]) != nil
    else {
      fatalError(
        "a kernel of \(geometry.kernelSize) with padding \(geometry.padding) does not fit an input of \(input)")
    }
    memory = Tensor(zeros: [Int(ck_conv_workspace(Kernels.table, &argument))])
  }

  /// Calls `body` with the argument and the memory, which must be enough for it.
  mutating func withPointers(
    for argument: ck_conv, _ body: (UnsafePointer<ck_conv>, UnsafeMutablePointer<Float>) -> Void
  ) {
    withUnsafePointer(to: argument) { argument in
      let needed = Int(ck_conv_workspace(Kernels.table, argument))
      ensure(memory.count >= needed, "convolution: a workspace of \(memory.count) floats, needed \(needed)")
      memory.withMutablePointer { body(argument, $0) }
    }
  }
}
