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

  @Test(arguments: TrainingRule.all, Target.all) func everyRuleReachesEveryTarget(
    _ rule: TrainingRule, _ target: Target
  ) throws {
    let model = try perceptron(target.widths, seed: 2, relu: false)
    let algorithm = try rule.make(model)
    let evaluator = Evaluator(model, loss: SoftmaxCrossEntropy())
    let test = target.make(600, 77)
    let before = evaluator.evaluate(test)
    #expect(before.accuracy < 0.8)

    var training = target.make(960, 78)
    let executor = ModelExecutor(for: model, batchSize: 32)
    var generator = Generator(seed: 3)
    for _ in 0..<10 {
      executor.unload()
      training.shuffle(using: &generator)
      for start in stride(from: 0, to: training.count, by: 32) {
        _ = algorithm.step(training.batch(start..<start + 32), in: executor, loss: SoftmaxCrossEntropy())
      }
    }
    let after = evaluator.evaluate(test)
    #expect(after.accuracy >= target.accuracy, "\(after)")
    #expect(after.loss < before.loss / 2, "\(after)")
    let blocks = algorithm.blockReports
    #expect(blocks.allSatisfy { $0.stepSize.isFinite && $0.stepSize > 0 && $0.gate >= 0 && $0.gate <= 1 })
  }
}
