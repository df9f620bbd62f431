import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// Metrics against scikit-learn's, from Golden/metrics.py, whatever the batches.
@Suite struct MetricTests {
  private static let examples = 23

  /// offset + scale sin(step i + phase), the formula from which the script too makes its inputs.
  private func wave(_ shape: Shape, _ step: Double, _ phase: Double, _ scale: Double, offset: Double = 0) -> Tensor {
    Tensor((0..<shape.count).map { Float(offset + scale * sin(step * Double($0) + phase)) }, shape: shape)
  }

  /// Values and details after all examples, in batches of `size`; a second time, so that the first must be forgotten.
  private func values(
    _ metrics: [any Metric], _ predictions: Tensor, _ targets: Targets, batches size: Int
  ) -> [String: Double] {
    let accumulator = MetricAccumulator(metrics, outputs: predictions.shape.elementsPerRow)
    for _ in 0..<2 {
      accumulator.reset()
      for start in stride(from: 0, to: targets.count, by: size) {
        let range = start..<min(start + size, targets.count)
        accumulator.add(predictions[rows: range], targets: targets[range])
      }
    }
    return accumulator.values
  }

  private func expect(_ found: [String: Double], _ expected: [String: Double], within tolerance: Double) {
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (name, value) in expected {
      #expect(abs((found[name] ?? .nan) - value) <= tolerance * max(abs(value), 1), "\(name): \(found), \(expected)")
    }
  }

  private var logits: Tensor { wave([Self.examples, 5], 0.9, 0.1, 2) }
  private var labels: [Int32] { (0..<Int32(Self.examples)).map { $0 * 7 % 4 } }

  @Test(arguments: [1, 4, 23, 50]) func ofClasses(batches: Int) {
    let metrics: [any Metric] = [Accuracy(), TopKAccuracy(2), TopKAccuracy(3), ConfusionMatrix()]
    let found = values(metrics, logits, .classes(labels[...]), batches: batches)
    // Counts are exact; a few quotients and a sum of five are rounded.
    expect(found, MetricGolden.classification, within: 1e-15)
  }

