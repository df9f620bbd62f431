import SAMT
import SAMTTestSupport
import Testing

@Suite struct ModelExecutorTests {
  private let loss = SoftmaxCrossEntropy()
  private let batch = randomBatch(9, inputs: 6, classes: 4, seed: 2)

  /// Layers with parameters at 0, 2, 5 and 6.
  private func model() throws -> Model {
    try Model(input: [6], seed: 3) {
      Linear(6, 8)
      ReLU()
      Linear(8, 7)
      Tanh()
      Flatten()
      Linear(7, 5, bias: false)
      Linear(5, 4)
    }
  }

  private func change(_ model: Model, layer: Int) {
    for parameter in model.layers[layer].parameters { Kernels.scale(&parameter.value, by: 0.9) }
  }

  /// Output, loss, parameter gradients and input gradient of everything evaluated anew.
  private func fresh(_ model: Model) -> Everything {
    let executor = ModelExecutor(for: model, batchSize: 9)
    executor.load(batch.inputs)
    return everything(executor)
  }

  private struct Everything: Equatable {
    var loss: UInt64
    var output, input: [UInt32]
    var gradients: [[UInt32]]
  }

  private func everything(_ executor: ModelExecutor) -> Everything {
    for parameter in executor.model.parameters { Kernels.scale(&parameter.gradient, by: .nan) }
    let value = executor.evaluate(loss, batch.targets)
    for layer in executor.model.trainableLayers.reversed() { executor.backward(to: layer) }
    var input = Tensor([Float](repeating: .nan, count: 54), shape: [9, 6])
    executor.inputGradient(into: &input)
    return Everything(
      loss: value.bitPattern, output: bits(executor.output()), input: bits(input),
      gradients: gradientBits(executor.model))
  }

  @Test func watermarksMove() throws {
    let executor = ModelExecutor(for: try model(), batchSize: 9)
    #expect(executor.validOutputs == 0 && executor.validGradients == 7)
    executor.load(batch.inputs)
    #expect(executor.validOutputs == 0 && executor.validGradients == 7)
    _ = executor.output()
    #expect(executor.validOutputs == 7 && executor.validGradients == 7)
    _ = executor.evaluate(loss, batch.targets)
    #expect(executor.validOutputs == 7 && executor.validGradients == 6)
    executor.backward(to: 5)
    #expect(executor.validGradients == 5)
    executor.backward(to: 2)
    #expect(executor.validOutputs == 7 && executor.validGradients == 2)
    executor.invalidate(from: 4)
    #expect(executor.validOutputs == 4 && executor.validGradients == 7)
    executor.invalidate(from: 6)
    #expect(executor.validOutputs == 4)
    _ = executor.evaluate(loss, batch.targets)
    #expect(executor.validOutputs == 7 && executor.validGradients == 6)
    executor.load(batch.inputs)
    #expect(executor.validOutputs == 0 && executor.validGradients == 7)
    _ = executor.evaluate(loss, batch.targets)
    executor.unload()
    #expect(executor.validOutputs == 0 && executor.validGradients == 7)
  }

  /// The layers from the changed one on that have parameters, and no other.
  @Test(arguments: [(0, 4), (1, 3), (2, 3), (3, 2), (5, 2), (6, 1), (7, 0)])
  func onlyStaleLayersRun(from layer: Int, forward: Int) throws {
    let executor = ModelExecutor(for: try model(), batchSize: 9)
    executor.load(batch.inputs)
    _ = executor.evaluate(loss, batch.targets)
    #expect(executor.passes == LayerPasses(forward: 4, parameterGradient: 0, inputGradient: 0))
    executor.invalidate(from: layer)
    _ = executor.evaluate(loss, batch.targets)
    _ = executor.evaluate(loss, batch.targets)
    #expect(executor.passes.forward == 4 + forward)
  }

  @Test(arguments: 0..<7) func partialEvaluationGivesTheBitsOfAFreshOne(layer: Int) throws {
    let model = try model()
    let executor = ModelExecutor(for: model, batchSize: 9)
    executor.load(batch.inputs)
    let before = everything(executor)
    #expect(before == fresh(model))
    change(model, layer: layer)
    executor.invalidate(from: layer)
    let after = everything(executor)
    #expect(after == fresh(model))
    #expect((after == before) == model.layers[layer].parameters.isEmpty)
  }

  @Test func twoChangesAreBothSeen() throws {
    let model = try model()
    let executor = ModelExecutor(for: model, batchSize: 9)
    executor.load(batch.inputs)
    _ = everything(executor)
    change(model, layer: 6)
    executor.invalidate(from: 6)
    change(model, layer: 2)
    executor.invalidate(from: 2)
    change(model, layer: 5)
    executor.invalidate(from: 5)
    #expect(everything(executor) == fresh(model))
  }

