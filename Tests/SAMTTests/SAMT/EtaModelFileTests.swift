import SAMTTestSupport
import Testing

@testable import SAMT

/// Eta models that one training learned begin another.
@Suite struct EtaModelFileTests {
  private func samt(
    _ granularity: StepSizes.Granularity, _ model: Model, isGated: Bool = true, learningRate: Double = 1e-2
  ) throws -> SAMTOptimizer {
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(granularity, initial: 0.1, isGated: isGated, learningRate: learningRate)
    return try SAMTOptimizer(for: model, configuration)
  }

  /// Trains 2-12-3 and writes its checkpoint; returns the optimizer.
  private func train(_ granularity: StepSizes.Granularity, to path: String) throws -> SAMTOptimizer {
    let model = try perceptron([2, 12, 3])
    let algorithm = try samt(granularity, model)
    var configuration = Trainer.Configuration()
    configuration.epochs = 1
    configuration.batchSize = 10
    let trainer = try Trainer(model: model, algorithm: algorithm, configuration: configuration)
    try trainer.fit(clouds(60, seed: 1))
    try trainer.checkpoint(to: path)
    return algorithm
  }

  private func etaState(_ optimizer: SAMTOptimizer) -> [[Double]] { optimizer.blocks.map(\.eta.parameters) }

  @Test(arguments: StepSizes.Granularity.allCases)
  func learnedEtaModelsGoOn(_ granularity: StepSizes.Granularity) throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("c.safetensors").path
      let learned = try train(granularity, to: path)
      // One step size per block fits layers of any size.
      let model = try perceptron(granularity == .scalar ? [5, 40, 4] : [2, 12, 3], seed: 9)
      let untouched = bits(model)
      let fresh = try samt(granularity, model)
      #expect(etaState(fresh) != etaState(learned))
      try fresh.loadEtaModels(from: path)
      #expect(etaState(fresh) == etaState(learned))
      #expect(bits(model) == untouched && fresh.parameterUpdates == 0)
    }
  }

  @Test(arguments: [0, 1e-2]) func atALearningRateOfZeroTheyStay(learningRate: Double) throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("c.safetensors").path
      let learned = try train(.row, to: path)
      let model = try perceptron([2, 12, 3], seed: 9)
      let algorithm = try samt(.row, model, learningRate: learningRate)
      try algorithm.loadEtaModels(from: path)
      let executor = ModelExecutor(for: model, batchSize: 6)
      _ = algorithm.step(
        randomBatch(6, inputs: 2, classes: 3, seed: 1), in: executor, loss: SoftmaxCrossEntropy())
      #expect((etaState(algorithm) == etaState(learned)) == (learningRate == 0))
      // Not at eta0, where a fresh model would be.
      #expect(algorithm.blockReports.allSatisfy { $0.metrics["stepSize"] != 0.1 })
    }
  }

  @Test func whatDoesNotFitIsSaidAndChangesNothing() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("c.safetensors").path
      _ = try train(.row, to: path)
      func reason(_ granularity: StepSizes.Granularity, _ widths: [Int], isGated: Bool = true) throws -> String {
        let algorithm = try samt(granularity, try perceptron(widths), isGated: isGated)
        let before = State(of: algorithm)
        let error = #expect(throws: SAMTError.self) { try algorithm.loadEtaModels(from: path) }
        #expect(before.firstDifference(State(of: algorithm)) == nil)
        return error.map { "\($0)" } ?? ""
      }
      // 16 (5 + 1) + 2 outputs (16 + 1) numbers: 96 + 34 rows.
      #expect(
        try reason(.row, [2, 13, 3]).contains("linear1.eta.parameters: expected 538 doubles, found 504 doubles"))
      #expect(try reason(.scalar, [2, 12, 3]).contains("linear2.eta.parameters: expected 130 doubles"))
      #expect(try reason(.row, [2, 12, 3, 3]).contains("missing: linear3.eta.parameters, 198 doubles"))
      #expect(try reason(.row, [2, 12]).contains("unexpected: linear2.eta.parameters"))
      #expect(try reason(.row, [2, 12, 3], isGated: false).contains("unexpected: linear1.eta.p"))
      try perceptron([2, 12, 3]).save(to: path)
      #expect(try reason(.row, [2, 12, 3]).contains("expected the checkpoint of a training"))
    }
  }
}
