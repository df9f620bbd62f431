import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct SAMTOptimizerTests {
  private func configuration(_ granularity: StepSizes.Granularity, eta0: Double) -> SAMTOptimizer.Configuration {
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(
      granularity, initial: eta0, projection: .logarithmicTanh(range: 1e-5...1e12), learningRate: 1e-2)
    return configuration
  }

  /// A loss that rises at every evaluation: no step may stay.
  @Test(arguments: StepSizes.Granularity.allCases, BlockOrder.allCases)
  func theGuardPutsOldBitsBack(_ granularity: StepSizes.Granularity, _ order: BlockOrder) throws {
    let (model, start) = (try perceptron([5, 6, 4, 3]), try perceptron([5, 6, 4, 3]))
    var configuration = configuration(granularity, eta0: 0.5)
    configuration.order = order
    let samt = try SAMTOptimizer(for: model, configuration)
    let executor = ModelExecutor(for: model, batchSize: 6)
    let loss = ScriptedLoss(values: (0..<6).map { 1 + 10 * Double($0) })
    _ = samt.step(randomBatch(6, inputs: 5, classes: 3, seed: 1), in: executor, loss: loss)
    #expect(firstDifference(model, start) == nil)
    #expect(samt.blockReports.map { $0.metrics["rejections"] } == [1, 1, 1])
    #expect(samt.blockReports.map(\.name) == ["linear1", "linear2", "linear3"])
    #expect(samt.parameterUpdates == 3)
  }

  @Test func withoutTheGuardSuchStepsStay() throws {
    let (model, start) = (try perceptron([5, 6, 4, 3]), try perceptron([5, 6, 4, 3]))
    var configuration = configuration(.scalar, eta0: 0.5)
    configuration.isGuarded = false
    let samt = try SAMTOptimizer(for: model, configuration)
    let executor = ModelExecutor(for: model, batchSize: 6)
    let loss = ScriptedLoss(values: (0..<6).map { 1 + 10 * Double($0) })
    _ = samt.step(randomBatch(6, inputs: 5, classes: 3, seed: 1), in: executor, loss: loss)
    #expect(firstDifference(model, start) != nil)
    #expect(samt.blockReports.allSatisfy { $0.metrics["rejections"] == 0 })
  }

  /// A batch with a NaN makes every loss NaN: all steps are taken back, and nothing is learned from it.
  @Test(arguments: StepSizes.Granularity.allCases) func aPoisonedBatchLeavesNoTrace(
    _ granularity: StepSizes.Granularity
  ) throws {
    let model = try perceptron([5, 6, 3], relu: false)
    let samt = try SAMTOptimizer(for: model, configuration(granularity, eta0: 0.1))
    let executor = ModelExecutor(for: model, batchSize: 6)
    let batch = randomBatch(6, inputs: 5, classes: 3, seed: 1)
    for _ in 0..<3 { _ = samt.step(batch, in: executor, loss: SoftmaxCrossEntropy()) }
    let before = (bits(model), samt.blocks.map { $0.eta.parameters })
    var poisoned = batch
    poisoned.inputs.withMutableSpan { $0[7] = .nan }
    let report = samt.step(poisoned, in: executor, loss: SoftmaxCrossEntropy())
    #expect(report.loss.isNaN)
    #expect(bits(model) == before.0)
    #expect(samt.blocks.map { $0.eta.parameters } == before.1)
    #expect(samt.blockReports.map { $0.metrics["rejections"] } == [1, 1])
    let after = samt.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    #expect(after.loss.isFinite)
    #expect(bits(model) != before.0)
    #expect(model.parameters.allSatisfy { $0.value.elements.allSatisfy { $0.isFinite } })
  }

  /// The new loss may exceed the old one by as much as that, or by 0.1 where that is more, and no further.
  @Test(arguments: [(1.0, 2.0, true), (1.0, 2.0001, false), (0.01, 0.11, true), (0.01, 0.1101, false)])
  func theGuardsLimit(before: Double, after: Double, stays: Bool) throws {
    let (model, start) = (try perceptron([3, 2]), try perceptron([3, 2]))
    let samt = try SAMTOptimizer(for: model, configuration(.scalar, eta0: 0.1))
    let executor = ModelExecutor(for: model, batchSize: 2)
    let loss = ScriptedLoss(values: [before, after])
    _ = samt.step(randomBatch(2, inputs: 3, classes: 2, seed: 1), in: executor, loss: loss)
    #expect((firstDifference(model, start) != nil) == stays)
    #expect(samt.blockReports.map { $0.metrics["rejections"] } == [stays ? 0 : 1])
  }

  @Test func reportsBeginAtEta0AndAHalf() throws {
    let model = try perceptron([5, 6, 3])
    for granularity in StepSizes.Granularity.allCases {
      let samt = try SAMTOptimizer(for: model, configuration(granularity, eta0: 0.25))
      #expect(samt.blockReports.map { $0.metrics["stepSize"] } == [0.25, 0.25], "\(granularity)")
      #expect(samt.blockReports.map { $0.metrics["gate"] } == [0.5, 0.5], "\(granularity)")
    }
  }

  @Test(arguments: [(BlockGrouping.perLayer, nil, 3), (.oneGroup, nil, 3), (.perLayer, 1, 1), (.perLayer, 2, 2)])
  func updatesAreCountedByBlock(_ blocks: BlockGrouping, _ blocksPerBatch: Int?, _ updates: Int) throws {
    let model = try perceptron([5, 6, 4, 3])
    var configuration = SAMTOptimizer.Configuration()
    configuration.blocks = blocks
    configuration.blocksPerBatch = blocksPerBatch
    let samt = try SAMTOptimizer(for: model, configuration)
    let executor = ModelExecutor(for: model, batchSize: 6)
    for _ in 0..<4 {
      _ = samt.step(randomBatch(6, inputs: 5, classes: 3, seed: 1), in: executor, loss: SoftmaxCrossEntropy())
    }
    #expect(samt.parameterUpdates == 4 * updates)
  }

  /// Steps that go downhill teach the eta model to go further, steps that overshoot to go less far.
  ///
  /// Four steps: where every step overshoots, rounding soon decides how the run goes on.
  @Test func stepSizesLearnTheirDirection() throws {
    for (eta0, grows) in [(0.01, true), (60.0, false)] {
      let model = try perceptron([4, 3])
      var configuration = SAMTOptimizer.Configuration()
      configuration.stepSizes = StepSizes(.scalar, initial: eta0, projection: .logarithmicTanh(range: 1e-4...1e3))
      configuration.isGuarded = false
      configuration.blocks = .oneGroup
      let samt = try SAMTOptimizer(for: model, configuration)
      let executor = ModelExecutor(for: model, batchSize: 12)
      let batch = randomBatch(12, inputs: 4, classes: 3, seed: 3)
      for _ in 0..<4 { _ = samt.step(batch, in: executor, loss: SoftmaxCrossEntropy()) }
      for report in samt.blockReports {
        #expect((report.metrics["stepSize"]! > eta0) == grows, "\(report)")
      }
    }
  }
}
