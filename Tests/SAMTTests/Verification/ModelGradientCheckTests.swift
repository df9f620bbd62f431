import SAMT
import SAMTTestSupport
import Testing

@Suite struct ModelGradientCheckTests {
  private let batch = Batch(
    inputs: GradientCheck.values([6, 2, 3], magnitudes: 0.1...1, seed: 5), targets: .classes([0, 1, 2, 3, 1, 0]))

  /// Every kind of layer; biases of -2 and 2 hold the rectifiers away from their kinks, as weights and inputs are
  /// at most one and the sums below 0.8.
  private func chain(fault: BackwardFault? = nil) throws -> Model {
    let rectified = [Linear(5, 6, name: "rectified"), Linear(6, 6, name: "leaky")]
    let model = try Model(input: [2, 3], seed: 6) {
      Flatten()
      Dropout(0.2)
      Linear(6, 5)
      Tanh()
      rectified[0]
      ReLU()
      rectified[1]
      LeakyReLU(slope: 0.1)
      Linear(6, 6)
      GELU()
      Linear(6, 6, bias: false)
      Sigmoid()
      if let fault { BrokenLayer(Linear(6, 4, name: "last"), fault) } else { Linear(6, 4, name: "last") }
    }
    for layer in rectified {
      layer.weight.value.withMutableSpan { for i in $0.indices { $0[i] *= 0.3 } }
      layer.bias?.value.withMutableSpan { for i in $0.indices { $0[i] = i % 2 == 0 ? 2 : -2 } }
    }
    return model
  }

  @Test func chainIsRight() throws {
    let model = try chain()
    let result = GradientCheck().check(model, loss: SoftmaxCrossEntropy(), batch: batch)
    // The default tolerance: through seven layers, gradients of some entries are a hundredth of the loss, and rounding
    // weighs a hundred times as much as in one layer.
    #expect(result.passes(), "\(result)")
    #expect(result.tensors.map(\.name).prefix(3) == ["input", "linear1.weight", "linear1.bias"])
    #expect(result.tensors.count == 1 + model.parameters.count)
  }

  @Test(arguments: [BackwardFault.inputNegated, .inputScaled, .weightScaled, .lastParameterMissing])
  func aBrokenLayerIsCaught(_ fault: BackwardFault) throws {
    let result = GradientCheck().check(try chain(fault: fault), loss: SoftmaxCrossEntropy(), batch: batch)
    #expect(!result.passes(), "\(fault) passed: \(result)")
  }

  @Test func regressionModelIsRight() throws {
    let model = try Model(input: [4], seed: 2) {
      Linear(4, 6)
      Tanh()
      Linear(6, 3)
    }
    let values = Batch(
      inputs: GradientCheck.values([5, 4], seed: 8), targets: .values(GradientCheck.values([5, 3], seed: 9)))
    let result = GradientCheck().check(model, loss: MeanSquaredError(), batch: values)
    #expect(result.passes(tolerance: 2e-4), "\(result)")
  }

  @Test func theModelStandsAsBefore() throws {
    let model = try chain()
    let before = bits(model)
    _ = GradientCheck().check(model, loss: SoftmaxCrossEntropy(), batch: batch)
    #expect(bits(model) == before)
  }
}
