import SAMT
import SAMTTestSupport
import Testing

/// The whole house at work: built-in digits, a small network, a few epochs, a stated accuracy.
@Suite struct DigitsTrainingTests {
  private static let data = Dataset.digits(training: 4000, test: 1000, seed: 1)

  // Measured 0.88 to 0.91 at the end; three times the binomial error of a thousand examples is 0.03. A network this
  // small, trained this long, cannot know much more: 0.96 would say that it has seen the test set.
  @Test(arguments: [
    TrainingRule("Adam") { Backpropagation(try Adam($0.parameters, learningRate: 2e-3)) },
    TrainingRule("SAMT") { try SAMTOptimizer(for: $0) },
  ])
  func reachesItsAccuracyAndNoMore(_ rule: TrainingRule) throws {
    let model = try perceptron([784, 48, 10], seed: 3)
    let untrained = try Evaluator(model, loss: SoftmaxCrossEntropy()).evaluate(DigitsTrainingTests.data.test)
    #expect(try #require(untrained["accuracy"]) < 0.3)
    var configuration = Trainer.Configuration()
    configuration.epochs = 6
    configuration.batchSize = 50
    let trainer = try Trainer(model: model, algorithm: try rule.make(model), configuration: configuration)
    let reports = try trainer.fit(DigitsTrainingTests.data.training, test: DigitsTrainingTests.data.test)
    let (first, last) = (try #require(reports.first), try #require(reports.last))
    let accuracy = try #require(last.test?["accuracy"])
    #expect(accuracy >= 0.85 && accuracy <= 0.96, "\(last)")
    #expect(accuracy > (try #require(first.test?["accuracy"])))
    #expect(last.training.loss < first.training.loss / 2)
  }
}
