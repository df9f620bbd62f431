import SAMT
import SAMTTestSupport
import Testing

/// Every rule learns every small problem: the right update, by itself, is tested elsewhere.
@Suite struct ConvergenceTests {
  struct Target: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let widths: [Int]
    let make: @Sendable (Int, UInt64) -> Dataset
    /// What a perfect rule would reach, less what three hundred steps leave.
    let accuracy: Double

    static let all = [
      Target(testDescription: "clouds", widths: [2, 12, 3], make: clouds, accuracy: 0.97),
      Target(testDescription: "rings", widths: [2, 24, 2], make: rings, accuracy: 0.97),
    ]
  }

  /// Step sizes are positive and finite, gates, where there are any, between 0 and 1.
  private func isSane(_ metrics: [String: Double]) -> Bool {
    guard let stepSize = metrics["stepSize"] else { return false }
    return stepSize.isFinite && stepSize > 0 && (0...1).contains(metrics["gate"] ?? 0)
  }

  @Test(arguments: TrainingRule.all, Target.all) func everyRuleReachesEveryTarget(
    _ rule: TrainingRule, _ target: Target
  ) throws {
    let model = try perceptron(target.widths, seed: 2, relu: false)
    let algorithm = try rule.make(model)
    let evaluator = Evaluator(model, loss: SoftmaxCrossEntropy())
    let test = target.make(600, 77)
    let before = try evaluator.evaluate(test)
    #expect(try #require(before["accuracy"]) < 0.8)

    let executor = ModelExecutor(for: model, batchSize: 32)
    let pipeline = try BatchPipeline(for: target.make(960, 78), batchSize: 32, seed: 3)
    for epoch in 1...10 {
      pipeline.forEachBatch(epoch: epoch) { batch in
        _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
        return true
      }
    }
    var after = before
    try algorithm.withEvaluationWeights { () throws(SAMTError) in after = try evaluator.evaluate(test) }
    #expect(try #require(after["accuracy"]) >= target.accuracy, "\(after)")
    #expect(after.loss < before.loss / 2, "\(after)")
    let blocks = algorithm.blockReports
    #expect(blocks.allSatisfy { isSane($0.metrics) })
  }
}
