import SAMT
import SAMTTestSupport
import Testing

@Suite struct ActivationCacheTests {
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
    let cache = ActivationCache(for: model, batchSize: 9)
    cache.load(batch.inputs)
    return everything(cache)
  }

  private struct Everything: Equatable {
    var loss: UInt64
    var output, input: [UInt32]
    var gradients: [[UInt32]]
  }

  private func everything(_ cache: ActivationCache) -> Everything {
    for parameter in cache.model.parameters { Kernels.scale(&parameter.gradient, by: .nan) }
    let value = cache.evaluate(loss, batch.targets)
    for layer in cache.model.trainableLayers.reversed() { cache.backward(to: layer) }
    var input = Tensor([Float](repeating: .nan, count: 54), shape: [9, 6])
    cache.backward(intoInputs: &input)
    return Everything(
      loss: value.bitPattern, output: bits(cache.output()), input: bits(input), gradients: gradientBits(cache.model))
  }

  @Test func watermarksMove() throws {
    let cache = ActivationCache(for: try model(), batchSize: 9)
    #expect(cache.validOutputs == 0 && cache.validGradients == 7)
    cache.load(batch.inputs)
    #expect(cache.validOutputs == 0 && cache.validGradients == 7)
    _ = cache.output()
    #expect(cache.validOutputs == 7 && cache.validGradients == 7)
    _ = cache.evaluate(loss, batch.targets)
    #expect(cache.validOutputs == 7 && cache.validGradients == 6)
    cache.backward(to: 5)
    #expect(cache.validGradients == 5)
    cache.backward(to: 2)
    #expect(cache.validOutputs == 7 && cache.validGradients == 2)
    cache.invalidate(from: 4)
    #expect(cache.validOutputs == 4 && cache.validGradients == 7)
    cache.invalidate(from: 6)
    #expect(cache.validOutputs == 4)
    _ = cache.evaluate(loss, batch.targets)
    #expect(cache.validOutputs == 7 && cache.validGradients == 6)
    cache.load(batch.inputs)
    #expect(cache.validOutputs == 0 && cache.validGradients == 7)
    _ = cache.evaluate(loss, batch.targets)
    cache.unload()
    #expect(cache.validOutputs == 0 && cache.validGradients == 7)
  }

  /// The layers from the changed one on that have parameters, and no other.
  @Test(arguments: [(0, 4), (1, 3), (2, 3), (3, 2), (5, 2), (6, 1), (7, 0)])
  func onlyStaleLayersRun(from layer: Int, forward: Int) throws {
    let cache = ActivationCache(for: try model(), batchSize: 9)
    cache.load(batch.inputs)
    _ = cache.evaluate(loss, batch.targets)
    #expect(cache.passes == LayerPasses(forward: 4, parameterGradient: 0, inputGradient: 0))
    cache.invalidate(from: layer)
    _ = cache.evaluate(loss, batch.targets)
    _ = cache.evaluate(loss, batch.targets)
    #expect(cache.passes.forward == 4 + forward)
  }

  @Test(arguments: 0..<7) func partialEvaluationGivesTheBitsOfAFreshOne(layer: Int) throws {
    let model = try model()
    let cache = ActivationCache(for: model, batchSize: 9)
    cache.load(batch.inputs)
    let before = everything(cache)
    #expect(before == fresh(model))
    change(model, layer: layer)
    cache.invalidate(from: layer)
    let after = everything(cache)
    #expect(after == fresh(model))
    #expect((after == before) == model.layers[layer].parameters.isEmpty)
  }

  @Test func twoChangesAreBothSeen() throws {
    let model = try model()
    let cache = ActivationCache(for: model, batchSize: 9)
    cache.load(batch.inputs)
    _ = everything(cache)
    change(model, layer: 6)
    cache.invalidate(from: 6)
    change(model, layer: 2)
    cache.invalidate(from: 2)
    change(model, layer: 5)
    cache.invalidate(from: 5)
    #expect(everything(cache) == fresh(model))
  }

  /// Whatever layers are asked for on the way down, their gradients are those of the full way.
  @Test(arguments: [[0], [5], [6, 0], [5, 2], [6, 5, 2, 0], [2, 6], [0, 2, 5, 6]])
  func backwardResumes(_ order: [Int]) throws {
    let model = try model()
    _ = fresh(model)
    let full = model.layers.map { $0.parameters.map { bits($0.gradient) } }
    for parameter in model.parameters { Kernels.scale(&parameter.gradient, by: 0) }
    let untouched = model.layers.map { $0.parameters.map { bits($0.gradient) } }
    let cache = ActivationCache(for: model, batchSize: 9)
    cache.load(batch.inputs)
    _ = cache.evaluate(loss, batch.targets)
    for layer in order { cache.backward(to: layer) }
    for layer in model.trainableLayers {
      let found = model.layers[layer].parameters.map { bits($0.gradient) }
      #expect(found == (order.contains(layer) ? full : untouched)[layer], "layer \(layer)")
    }
    let lowest = order.min() ?? 7
    let carried = model.trainableLayers.count { $0 > lowest }
    let expected = LayerPasses(forward: 4, parameterGradient: order.count, inputGradient: carried)
    #expect(cache.passes == expected)
  }

  @Test func anotherBatchReplacesAllOfTheFirst() throws {
    let model = try model()
    let cache = ActivationCache(for: model, batchSize: 9)
    let other = randomBatch(9, inputs: 6, classes: 4, seed: 40)
    cache.load(other.inputs)
    _ = cache.evaluate(loss, other.targets)
    cache.backward(to: 0)
    cache.load(batch.inputs)
    #expect(everything(cache) == fresh(model))
  }

  /// A batch shares the data set's memory while it is loaded, and no longer.
  @Test func unloadingLetsGoOfTheBatch() throws {
    var data = clouds(8, seed: 1)
    let cache = ActivationCache(for: try perceptron([2, 3]), batchSize: 4)
    func address() -> UInt { data.inputs.withSpan { $0.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } } }
    var generator = Generator(seed: 1)
    let first = address()
    cache.load(data.batch(0..<4).inputs)
    cache.unload()
    data.shuffle(using: &generator)
    #expect(address() == first)
    cache.load(data.batch(0..<4).inputs)
    data.shuffle(using: &generator)
    #expect(address() != first)
  }

  @Test func imagesFitAFlatInput() throws {
    let model = try perceptron([784, 16, 10])
    let images = GradientCheck.values([5, 1, 28, 28], magnitudes: 0...1, seed: 1)
    let (cache, flat) = (ActivationCache(for: model, batchSize: 5), ActivationCache(for: model, batchSize: 5))
    cache.load(images)
    flat.load(images.reshaped(to: [5, 784]))
    #expect(bits(cache.output()) == bits(flat.output()))
    #expect(bits(model(images)) == bits(flat.output()))
    #expect(cache.output().shape == [5, 10])
  }

  @Test func countsWhatTheLossSees() throws {
    let model = try model()
    let cache = ActivationCache(for: model, batchSize: 9, mode: .inference)
    cache.load(batch.inputs)
    #expect(cache.countCorrect(loss, batch.targets) == loss.countCorrect(model(batch.inputs), targets: batch.targets))
    #expect(cache.countCorrect(MeanSquaredError(), batch.targets) == 0)
  }
}

