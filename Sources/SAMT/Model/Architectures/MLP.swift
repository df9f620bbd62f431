extension Model {
  /// A multilayer perceptron: fully connected layers, named `fc1`, `fc2` and so on, with ReLU between them.
  ///
  /// - Parameters:
  ///   - inputs: the number of input features.
  ///   - hidden: the widths of the hidden layers; none makes a linear model.
  ///   - outputs: the number of outputs.
  ///   - inputDropout: the probability with which an input is dropped while training.
  ///   - dropout: the probability with which a hidden unit is dropped while training.
  ///   - seed: where the parameters' first values and the dropout come from.
  /// - Throws: ``SAMTError/configuration(_:)`` for a width below 1 or a probability outside 0 ..< 1.
  public static func mlp(
    inputs: Int, hidden: [Int], outputs: Int, inputDropout: Float = 0, dropout: Float = 0, seed: UInt64 = 0
  ) throws(SAMTError) -> Model {
    let widths = [inputs] + hidden + [outputs]
    for (input, output) in zip(widths, widths.dropFirst()) {
      if let problem = Linear.Settings(inputs: input, outputs: output, bias: true).problem {
        throw .configuration("mlp: \(problem)")
      }
    }
    for probability in [inputDropout, dropout] {
      if let problem = Dropout.Settings(probability: probability).problem { throw .configuration("mlp: \(problem)") }
    }
    return try Model(input: [inputs], seed: seed) {
      if inputDropout > 0 { Dropout(inputDropout) }
      for layer in 1..<widths.count {
        Linear(widths[layer - 1], widths[layer], name: "fc\(layer)")
        if layer < widths.count - 1 {
          ReLU()
          if dropout > 0 { Dropout(dropout) }
        }
      }
    }
  }
}
