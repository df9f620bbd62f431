/// A two-dimensional convolution: y = w * x + b.
///
///     y[n, f, i, j] = b[f] + sum over c, s, t of w[f, c, s, t] x[n, c, i stride + s dilation - padding, ...]
///
/// X is (batch, input channels, height, width), w (output channels, input channels / groups, kernel height, kernel
/// width), b (output channels). It is a cross-correlation, as in every deep learning library. Without an initializer, w
/// and b start uniform in +-1 / sqrt(inputs of one output), as PyTorch's do.
public final class Conv2d: StorableLayer {
  /// What makes one convolution differ from another.
  public struct Settings: LayerSettings {
    /// The number of input channels.
    public var inputChannels: Int
    /// The number of output channels.
    public var outputChannels: Int
    /// Kernel size, stride, padding, dilation, groups, and how they are computed.
    public var geometry: Convolution2D
    /// Whether there is a bias.
    public var bias: Bool

    /// What is wrong with the settings; nil where nothing is.
    public var problem: String? {
      if let problem = geometry.problem { return problem }
      let (channels, groups) = ([inputChannels, outputChannels], geometry.groups)
      let isDivided = areLengths(channels) && channels.allSatisfy { $0 % groups == 0 }
      let size = geometry.kernelSize
      let isRepresentable =
        isDivided && Shape.count(of: [outputChannels, inputChannels / groups, size.height, size.width]) != nil
      return isRepresentable
        ? nil : "\(inputChannels) input channels, \(outputChannels) output channels, \(groups) groups"
    }
  }

  /// `conv2d`.
  public static let typeName = "conv2d"
  /// The layer's name, `conv` unless given.
  public let name: String
  /// w, (output channels, input channels / groups, kernel height, kernel width).
  public let weight: Parameter
  /// b, (output channels); nil where the layer has none.
  public let bias: Parameter?
  /// w and b.
  public let parameters: [Parameter]
  /// The numbers of channels, the geometry, and whether there is a bias.
  public let settings: Settings
  /// Kernel size, stride, padding, dilation, groups, and how they are computed.
  public var geometry: Convolution2D { settings.geometry }

  /// A layer from `inputChannels` to `outputChannels` channels.
  ///
  /// The automatic `algorithm` is right for inputs of similar magnitudes; where single ones are far above their
  /// neighbours, ``ConvolutionAlgorithm/direct`` is more accurate, and ``ConvolutionAlgorithm`` says by how much.
  ///
  /// - Precondition: both at least 1 and multiples of `groups`; a geometry that ``Convolution2D`` takes.
  public convenience init(
    _ inputChannels: Int, _ outputChannels: Int, kernelSize: Size2D, stride: Size2D = 1, padding: Size2D = 0,
    dilation: Size2D = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer? = nil,
    algorithm: ConvolutionAlgorithm = .automatic, name: String = "conv"
  ) {
    let geometry = Convolution2D(
      kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, groups: groups,
      algorithm: algorithm)
    self.init(
      Settings(inputChannels: inputChannels, outputChannels: outputChannels, geometry: geometry, bias: bias),
      initializer: initializer, name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  public convenience init(_ settings: Settings, name: String) { self.init(settings, initializer: nil, name: name) }

  private init(_ settings: Settings, initializer: Initializer?, name: String) {
    requireSettings(settings, name)
    self.name = name
    self.settings = settings
    let (size, outputs) = (settings.geometry.kernelSize, settings.outputChannels)
    let shape: Shape = [outputs, settings.inputChannels / settings.geometry.groups, size.height, size.width]
    let standard = Initializer.inverseRoot(inputs: shape.elementsPerRow)
    weight = Parameter("weight", shape: shape, initializer: initializer ?? standard, isDecayed: true)
    bias = settings.bias ? Parameter("bias", shape: [outputs], initializer: standard, isDecayed: false) : nil
    parameters = [weight, bias].compactMap { $0 }
  }

  /// [batch, output channels, output height, output width].
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank == 4, input[1] == settings.inputChannels,
      let size = geometry.outputSize(of: Size2D(input[2], input[3])),
      Shape.count(of: [input[0], settings.outputChannels, size.height, size.width]) != nil
    else {
      let fit = "at least \(geometry.kernelSize) with padding \(geometry.padding)"
      throw .shape(layer: name, expected: "[*, \(settings.inputChannels), height, width] of \(fit)", found: input)
    }
    return [input[0], settings.outputChannels, size.height, size.width]
  }

  /// Room for what the kernels rearrange.
  public func makeSaved(for input: Shape) -> ConvolutionWorkspace {
    ConvolutionWorkspace(for: geometry, input: input, outputChannels: settings.outputChannels)
  }

  /// Two for each product of a weight and an input, one for each bias.
  public func operations(for input: Shape) -> Int {
    guard let output = try? outputShape(for: input) else { return 0 }
    return output.count * (2 * weight.shape.elementsPerRow + (bias == nil ? 0 : 1))
  }

  /// y = w * x + b.
  public func forward(
    _ input: Tensor, into output: inout Tensor, saved workspace: inout ConvolutionWorkspace, mode: Mode
  ) {
    Kernels.convolve(input, weight.value, bias: bias?.value, into: &output, geometry, workspace: &workspace)
  }

  /// dx = the transposed convolution of dy with w.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved workspace: inout ConvolutionWorkspace,
    into inputGradient: inout Tensor
  ) {
    Kernels.convolveInputGradient(
      outputGradient, weight.value, into: &inputGradient, geometry, workspace: &workspace)
  }

  /// dw = the correlation of x with dy, and db = the sum of dy over batch and positions.
  public func parameterGradients(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved workspace: inout ConvolutionWorkspace
  ) {
    Kernels.convolveWeightGradient(input, outputGradient, into: &weight.gradient, geometry, workspace: &workspace)
    if let bias { Kernels.sumChannels(of: outputGradient, into: &bias.gradient) }
  }
}