@Suite struct ActivationCacheTrapTests {
  @Test func backwardBeforeEvaluate() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cache = ActivationCache(for: try perceptron([3, 2]), batchSize: 2)
      cache.load(Tensor(zeros: [2, 3]))
      cache.backward(to: 0)
    }
    expectMessage(result, "evaluate the loss before going backward")
  }

  @Test func backwardAfterAChange() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cache = ActivationCache(for: try perceptron([3, 2]), batchSize: 2)
      cache.load(Tensor(zeros: [2, 3]))
      _ = cache.evaluate(SoftmaxCrossEntropy(), .classes([0, 1]))
      cache.invalidate(from: 0)
      cache.backward(to: 0)
    }
    expectMessage(result, "evaluate the loss before going backward")
  }

  @Test func backwardInInference() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cache = ActivationCache(for: try perceptron([3, 2]), batchSize: 2, mode: .inference)
      cache.load(Tensor(zeros: [2, 3]))
      _ = cache.evaluate(SoftmaxCrossEntropy(), .classes([0, 1]))
      cache.backward(to: 0)
    }
    expectMessage(result, "an inference cache holds no gradients")
  }

  @Test func evaluatingNoBatch() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cache = ActivationCache(for: try perceptron([3, 2]), batchSize: 2)
      _ = cache.output()
    }
    expectMessage(result, "no batch is loaded")
  }

  @Test func anotherNumberOfExamples() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      ActivationCache(for: try perceptron([3, 2]), batchSize: 2).load(Tensor(zeros: [3, 3]))
    }
    expectMessage(result, "[2, 3]", "[3, 3]")
  }

  @Test func examplesOfAnotherSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      ActivationCache(for: try perceptron([3, 2]), batchSize: 2).load(Tensor(zeros: [2, 4]))
    }
    expectMessage(result, "[2, 3]", "[2, 4]")
  }

  /// As many elements, but no batch axis of 2.
  @Test func examplesWithoutABatchAxis() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      ActivationCache(for: try perceptron([3, 2]), batchSize: 2).load(Tensor(zeros: [6]))
    }
    expectMessage(result, "[2, 3]", "[6]")
  }

  @Test func samtThroughAnotherModelsCache() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cache = ActivationCache(for: try perceptron([3, 2]), batchSize: 2)
      let batch = randomBatch(2, inputs: 3, classes: 2, seed: 1)
      _ = try SAMTOptimizer(for: try perceptron([3, 2])).step(batch, in: cache, loss: SoftmaxCrossEntropy())
    }
    expectMessage(result, "another model")
  }
}
