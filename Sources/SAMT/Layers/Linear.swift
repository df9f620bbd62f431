/// A fully connected layer: Y = X W^T + b.
///
/// X is (batch, inputs), W (outputs, inputs), b (outputs), Y (batch, outputs). W and b start uniform in
/// +-1 / sqrt(inputs), as PyTorch's do.
public final class Linear: StorableLayer {
  /// What makes one fully connected layer differ from another.
  public struct Settings: LayerSettings {
    /// The number of input features.
    public var inputs: Int
    /// The number of output features.
    public var outputs: Int
    /// Whether there is a bias.
    public var bias: Bool

    /// What is wrong with the settings; nil where nothing is.
    public var problem: String? {
      areLengths([inputs, outputs]) ? nil : "\(inputs) inputs, \(outputs) outputs"
    }
  }

  /// `linear`.
  public static let typeName = "linear"
  /// The layer's name, `linear` unless given.
  public let name: String
  /// W, (outputs, inputs).
  public let weight: Parameter
  /// b, (outputs); nil where the layer has none.
  public let bias: Parameter?
  /// W and b.
  public let parameters: [Parameter]
  /// The numbers of features, and whether there is a bias.
  public let settings: Settings

  /// A layer from `inputs` to `outputs` features.
  ///
  /// - Precondition: both at least 1.
  public convenience init(_ inputs: Int, _ outputs: Int, bias: Bool = true, name: String = "linear") {
    self.init(Settings(inputs: inputs, outputs: outputs, bias: bias), name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  public init(_ settings: Settings, name: String) {
    requireSettings(settings, name)
    self.name = name
    self.settings = settings
    let (inputs, outputs) = (settings.inputs, settings.outputs)
    let initializer = Initializer.inverseRoot(inputs: inputs)
    weight = Parameter("weight", shape: [outputs, inputs], initializer: initializer, isDecayed: true)
    bias = settings.bias ? Parameter("bias", shape: [outputs], initializer: initializer, isDecayed: false) : nil
    parameters = [weight, bias].compactMap { $0 }
  }

  /// [batch, outputs], for an input of [batch, inputs].
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank == 2, input[1] == settings.inputs else {
      throw .shape(layer: name, expected: "[*, \(settings.inputs)]", found: input)
    }
    return [input[0], settings.outputs]
  }

  /// Two for each product of a weight and an input, one for each bias.
  public func operations(for input: Shape) -> Int {
    input[0] * settings.outputs * (2 * settings.inputs + (bias == nil ? 0 : 1))
  }

  /// Y = X W^T + b, in one kernel call.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
    Kernels.multiply(input, weight.value, transposeB: true, into: &output, bias: bias?.value)
  }

  /// dX = dY W.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void,
    into inputGradient: inout Tensor
  ) {
    Kernels.multiply(outputGradient, weight.value, into: &inputGradient)
  }

  /// dW = dY^T X and db = the sum of dY over the batch.
  public func parameterGradients(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void
  ) {
    Kernels.multiply(outputGradient, transposeA: true, input, into: &weight.gradient)
    if let bias { Kernels.sumRows(of: outputGradient, into: &bias.gradient) }
  }
}
