import SAMT
import SAMTTestSupport
import Testing

/// Partial evaluation and gradients where layers do not stand in one row.
@Suite struct ResidualCacheTests {
  private let loss = SoftmaxCrossEntropy()
  private let batch = randomBatch(9, inputs: 6, classes: 4, seed: 2)

  private func everything(_ cache: ActivationCache) -> [[UInt32]] {
    for parameter in cache.model.parameters { Kernels.scale(&parameter.gradient, by: .nan) }
    let value = cache.evaluate(loss, batch.targets)
    for layer in cache.model.trainableLayers.reversed() { cache.backward(to: layer) }
    var input = Tensor([Float](repeating: .nan, count: 54), shape: [9, 6])
    cache.backward(intoInputs: &input)
    return gradientBits(cache.model) + [bits(cache.output()), bits(input), [Float(value).bitPattern]]
  }

  private func fresh(_ model: Model) -> [[UInt32]] {
    let cache = ActivationCache(for: model, batchSize: 9)
    cache.load(batch.inputs)
    return everything(cache)
  }

  @Test func gradientsAreRight() throws {
    let model = try residualModel()
    let result = GradientCheck().check(model, loss: loss, batch: batch)
    #expect(result.passes(), "\(result)")
    #expect(result.tensors.count == 1 + model.parameters.count)
  }

  @Test(arguments: [BackwardFault.inputNegated, .inputScaled, .weightScaled, .lastParameterMissing])
  func aBrokenLayerIsCaught(_ fault: BackwardFault) throws {
    let result = GradientCheck().check(try residualModel(fault: fault), loss: loss, batch: batch)
    #expect(!result.passes(), "\(fault) passed: \(result)")
  }

  @Test func partialEvaluationGivesTheBitsOfAFreshOne() throws {
    let model = try residualModel()
    let cache = ActivationCache(for: model, batchSize: 9)
    cache.load(batch.inputs)
    var before = everything(cache)
    #expect(before == fresh(model))
    for layer in model.layers.indices {
      for parameter in model.layers[layer].parameters { Kernels.scale(&parameter.value, by: 0.9) }
      cache.invalidate(from: layer)
      let after = everything(cache)
      #expect(after == fresh(model), "\(model.layerNames[layer])")
      #expect((after == before) == model.layers[layer].parameters.isEmpty)
      before = after
    }
  }

  /// Whatever layers are asked for on the way down, their gradients are those of the full way.
  @Test(arguments: [[0], [5, 0], [14, 9, 5, 4], [4, 14], [9, 12, 2]])
  func backwardResumes(_ order: [Int]) throws {
    let model = try residualModel()
    let trainable = order.filter { model.trainableLayers.contains($0) }
    #expect(!trainable.isEmpty)
    _ = fresh(model)
    let full = model.layers.map { $0.parameters.map { bits($0.gradient) } }
    for parameter in model.parameters { Kernels.scale(&parameter.gradient, by: .nan) }
    let cache = ActivationCache(for: model, batchSize: 9)
    cache.load(batch.inputs)
    _ = cache.evaluate(loss, batch.targets)
    for layer in order { cache.backward(to: layer) }
    for layer in trainable {
      #expect(model.layers[layer].parameters.map { bits($0.gradient) } == full[layer], "layer \(layer)")
    }
  }

  /// Watermarks count layers, and a layer behind a sum is as stale as the sum.
  @Test func watermarksCountLayers() throws {
    let model = try residualModel()
    let count = model.layers.count
    let cache = ActivationCache(for: model, batchSize: 9)
    #expect(cache.validOutputs == 0 && cache.validGradients == count)
    cache.load(batch.inputs)
    _ = cache.evaluate(loss, batch.targets)
    #expect(cache.validOutputs == count && cache.validGradients == count - 1)
    for layer in model.layers.indices.reversed() {
      cache.backward(to: layer)
      #expect(cache.validGradients == layer)
    }
    for layer in model.layers.indices.reversed() {
      cache.invalidate(from: layer)
      #expect(cache.validOutputs == layer && cache.validGradients == count)
    }
  }

  /// Each layer with parameters once each way, but for the two that read the batch, which go nowhere.
  @Test func backpropagationRunsEachLayerOnce() throws {
    let model = try residualModel()
    let cache = ActivationCache(for: model, batchSize: 9)
    let algorithm = Backpropagation(try SGD(model.parameters, learningRate: 0.1))
    _ = algorithm.step(batch, in: cache, loss: loss)
    let layers = model.trainableLayers.count
    #expect(cache.passes == LayerPasses(forward: layers, parameterGradient: layers, inputGradient: layers - 1))
  }

  /// Inference goes through fewer buffers, to the same bits, again and again.
  @Test func inferenceReusesBuffers() throws {
    let model = try residualModel()
    let training = ActivationCache(for: model, batchSize: 9)
    let inference = ActivationCache(for: model, batchSize: 9, mode: .inference)
    for seed in 1...3 {
      let inputs = GradientCheck.values([9, 6], seed: UInt64(seed))
      training.load(inputs)
      inference.load(inputs)
      #expect(bits(inference.output()) == bits(training.output()))
      #expect(inference.evaluate(loss, batch.targets) == training.evaluate(loss, batch.targets))
      inference.invalidate(from: 5)
      #expect(bits(inference.output()) == bits(training.output()))
    }
  }
}