  /// Whatever layers are asked for on the way down, their gradients are those of the full way.
  @Test(arguments: [[0], [5], [6, 0], [5, 2], [6, 5, 2, 0], [2, 6], [0, 2, 5, 6]])
  func backwardResumes(_ order: [Int]) throws {
    let model = try model()
    _ = fresh(model)
    let full = model.layers.map { $0.parameters.map { bits($0.gradient) } }
    for parameter in model.parameters { Kernels.scale(&parameter.gradient, by: 0) }
    let untouched = model.layers.map { $0.parameters.map { bits($0.gradient) } }
    let executor = ModelExecutor(for: model, batchSize: 9)
    executor.load(batch.inputs)
    _ = executor.evaluate(loss, batch.targets)
    for layer in order { executor.backward(to: layer) }
    for layer in model.trainableLayers {
      let found = model.layers[layer].parameters.map { bits($0.gradient) }
      #expect(found == (order.contains(layer) ? full : untouched)[layer], "layer \(layer)")
    }
    // Down to the next layer asked for; again from the loss where a higher one is asked for after a lower.
    var (carried, at) = (0, 6)
    for layer in order {
      if layer > at + 1 { at = 6 }
      carried += model.trainableLayers.count { $0 > layer && $0 <= at }
      at = min(at, layer)
    }
    let expected = LayerPasses(forward: 4, parameterGradient: order.count, inputGradient: carried)
    #expect(executor.passes == expected)
  }

  @Test func anotherBatchReplacesAllOfTheFirst() throws {
    let model = try model()
    let executor = ModelExecutor(for: model, batchSize: 9)
    let other = randomBatch(9, inputs: 6, classes: 4, seed: 40)
    executor.load(other.inputs)
    _ = executor.evaluate(loss, other.targets)
    executor.backward(to: 0)
    executor.load(batch.inputs)
    #expect(everything(executor) == fresh(model))
  }

  /// A batch shares the data set's memory while it is loaded, and no longer.
  @Test func unloadingLetsGoOfTheBatch() throws {
    var inputs = clouds(8, seed: 1).inputs
    let executor = ModelExecutor(for: try perceptron([2, 3]), batchSize: 4)
    func address() -> UInt { inputs.withSpan { $0.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } } }
    let first = address()
    executor.load(inputs[rows: 0..<4])
    executor.unload()
    inputs.withMutableSpan { $0[0] = 1 }
    #expect(address() == first)
    executor.load(inputs[rows: 0..<4])
    inputs.withMutableSpan { $0[0] = 2 }
    #expect(address() != first)
  }

  /// The loss and gradients of an earlier batch, with the masks it had, and no trace left.
  @Test func aReplayHasNoSideEffects() throws {
    let norm = BatchNorm1d(8)
    let model = try Model(input: [6], seed: 3) {
      Dropout(0.3)
      Linear(6, 8)
      norm
      Tanh()
      Dropout(0.5)
      Linear(8, 3)
    }
    let executor = ModelExecutor(for: model, batchSize: 9)
    let batches = (0..<3).map { randomBatch(9, inputs: 6, classes: 3, seed: UInt64($0)) }
    func lossAndGradients(_ batch: Batch) -> [UInt64] {
      let loss = executor.evaluate(SoftmaxCrossEntropy(), batch.targets)
      for layer in model.trainableLayers.reversed() { executor.backward(to: layer) }
      return [loss.bitPattern] + gradientBits(model).flatMap { $0.map(UInt64.init) }
    }
    executor.load(batches[0].inputs)
    _ = lossAndGradients(batches[0])
    var draw = ModelExecutor.Draw(of: model)
    executor.noteDraw(&draw)
    executor.load(batches[1].inputs)
    let first = lossAndGradients(batches[1])
    executor.load(batches[2].inputs)
    let next = lossAndGradients(batches[2])
    let (before, passes) = (State(of: model), executor.passes)
    executor.load(batches[1].inputs, replaying: draw)
    #expect(lossAndGradients(batches[1]) == first)
    #expect(State(of: model).firstDifference(before) == nil)
    #expect(executor.passes == passes)
    // Loaded as a new batch it has other masks, and moves the statistics.
    executor.load(batches[1].inputs)
    #expect(lossAndGradients(batches[1]) != first)
    #expect(!State(of: model)["norm.running_mean"]!.isIdentical(to: before["norm.running_mean"]!))
    #expect(norm.batchesTracked == 4 && next != first)
  }

  @Test func imagesFitAFlatInput() throws {
    let model = try perceptron([784, 16, 10])
    let images = GradientCheck.values([5, 1, 28, 28], magnitudes: 0...1, seed: 1)
    let (executor, flat) = (ModelExecutor(for: model, batchSize: 5), ModelExecutor(for: model, batchSize: 5))
    executor.load(images)
    flat.load(images.reshaped(to: [5, 784]))
    #expect(bits(executor.output()) == bits(flat.output()))
    #expect(bits(model(images)) == bits(flat.output()))
    #expect(executor.output().shape == [5, 10])
  }

  /// A batch is measured once, where it is evaluated first; a replayed one is not, and executors that share measure
  /// together.
  @Test func batchesAreMeasuredOnce() throws {
    let model = try model()
    let executor = ModelExecutor(for: model, batchSize: 9)
    let metrics = MetricAccumulator([ConfusionMatrix()], outputs: model.outputShape.count)
    executor.metrics = metrics
    func examples() -> Int {
      guard let matrix = metrics.metrics[0] as? ConfusionMatrix else { return -1 }
      return (0..<matrix.classCount).reduce(0) { sum, label in
        (0..<matrix.classCount).reduce(sum) { $0 + matrix[label, $1] }
      }
    }
    let draw = ModelExecutor.Draw(of: model)
    executor.load(batch.inputs)
    #expect(examples() == 0)
    _ = executor.evaluate(loss, batch.targets)
    executor.invalidate(from: 0)
    _ = executor.evaluate(loss, batch.targets)
    #expect(examples() == 9)
    executor.load(batch.inputs, replaying: draw)
    _ = executor.evaluate(loss, batch.targets)
    #expect(examples() == 9)
    let smaller = ModelExecutor(sharing: executor, batchSize: 4)
    smaller.load(batch.inputs[rows: 0..<4])
    let before = executor.passes.forward
    _ = smaller.evaluate(loss, batch.targets[0..<4])
    #expect(examples() == 13)
    #expect(executor.passes == smaller.passes && executor.passes.forward > before)
  }
}

