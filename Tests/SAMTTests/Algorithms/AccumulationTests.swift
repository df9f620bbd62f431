import SAMT
import SAMTTestSupport
import Testing

/// Several minibatches to an update: what a large one gives, up to the order of sums.
@Suite struct AccumulationTests {
  private func backpropagation(_ model: Model, _ minibatches: Int) throws -> Backpropagation {
    Backpropagation(
      try SGD(model.parameters, learningRate: 0.5, momentum: 0.9), clipping: .norm(0.5),
      minibatchesPerUpdate: minibatches)
  }

  private func trained(batchSize: Int, minibatches: Int, loss: any Loss) throws -> (
    Model, Backpropagation, [EpochReport]
  ) {
    let model = try perceptron([2, 12, 3], seed: 2, relu: false)
    var configuration = Trainer.Configuration()
    configuration.epochs = 3
    configuration.batchSize = batchSize
    let algorithm = try backpropagation(model, minibatches)
    let trainer = try Trainer(model: model, algorithm: algorithm, loss: loss, configuration: configuration)
    return (model, algorithm, try trainer.fit(clouds(90, seed: 1)))
  }

  /// Updates of 32, 32 and 26 examples, in minibatches of 8, of which the last has two.
  ///
  /// Minibatches count by their examples, or where these have weights by theirs.
  @Test(arguments: [false, true]) func minibatchesAreJoinedByTheirExamples(weighted: Bool) throws {
    let loss: any Loss = weighted ? try SoftmaxCrossEntropy(classWeights: [0.5, 2, 1]) : SoftmaxCrossEntropy()
    let large = try trained(batchSize: 32, minibatches: 1, loss: loss)
    let small = try trained(batchSize: 8, minibatches: 4, loss: loss)
    #expect(large.1.parameterUpdates == 9 && small.1.parameterUpdates == 9)
    for (a, b) in zip(large.0.parameters, small.0.parameters) {
      for (x, y) in zip(a.value.elements, b.value.elements) {
        // Nine updates, each of sums in another order.
        #expect(abs(x - y) <= 2e-5, "\(a.path)")
      }
    }
    for (a, b) in zip(large.2, small.2) { #expect(abs(a.training.loss - b.training.loss) <= 1e-5) }
    let other = try trained(batchSize: 8, minibatches: 1, loss: loss)
    #expect(abs(other.2[2].training.loss - large.2[2].training.loss) > 1e-3, "the test sees a difference")
  }

  /// The weights stand still between updates, and averages with them.
  @Test func nothingMovesBetweenUpdates() throws {
    let model = try perceptron([2, 3])
    let algorithm = try backpropagation(model, 3)
    let executor = ModelExecutor(for: model, batchSize: 4)
    var before = model.parameters.map { bits($0.value) }
    for step in 1...7 {
      let batch = randomBatch(4, inputs: 2, classes: 3, seed: UInt64(step))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      let after = model.parameters.map { bits($0.value) }
      #expect((after != before) == (step % 3 == 0), "step \(step)")
      before = after
    }
    #expect(algorithm.parameterUpdates == 2)
  }

  @Test func noMinibatchIsATypedError() throws {
    let model = try perceptron([2, 3])
    #expect(throws: SAMTError.configuration("an update needs at least one minibatch, found 0")) {
      try backpropagation(model, 0).begin(TrainingPlan(epochs: 1, stepsPerEpoch: 1, batchSize: 1), for: model)
    }
  }
}
