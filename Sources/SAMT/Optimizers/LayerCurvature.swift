import CKernels

/// One layer's factors of ``AdaFisher``'s diagonal.
struct LayerCurvature {
  private let path: String
  private let weight: ObjectIdentifier
  private let groups: Int
  private let hasBias: Bool
  /// H, a row for each group of inputs, and behind them that of the bias.
  private var inputs: Tensor
  /// S.
  private var outputs: Tensor

  /// Factors of 1.
  init(of layer: any ProductLayer) {
    path = layer.weight.path
    weight = ObjectIdentifier(layer.weight)
    groups = layer.inputGroups
    hasBias = layer.bias != nil
    let (rows, columns) = (layer.weight.shape[0], layer.weight.shape.elementsPerRow)
    let inputCount = groups * columns + (hasBias ? 1 : 0)
    inputs = Tensor([Float](repeating: 1, count: inputCount), shape: [inputCount])
    outputs = Tensor([Float](repeating: 1, count: rows), shape: [rows])
  }

  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("inputs.\(path)", &inputs)
    visitor.visit("outputs.\(path)", &outputs)
  }

  /// H and S with this batch's mean squares taken in.
  mutating func estimate(from squares: LayerMeanSquares, gamma: Double) {
    LayerCurvature.average(squares.inputs, bias: hasBias ? 1 : nil, into: &inputs, gamma)
    LayerCurvature.average(squares.outputs, bias: nil, into: &outputs, gamma)
  }

  /// factor = 0.1 gamma factor + 0.01 gamma N(means), with the bias's mean behind the others.
  private static func average(_ means: [Double], bias: Double?, into factor: inout Tensor, _ gamma: Double) {
    var (low, high) = (bias ?? .infinity, bias ?? -.infinity)
    for index in means.indices {
      low = min(low, means[index])
      high = max(high, means[index])
    }
    factor.withMutableSpan { values in
      for index in values.indices {
        let mean = index < means.count ? means[index] : bias ?? 0
        values[index] = Float(0.1 * gamma * Double(values[index]) + 0.01 * gamma * (mean - low) / (high - low + 1e-6))
      }
    }
  }

  /// One step of the layer's weight or bias.
  func move(_ parameter: Parameter, momentum: inout Tensor, _ step: ck_fisher_args) {
    let isWeight = ObjectIdentifier(parameter) == weight
    Kernels.fisherStep(
      &parameter.value, m: &momentum, gradient: parameter.gradient, outputs: outputs, inputs: inputs,
      firstInput: isWeight ? 0 : inputs.count - 1, groups: isWeight ? groups : 1, step)
  }
}