@Suite struct ModelExecutorTrapTests {
  @Test func backwardBeforeEvaluate() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let executor = ModelExecutor(for: try perceptron([3, 2]), batchSize: 2)
      executor.load(Tensor(zeros: [2, 3]))
      executor.backward(to: 0)
    }
    expectMessage(result, "evaluate the loss before going backward")
  }

  @Test func backwardAfterAChange() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let executor = ModelExecutor(for: try perceptron([3, 2]), batchSize: 2)
      executor.load(Tensor(zeros: [2, 3]))
      _ = executor.evaluate(SoftmaxCrossEntropy(), .classes([0, 1]))
      executor.invalidate(from: 0)
      executor.backward(to: 0)
    }
    expectMessage(result, "evaluate the loss before going backward")
  }

  @Test func backwardInInference() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let executor = ModelExecutor(for: try perceptron([3, 2]), batchSize: 2, mode: .inference)
      executor.load(Tensor(zeros: [2, 3]))
      _ = executor.evaluate(SoftmaxCrossEntropy(), .classes([0, 1]))
      executor.backward(to: 0)
    }
    expectMessage(result, "an inference executor holds no gradients")
  }

  @Test func evaluatingNoBatch() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let executor = ModelExecutor(for: try perceptron([3, 2]), batchSize: 2)
      _ = executor.output()
    }
    expectMessage(result, "no batch is loaded")
  }

  @Test func anotherNumberOfExamples() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      ModelExecutor(for: try perceptron([3, 2]), batchSize: 2).load(Tensor(zeros: [3, 3]))
    }
    expectMessage(result, "[2, 3]", "[3, 3]")
  }

  @Test func examplesOfAnotherSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      ModelExecutor(for: try perceptron([3, 2]), batchSize: 2).load(Tensor(zeros: [2, 4]))
    }
    expectMessage(result, "[2, 3]", "[2, 4]")
  }

  /// As many elements, but no batch axis of 2.
  @Test func examplesWithoutABatchAxis() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      ModelExecutor(for: try perceptron([3, 2]), batchSize: 2).load(Tensor(zeros: [6]))
    }
    expectMessage(result, "[2, 3]", "[6]")
  }

  @Test func samtThroughAnotherModelsExecutor() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let executor = ModelExecutor(for: try perceptron([3, 2]), batchSize: 2)
      let batch = randomBatch(2, inputs: 3, classes: 2, seed: 1)
      _ = try SAMTOptimizer(for: try perceptron([3, 2])).step(batch, in: executor, loss: SoftmaxCrossEntropy())
    }
    expectMessage(result, "another model")
  }
}
