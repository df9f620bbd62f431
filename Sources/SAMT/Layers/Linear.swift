/// A fully connected layer: Y = X W^T + b.
///
/// X is (batch, inputs), W (outputs, inputs), b (outputs), Y (batch, outputs). W and b start uniform in
/// +-1 / sqrt(inputs), as PyTorch's do.
public final class Linear: Layer {
  /// The layer's name, `linear` unless given.
  public let name: String
  /// W, (outputs, inputs).
  public let weight: Parameter
  /// b, (outputs); nil where the layer has none.
  public let bias: Parameter?
  /// W and b.
  public let parameters: [Parameter]
  private let inputs: Int
  private let outputs: Int

  /// A layer from `inputs` to `outputs` features.
  ///
  /// - Precondition: both at least 1.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, name: String = "linear") {
    ensure(inputs >= 1 && outputs >= 1, "\(name): \(inputs) inputs, \(outputs) outputs")
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    let initializer = Initializer.inverseRoot(inputs: inputs)
    weight = Parameter("weight", shape: [outputs, inputs], initializer: initializer, isDecayed: true)
    self.bias = bias ? Parameter("bias", shape: [outputs], initializer: initializer, isDecayed: false) : nil
    parameters = [weight] + (self.bias.map { [$0] } ?? [])
  }

  /// [batch, outputs], for an input of [batch, inputs].
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank == 2, input[1] == inputs else {
      throw .shape(layer: name, expected: "[*, \(inputs)]", found: input)
    }
    return [input[0], outputs]
  }

  /// Two for each product of a weight and an input, one for each bias.
  public func operations(for input: Shape) -> Int { input[0] * outputs * (2 * inputs + (bias == nil ? 0 : 1)) }

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
