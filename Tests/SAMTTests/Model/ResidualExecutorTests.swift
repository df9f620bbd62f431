import SAMT
import SAMTTestSupport
import Testing

/// Partial evaluation and gradients where layers do not stand in one row.
@Suite struct ResidualExecutorTests {
  private let loss = SoftmaxCrossEntropy()
  private let batch = randomBatch(9, inputs: 6, classes: 4, seed: 2)

  private func everything(_ executor: ModelExecutor) -> [[UInt32]] {
    for parameter in executor.model.parameters { Kernels.scale(&parameter.gradient, by: .nan) }
    let value = executor.evaluate(loss, batch.targets)
    for layer in executor.model.trainableLayers.reversed() { executor.backward(to: layer) }
    var input = Tensor([Float](repeating: .nan, count: 54), shape: [9, 6])
    executor.inputGradient(into: &input)
    return gradientBits(executor.model) + [bits(executor.output()), bits(input), [Float(value).bitPattern]]
  }

  private func fresh(_ model: Model) -> [[UInt32]] {
    let executor = ModelExecutor(for: model, batchSize: 9)
    executor.load(batch.inputs)
    return everything(executor)
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
    let executor = ModelExecutor(for: model, batchSize: 9)
    executor.load(batch.inputs)
    var before = everything(executor)
    #expect(before == fresh(model))
    for layer in model.layers.indices {
      for parameter in model.layers[layer].parameters { Kernels.scale(&parameter.value, by: 0.9) }
      executor.invalidate(from: layer)
      let after = everything(executor)
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
    let executor = ModelExecutor(for: model, batchSize: 9)
    executor.load(batch.inputs)
    _ = executor.evaluate(loss, batch.targets)
    for layer in order { executor.backward(to: layer) }
    for layer in trainable {
      #expect(model.layers[layer].parameters.map { bits($0.gradient) } == full[layer], "layer \(layer)")
    }
  }

  /// Watermarks count layers, and a layer behind a sum is as stale as the sum.
  @Test func watermarksCountLayers() throws {
    let model = try residualModel()
    let count = model.layers.count
    let executor = ModelExecutor(for: model, batchSize: 9)
    #expect(executor.validOutputs == 0 && executor.validGradients == count)
    executor.load(batch.inputs)
    _ = executor.evaluate(loss, batch.targets)
    #expect(executor.validOutputs == count && executor.validGradients == count - 1)
    for layer in model.layers.indices.reversed() {
      executor.backward(to: layer)
      #expect(executor.validGradients == layer)
    }
    for layer in model.layers.indices.reversed() {
      executor.invalidate(from: layer)
      #expect(executor.validOutputs == layer && executor.validGradients == count)
    }
  }

  /// Each layer with parameters once each way, but for the two that read the batch, which go nowhere.
  @Test func backpropagationRunsEachLayerOnce() throws {
    let model = try residualModel()
    let executor = ModelExecutor(for: model, batchSize: 9)
    let algorithm = Backpropagation(try SGD(model.parameters, learningRate: 0.1))
    _ = algorithm.step(batch, in: executor, loss: loss)
    let layers = model.trainableLayers.count
    #expect(executor.passes == LayerPasses(forward: layers, parameterGradient: layers, inputGradient: layers - 1))
  }

  /// A ReLU behind a sum is made with the sum where nothing else reads it; a leaky one of slope 0 is the same function,
  /// made by itself.
  @Test func aReLUBehindASumIsThatFunction() throws {
    func model(_ rectifier: () -> any Layer) throws -> Model {
      try Model(input: [6], seed: 4) {
        Residual("plain") { Linear(6, 6) }
        rectifier()
        Residual("read twice") { Linear(6, 6) }
        Residual("inner") {
          rectifier()
          Linear(6, 6)
        }
        rectifier()
        Linear(6, 4)
        Residual("last") { Linear(4, 4) }
        rectifier()
      }
    }
    let models = [try model { ReLU() }, try model { LeakyReLU(slope: 0) }]
    func values(_ mode: Mode) -> [[[Float]]] {
      models.map { model in
        let executor = ModelExecutor(for: model, batchSize: 9, mode: mode)
        executor.load(batch.inputs)
        let value = executor.evaluate(loss, batch.targets)
        guard mode == .training else { return [executor.output().elements, [Float(value)]] }
        for layer in model.trainableLayers.reversed() { executor.backward(to: layer) }
        var input = Tensor(zeros: [9, 6])
        executor.inputGradient(into: &input)
        let gradients = model.parameters.map(\.gradient.elements)
        // Once more from every layer on: the sum's buffer is the ReLU's.
        for layer in model.layers.indices {
          executor.invalidate(from: layer)
          #expect(executor.evaluate(loss, batch.targets) == value)
        }
        return gradients + [executor.output().elements, input.elements, [Float(value)]]
      }
    }
    let training = values(.training), inference = values(.inference)
    #expect(training[0] == training[1])
    #expect(inference[0] == inference[1])
    #expect(training[0].joined().contains { $0 != 0 })
  }

  /// Inference goes through fewer buffers, to the same bits, again and again.
  @Test func inferenceReusesBuffers() throws {
    let model = try residualModel()
    let training = ModelExecutor(for: model, batchSize: 9)
    let inference = ModelExecutor(for: model, batchSize: 9, mode: .inference)
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
