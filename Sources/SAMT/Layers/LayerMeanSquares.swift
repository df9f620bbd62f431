/// What a Kronecker-factored method sees of one ``ProductLayer`` and one batch.
public struct LayerMeanSquares: Sendable {
  /// The mean of the squares of what each element of a row of weights is multiplied by, over the batch and all positions:
  /// (``ProductLayer/inputGroups``, elements of a row).
  public private(set) var inputs: [Double]
  /// The mean of the squares of each output's gradient of the batch's mean loss: (outputs).
  public private(set) var outputs: [Double]

  /// Zeros.
  public init(of layer: any ProductLayer) {
    inputs = [Double](repeating: 0, count: layer.inputGroups * layer.weight.shape.elementsPerRow)
    outputs = [Double](repeating: 0, count: layer.weight.shape[0])
  }

  /// Takes the means of a batch, given the layer's input and the gradient at its output; allocates nothing.
  ///
  /// - Precondition: the layer that these were made for.
  public mutating func measure(_ layer: any ProductLayer, input: Tensor, outputGradient: Tensor) {
    layer.inputMeanSquares(input, into: &inputs)
    layer.outputMeanSquares(outputGradient, into: &outputs)
  }

  /// The number of means.
  var count: Int { inputs.count + outputs.count }

  /// Writes the means times `weight` over the elements of `vector` from `start` on.
  func write(into vector: inout Tensor, at start: Int, weight: Double) {
    vector.withMutableSpan { elements in
      for index in inputs.indices { elements[start + index] = Float(weight * inputs[index]) }
      for index in outputs.indices { elements[start + inputs.count + index] = Float(weight * outputs[index]) }
    }
  }

  /// Takes the means from the elements of `vector` from `start` on.
  mutating func read(from vector: Tensor, at start: Int) {
    let count = inputs.count
    vector.withSpan { elements in
      for index in 0..<count { inputs[index] = Double(elements[start + index]) }
      for index in outputs.indices { outputs[index] = Double(elements[start + count + index]) }
    }
  }
}
