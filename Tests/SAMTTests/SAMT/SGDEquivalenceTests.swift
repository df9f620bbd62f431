import SAMTTestSupport
import Testing

@testable import SAMT

/// With the eta model's learning rate 0 and all layers in one group, SAMT is SGD with step eta0.
@Suite struct SGDEquivalenceTests {
  private func expectSGD(_ etaCase: EtaCase, eta0: Double, schedule: Schedule) throws {
    let (model, twin) = (try perceptron([9, 13, 8, 4]), try perceptron([9, 13, 8, 4]))
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = etaCase.stepSizes(initial: eta0, learningRate: 0)
    configuration.blocks = .oneGroup
    configuration.isGuarded = false
    configuration.schedule = schedule
    let samt = try SAMTOptimizer(for: model, configuration)
    let sgd = Backpropagation(try SGD(twin.parameters, learningRate: Float(eta0)), schedule: schedule)
    let executor = ModelExecutor(for: model, batchSize: 16), twinExecutor = ModelExecutor(for: twin, batchSize: 16)
    let start = try perceptron([9, 13, 8, 4])
    for step in 0..<20 {
      let batch = randomBatch(16, inputs: 9, classes: 4, seed: UInt64(step))
      let ours = samt.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      let theirs = sgd.step(batch, in: twinExecutor, loss: SoftmaxCrossEntropy())
      #expect(ours.loss.bitPattern == theirs.loss.bitPattern, "step \(step)")
      try #require(firstDifference(model, twin) == nil, "step \(step)")
    }
    #expect(firstDifference(model, start) != nil)
  }

  @Test(arguments: EtaCase.all) func frozenStepSizesAreSGD(_ etaCase: EtaCase) throws {
    try expectSGD(etaCase, eta0: 0.3, schedule: .constant)
  }

  /// At 0.5 the schedule's factor times the step size is exact in both.
  @Test(arguments: EtaCase.all) func frozenStepSizesUnderAScheduleAreSGD(_ etaCase: EtaCase) throws {
    try expectSGD(etaCase, eta0: 0.5, schedule: .warmUp(steps: 4, then: .cosine(over: 15)))
  }

  /// The first step of an eta model that learns is at eta0 too, to the last bit: what it learned comes afterwards.
  @Test(arguments: EtaCase.all, [1e-4, 0.3, 0.9]) func theFirstStepIsEta0(_ etaCase: EtaCase, eta0: Double) throws {
    let (model, twin) = (try perceptron([5, 6, 3]), try perceptron([5, 6, 3]))
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = etaCase.stepSizes(initial: eta0, learningRate: 1e-2)
    configuration.blocks = .oneGroup
    configuration.isGuarded = false
    let samt = try SAMTOptimizer(for: model, configuration)
    let sgd = Backpropagation(try SGD(twin.parameters, learningRate: Float(eta0)))
    let executor = ModelExecutor(for: model, batchSize: 8), twinExecutor = ModelExecutor(for: twin, batchSize: 8)
    for (step, isSame) in [true, false].enumerated() {
      let batch = randomBatch(8, inputs: 5, classes: 3, seed: UInt64(step))
      _ = samt.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      _ = sgd.step(batch, in: twinExecutor, loss: SoftmaxCrossEntropy())
      #expect((firstDifference(model, twin) == nil) == isSame, "step \(step)")
    }
    for report in samt.blockReports { #expect(etaCase.isGated == (report.metrics["gate"]! > 0)) }
  }
}
