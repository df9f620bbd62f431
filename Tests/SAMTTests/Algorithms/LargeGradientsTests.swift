import SAMT
import SAMTTestSupport
import Testing

/// One minibatch with gradients of about 1e20 or 1e-25, whose squares single precision does not hold, amid ordinary ones.
@Suite struct LargeGradientsTests {
  private func isFinite(_ item: StateItem) -> Bool {
    switch item {
    case .tensor(let tensor): tensor.elements.allSatisfy(\.isFinite)
    case .double(let value): value.isFinite
    case .doubles(let values): values.allSatisfy(\.isFinite)
    case .integer, .integers, .generator, .json: true
    }
  }

  private func expectFinite(_ part: any Stateful, _ comment: Comment) {
    let state = State(of: part)
    for name in state.names {
      if let item = state[name] { #expect(isFinite(item), "\(name) \(comment)") }
    }
  }

  /// Nothing that is remembered overflows, and the weights move; where it is the first minibatch, from which some rules
  /// take the size of all steps, they may stand still.
  ///
  /// The network's hidden units are bounded: what it computes from weights of 1e20, where plain descent takes them, is
  /// within range. Hypergradient descent's own formula is not: its step size becomes as long as the gradient.
  @Test(arguments: TrainingRule.all.filter { $0.testDescription != "hypergradient descent" }, [Float(1e20), 1e-25])
  func everyRuleGoesOn(_ rule: TrainingRule, factor: Float) throws {
    for position in [0, 3] {
      let model = try perceptron([4, 6, 3], seed: 3, relu: false)
      let algorithm = try rule.make(model)
      let executor = ModelExecutor(for: model, batchSize: 32)
      var before = bits(model)
      for step in 0..<16 {
        let batch = randomBatch(32, inputs: 4, classes: 3, seed: UInt64(step))
        let isOdd = step == position
        if isOdd { before = bits(model) }
        _ = algorithm.step(batch, in: executor, loss: ScaledLoss(SoftmaxCrossEntropy()) { _ in isOdd ? factor : 1 })
        expectFinite(model, "of the model behind step \(step), with \(factor) at \(position)")
        expectFinite(algorithm, "of the rule behind step \(step), with \(factor) at \(position)")
      }
      #expect(position == 0 || bits(model) != before, "with \(factor) at \(position)")
    }
  }
}