  @Test func ofConfusion() {
    let accumulator = MetricAccumulator([ConfusionMatrix(classNames: ["a", "b", "c", "d", "e"])], outputs: 5)
    accumulator.add(logits, targets: .classes(labels[...]))
    guard let matrix = accumulator.metrics[0] as? ConfusionMatrix else { return }
    #expect(matrix.classCount == 5)
    for label in 0..<5 {
      for predicted in 0..<5 { #expect(matrix[label, predicted] == MetricGolden.confusion[label * 5 + predicted]) }
    }
    #expect(matrix.details["recall.b"] == MetricGolden.classification["recall.1"])
  }

  @Test(arguments: [1, 4, 23]) func ofBinaryValues(batches: Int) {
    let predictions = wave([Self.examples, 3], 1.3, 0.2, 3)
    let targets = wave([Self.examples, 3], 0.8, 0.4, 1).elements.map { Float($0 > 0 ? 1 : 0) }
    let found = values(
      [BinaryAccuracy()], predictions, .values(Tensor(targets, shape: [Self.examples, 3])), batches: batches)
    expect(found, MetricGolden.binary, within: 0)
  }

  @Test(arguments: [0, 1e3, 1e6], [1, 4, 23]) func ofValues(offset: Double, batches: Int) throws {
    let targets = wave([Self.examples, 3], 0.7, 0.3, 1.5, offset: offset)
    let predictions = wave([Self.examples, 3], 0.71, 0.35, 1.4, offset: offset)
    let found = values(
      [MeanAbsoluteError(), RootMeanSquaredError(), R2Score()], predictions, .values(targets), batches: batches)
    // Sums of at most 69 terms in double; means around an offset are rounded relative to it.
    expect(found, try #require(MetricGolden.regression[offset]), within: 1e-14 * max(offset / 10, 1))
  }

  /// Sums of squares in double that are not taken around the mean would have no digit left.
  @Test func r2OfTargetsFarFromZero() {
    let targets = Tensor([1e7, 1e7 + 1, 1e7 + 2, 1e7 + 3], shape: [4, 1])
    let predictions = Tensor([1e7, 1e7 + 1, 1e7 + 2, 1e7 + 4], shape: [4, 1])
    #expect(abs((values([R2Score()], predictions, .values(targets), batches: 3)["r2"] ?? .nan) - 0.8) <= 1e-8)
  }

  @Test func edgesOfR2() {
    func r2(_ predictions: [Float], _ targets: [Float]) -> Double? {
      let shape: Shape = [targets.count, 1]
      return values(
        [R2Score()], Tensor(predictions, shape: shape), .values(Tensor(targets, shape: shape)), batches: 2)["r2"]
    }
    #expect(r2([1, 2], [1, 2]) == 1)
    #expect(r2([5, 5, 5], [5, 5, 5]) == 1)
    #expect(r2([5, 5, 6], [5, 5, 5]) == 0)
    #expect(r2([4, 4], [3, 5]) == 0)
    #expect(r2([1], [1])?.isNaN == true)
    #expect(r2([.nan, 1], [1, 2])?.isNaN == true)
  }

  @Test func nothingSeenIsNoNumber() {
    let metrics: [any Metric] = [
      Accuracy(), TopKAccuracy(2), ConfusionMatrix(), BinaryAccuracy(), MeanAbsoluteError(), RootMeanSquaredError(),
      R2Score(),
    ]
    for metric in metrics {
      var metric = metric
      metric.begin(outputs: 3)
      #expect(metric.value.isNaN && metric.details.isEmpty, "\(metric.name)")
    }
  }

  /// The first of equal predictions is the largest; a row with NaN is wrong.
  @Test func tiesAndNaN() {
    let logits = Tensor([1, 2, 0, /**/ 5, 5, 5, /**/ 0, 0, 1, /**/ .nan, 1, 0], shape: [4, 3])
    let metrics: [any Metric] = [Accuracy(), TopKAccuracy(1), TopKAccuracy(2), ConfusionMatrix()]
    let found = values(metrics, logits, .classes([1, 0, 0, 1]), batches: 4)
    #expect(found["accuracy"] == 0.5 && found["top1Accuracy"] == 0.5 && found["top2Accuracy"] == 0.75)
    #expect(found["recall.1"] == 0.5 && found["precision.1"] == 1 && found["precision.2"] == 0)
    #expect(values([Accuracy()], logits, .classes([0, 1, 2, 0]), batches: 4)["accuracy"] == 0.25)
  }

  @Test func ignoredLabelsDoNotCount() {
    let logits = Tensor([1, 2, /**/ 2, 1, /**/ 0, 1], shape: [3, 2])
    #expect(values([Accuracy(ignoredLabel: -100)], logits, .classes([1, -100, 0]), batches: 2)["accuracy"] == 0.5)
  }

  @Test func targetsThatDoNotFitAreNamed() {
    let (classes, values) = (Targets.classes([0, 3]), Targets.values(Tensor(zeros: [2, 3])))
    for metric: any Metric in [Accuracy(), TopKAccuracy(2), ConfusionMatrix()] {
      #expect(metric.problem(with: classes, outputShape: [4]) == nil)
      #expect(
        metric.problem(with: classes, outputShape: [3]) == "expected classes below the model's 3 outputs, found 3")
      #expect(metric.problem(with: values, outputShape: [3]) == "expected classes, found values")
    }
    for metric: any Metric in [BinaryAccuracy(), MeanAbsoluteError(), RootMeanSquaredError(), R2Score()] {
      #expect(metric.problem(with: values, outputShape: [3]) == nil)
      #expect(
        metric.problem(with: values, outputShape: [1])
          == "expected values of the model's output shape [1], found 3 per example")
      #expect(metric.problem(with: classes, outputShape: [3]) == "expected values, found classes")
    }
  }

  @Test func theFirstMetricDecides() {
    #expect(Criterion([R2Score(), MeanAbsoluteError()]) == Criterion(name: "r2", direction: .larger))
    #expect(Criterion([]) == .loss)
    let evaluation = Evaluation(loss: 2, metrics: ["r2": 0.5])
    #expect(Criterion.loss.value(of: evaluation) == 2 && Criterion([R2Score()]).value(of: evaluation) == 0.5)
    #expect(Criterion([Accuracy()]).value(of: evaluation).isNaN)
    #expect(MetricDirection.smaller.isBetter(1, than: 2) && !MetricDirection.smaller.isBetter(2, than: 2))
    #expect(MetricDirection.larger.isBetter(3, than: 2) && !MetricDirection.larger.isBetter(.nan, than: 2))
    #expect(MetricDirection.larger.isBetter(1, than: .nan) && !MetricDirection.larger.isBetter(.nan, than: .nan))
  }
}
