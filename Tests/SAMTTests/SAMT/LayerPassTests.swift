import SAMT
import SAMTTestSupport
import Testing

/// How much work a step is, in layer passes.
@Suite struct LayerPassTests {
  private func passes(_ layers: Int, _ make: (Model) throws -> any TrainingAlgorithm) throws -> LayerPasses {
    let model = try perceptron([Int](repeating: 3, count: layers + 1), relu: false)
    let algorithm = try make(model)
    let executor = ModelExecutor(for: model, batchSize: 2)
    _ = algorithm.step(
      randomBatch(2, inputs: 3, classes: 3, seed: 1), in: executor, loss: SoftmaxCrossEntropy())
    #expect(algorithm.blockReports.allSatisfy { $0.metrics["rejections"] == 0 })
    return executor.passes
  }

  private func sweep(_ layers: Int, _ order: BlockOrder, _ blocks: BlockGrouping = .perLayer) throws -> LayerPasses {
    try passes(layers) { model in
      var configuration = SAMTOptimizer.Configuration()
      configuration.stepSizes = StepSizes(.scalar, initial: 1e-3)
      configuration.order = order
      configuration.blocks = blocks
      return try SAMTOptimizer(for: model, configuration)
    }
  }

  private func total(_ passes: LayerPasses) -> Int {
    passes.forward + passes.parameterGradient + passes.inputGradient
  }

  /// Counted by hand: the evaluation after a block's step is the one that the next block starts from.
  @Test(arguments: [(2, 5, 4, 2), (3, 9, 6, 5), (10, 65, 20, 54)])
  func anAscendingSweep(layers: Int, forward: Int, parameterGradient: Int, inputGradient: Int) throws {
    let expected = LayerPasses(forward: forward, parameterGradient: parameterGradient, inputGradient: inputGradient)
    #expect(try sweep(layers, .ascending) == expected)
  }

  @Test(arguments: [1, 2, 3, 5, 10]) func anAscendingSweepInAll(layers: Int) throws {
    #expect(total(try sweep(layers, .ascending)) == layers * layers + 4 * layers - 1)
  }

  /// Descending, the way down goes on to the next block, one layer further: L^2 + 4L - 1 as well, since the first
  /// gradient is at the top and costs nothing.
  @Test(arguments: [1, 2, 3, 5, 10]) func aDescendingSweep(layers: Int) throws {
    let passes = try sweep(layers, .descending)
    #expect(passes.forward == layers + layers * (layers + 1) / 2)
    #expect(passes.parameterGradient == 2 * layers)
    #expect(total(passes) == layers * layers + 4 * layers - 1)
  }

  @Test(arguments: [1, 2, 3, 10]) func oneGroupIsTwoBackpropagations(layers: Int) throws {
    let expected = LayerPasses(
      forward: 2 * layers, parameterGradient: 2 * layers, inputGradient: 2 * (layers - 1))
    #expect(try sweep(layers, .ascending, .oneGroup) == expected)
  }

  @Test(arguments: [1, 2, 3, 10]) func backpropagation(layers: Int) throws {
    let found = try passes(layers) { Backpropagation(try SGD($0.parameters, learningRate: 1e-3)) }
    #expect(found == LayerPasses(forward: layers, parameterGradient: layers, inputGradient: layers - 1))
  }

  /// One of two blocks: an evaluation, a way down to it, one more evaluation from it on and a way down.
  @Test func oneBlockPerBatch() throws {
    let found = try passes(2) { model in
      var configuration = SAMTOptimizer.Configuration()
      configuration.stepSizes = StepSizes(.scalar, initial: 1e-3)
      configuration.blocksPerBatch = 1
      return try SAMTOptimizer(for: model, configuration)
    }
    #expect(found == LayerPasses(forward: 4, parameterGradient: 2, inputGradient: 2))
  }
}
