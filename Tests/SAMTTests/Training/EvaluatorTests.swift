import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct EvaluatorTests {
  private func model() throws -> Model {
    try Model(input: [2], seed: 6) {
      Linear(2, 8)
      Tanh()
      Dropout(0.5)
      Linear(8, 3)
    }
  }

  /// Argmax and logarithm by hand, row by row, in double.
  private func byHand(_ model: Model, _ data: Dataset) -> Evaluation {
    var (loss, correct) = (0.0, 0)
    let logits = Matrix(model(data.inputs))
    for i in 0..<data.count {
      let row = (0..<3).map { logits[i, $0] }
      let label = Int(data.labels[i])
      if row.firstIndex(of: row.max()!) == label { correct += 1 }
      loss += log(row.reduce(0) { $0 + exp($1) }) - row[label]
    }
    let count = Double(data.count)
    return Evaluation(loss: loss / count, metrics: ["accuracy": Double(correct) / count])
  }

  /// With whole batches, with a smaller last one, and with one batch larger than the data.
  @Test(arguments: [1, 7, 10, 50, 64, 256]) func equalsTheCountByHand(batchSize: Int) throws {
    let model = try model()
    let data = clouds(50, seed: 3)
    let expected = byHand(model, data)
    let evaluator = Evaluator(model, loss: SoftmaxCrossEntropy(), batchSize: batchSize)
    // Twice, as buffers are kept.
    for _ in 0..<2 {
      let found = try evaluator.evaluate(data)
      #expect(found.metrics == expected.metrics)
      #expect(abs(found.loss - expected.loss) <= 1e-6)
    }
    #expect(expected.metrics["accuracy"].map { $0 > 0 && $0 < 1 } == true)
  }

  @Test func seesTheParametersAsTheyAre() throws {
    let model = try model()
    let evaluator = Evaluator(model, loss: SoftmaxCrossEntropy(), batchSize: 16)
    let data = clouds(50, seed: 3)
    let before = try evaluator.evaluate(data)
    for parameter in model.parameters { Kernels.scale(&parameter.value, by: -1) }
    let after = try evaluator.evaluate(data)
    #expect(after != before)
    #expect(abs(after.loss - byHand(model, data).loss) <= 1e-6)
  }

  /// A loss that counts the batches it is asked for.
  private struct CountingLoss: Loss {
    /// Sendable because each rank has its own.
    final class Counter: @unchecked Sendable { var count = 0 }

    let counter = Counter()

    func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
      counter.count += 1
      return SoftmaxCrossEntropy().evaluate(predictions, targets: targets, gradient: &gradient)
    }
  }

  /// Batches for all ranks, for some of them, and a smaller last one.
  @Test(arguments: [1, 16, 50, 64, 100], [2, 3, 4]) func ranksShareTheBatches(count: Int, ranks: Int) throws {
    let data = clouds(count, seed: 3)
    let metrics: [any Metric] = [Accuracy(), TopKAccuracy(2), ConfusionMatrix()]
    let alone = try Evaluator(try model(), loss: SoftmaxCrossEntropy(), metrics: metrics, batchSize: 16).evaluate(data)
    let found = try ThreadCommunicator.run(ranks: ranks) { communicator in
      let loss = CountingLoss()
      let evaluator = Evaluator(
        try self.model(), loss: loss, metrics: metrics, batchSize: 16, communicator: communicator)
      return (try evaluator.evaluate(data), loss.counter.count)
    }
    let batches = (count + 15) / 16
    for (rank, (evaluation, evaluated)) in found.enumerated() {
      #expect(evaluation == alone, "rank \(rank)")
      #expect(evaluated == (batches + ranks - 1 - rank) / ranks, "rank \(rank)")
    }
  }

  @Test func noExamplesGiveNoNumbers() throws {
    let none = Dataset(inputs: Tensor(zeros: [0, 2]), labels: [], classCount: 3)
    let found = try Evaluator(try model(), loss: SoftmaxCrossEntropy()).evaluate(none)
    #expect(found.loss.isNaN && found["accuracy"]?.isNaN == true)
  }

  @Test func examplesThatDoNotFitAreTypedErrors() throws {
    let evaluator = Evaluator(try model(), loss: MeanSquaredError())
    let problem = "MeanSquaredError does not take the evaluated data's targets: expected values, found classes"
    #expect(throws: SAMTError.configuration(problem)) { try evaluator.evaluate(clouds(9, seed: 1)) }
    let wide = Dataset(inputs: Tensor(zeros: [9, 2]), values: Tensor(zeros: [9, 4]))
    #expect(
      throws: SAMTError.configuration(
        "MeanSquaredError does not take the evaluated data's targets: expected values of the model's output shape [3], "
          + "found 4 per example")
    ) { try evaluator.evaluate(wide) }
  }

  @Test func aBatchSizeOfZeroTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = Evaluator(try perceptron([2, 3]), loss: SoftmaxCrossEntropy(), batchSize: 0)
    }
  }
}
