import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// Losses and their gradients against PyTorch's, from Golden/losses.py.
@Suite struct LossGoldenTests {
  /// scale sin(step i + phase), the formula from which the script too makes its inputs.
  private static func wave(_ step: Double, _ phase: Double, _ scale: Double) -> Tensor {
    Tensor((0..<35).map { Float(scale * sin(step * Double($0) + phase)) }, shape: [7, 5])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable () throws -> any Loss
    let targets: Targets
    var scale = 2.0

    init(
      _ name: String, _ targets: Targets, scale: Double = 2, _ make: @escaping @Sendable () throws -> any Loss
    ) {
      (testDescription, self.targets, self.scale, self.make) = (name, targets, scale, make)
    }
  }

  private static let labels = (0..<7).map { Int32($0 * 3 % 5) }
  private static let classes = Targets.classes(labels[...])
  private static let someIgnored = Targets.classes((0..<7).map { $0 % 3 == 1 ? -100 : labels[$0] }[...])
  private static let weights: [Float] = [0.5, 2, 0, 1.25, 3]
  private static let values = Targets.values(wave(0.7, 0.3, 1.5))
  /// Exact: the sum of a half and a number of float that is below a half is one of float, but for its last bit.
  private static let probabilities = Targets.values(
    Tensor(wave(0.7, 0.3, 0.5).elements.map { Float(Double($0) + 0.5) }, shape: [7, 5]))
  private static let truths = Targets.values(
    Tensor(wave(0.7, 0.3, 1).elements.map { $0 > 0 ? 1 : 0 }, shape: [7, 5]))

  static let cases = [
    Case("cross-entropy", classes) { SoftmaxCrossEntropy() },
    Case("cross-entropy, large logits", classes, scale: 80) { SoftmaxCrossEntropy() },
    Case("smoothed", classes) { try SoftmaxCrossEntropy(labelSmoothing: 0.1) },
    Case("smoothed, large logits", classes, scale: 80) { try SoftmaxCrossEntropy(labelSmoothing: 0.1) },
    Case("smoothed to nothing", classes) { try SoftmaxCrossEntropy(labelSmoothing: 1) },
    Case("weighted", classes) { try SoftmaxCrossEntropy(classWeights: weights) },
    Case("ignored", someIgnored) { try SoftmaxCrossEntropy(ignoredLabel: -100) },
    Case("smoothed, weighted, ignored", someIgnored) {
      try SoftmaxCrossEntropy(labelSmoothing: 0.3, classWeights: weights, ignoredLabel: -100)
    },
    Case("squared error", values) { MeanSquaredError() },
    Case("Huber", values) { try HuberLoss() },
    Case("Huber, small delta", values) { try HuberLoss(delta: 0.3) },
    Case("binary", probabilities) { BinaryCrossEntropy() },
    Case("binary, large logits", truths, scale: 200) { BinaryCrossEntropy() },
  ]

  @Test func everyGoldenCaseIsTested() {
    #expect(Set(Self.cases.map(\.testDescription)) == Set(LossGolden.results.keys))
  }

  @Test(arguments: cases) func valueAndGradient(_ lossCase: Case) throws {
    let expected = try #require(LossGolden.results[lossCase.testDescription])
    let predictions = Self.wave(0.9, 0.1, lossCase.scale)
    let loss = try lossCase.make()
    #expect(loss.problem(with: lossCase.targets, outputShape: [5]) == nil)
    var gradient = Tensor([Float](repeating: .nan, count: 35), shape: [7, 5])
    let value = loss.evaluate(predictions, targets: lossCase.targets, gradient: &gradient)
    // Exponents up to 160 are rounded to 160 half ulps; targets and a few operations add less than forty.
    let bound = 0x1p-24 * 200
    #expect(abs(value - expected[0]) <= bound * max(expected[0], 1))
    let largest = expected.dropFirst().map { abs($0) }.max() ?? 0
    for (found, wanted) in zip(gradient.elements, expected.dropFirst()) {
      #expect(abs(Double(found) - wanted) <= bound * largest, "\(found), \(wanted)")
    }
    #expect(expected.count == 36)
  }

  private func isClose(_ found: Double, _ wanted: Double) -> Bool {
    if wanted.isNaN { return found.isNaN }
    // PyTorch loses what is below an ulp of 1.
    return found == wanted || abs(found - wanted) <= 0x1p-23 * abs(wanted) + 0x1p-52
  }

  @Test func binaryLogitsOfAnySize() throws {
    let logits: [Float] = [0, 1e-30, 50, -50, 3e38, -3e38, .nan]
    var edges: [(logit: Float, target: Float)] = []
    for logit in logits { for target: Float in [0, 0.25, 1] { edges.append((logit, target)) } }
    try #require(edges.count == LossGolden.binaryEdges.count)
    for ((logit, target), expected) in zip(edges, LossGolden.binaryEdges) {
      var gradient = Tensor(zeros: [1, 1])
      let value = BinaryCrossEntropy().evaluate(
        Tensor([logit], shape: [1, 1]), targets: .values(Tensor([target], shape: [1, 1])), gradient: &gradient)
      #expect(isClose(value, expected[0]), "\(logit), \(target): \(value), expected \(expected)")
      #expect(isClose(Double(gradient.elements[0]), expected[1]), "\(logit), \(target): \(gradient.elements)")
    }
  }

  /// What is infinitely wrong costs infinitely much; what is infinitely right is 0 times infinity.
  @Test(arguments: [Float(1), -1]) func infiniteBinaryLogits(sign: Float) {
    func evaluate(_ target: Float) -> (value: Double, slope: Float) {
      var gradient = Tensor(zeros: [1, 1])
      let value = BinaryCrossEntropy().evaluate(
        Tensor([sign * .infinity], shape: [1, 1]), targets: .values(Tensor([target], shape: [1, 1])),
        gradient: &gradient)
      return (value, gradient.elements[0])
    }
    let (wrong, right): (Float, Float) = sign > 0 ? (0, 1) : (1, 0)
    #expect(evaluate(wrong) == (.infinity, sign))
    #expect(evaluate(0.5) == (.infinity, sign / 2))
    #expect(evaluate(right).value.isNaN && evaluate(right).slope == 0)
  }

  @Test(arguments: cases) func gradientCheck(_ lossCase: Case) throws {
    // A smooth region: small errors against large deltas, and logits of order one.
    guard lossCase.scale == 2, !lossCase.testDescription.hasPrefix("Huber") else { return }
    let (loss, predictions) = (try lossCase.make(), Self.wave(0.9, 0.1, 2))
    let result = GradientCheck().check(loss, predictions: predictions, targets: lossCase.targets)
    #expect(result.passes(), "\(result)")
    for fault in LossFault.allCases {
      let broken = GradientCheck().check(
        BrokenLoss(base: loss, fault: fault), predictions: predictions, targets: lossCase.targets)
      #expect(!broken.passes(), "\(fault) passed: \(broken)")
    }
  }

  /// Away from where squares become lines.
  @Test func huberGradientCheck() throws {
    let predictions = GradientCheck.values([4, 5], magnitudes: 0...0.5, seed: 5)
    let loss = try HuberLoss(delta: 1)
    for distance: Float in [0, 3] {
      let values = Tensor(predictions.elements.map { $0 * 0.5 - distance }, shape: [4, 5])
      let result = GradientCheck().check(loss, predictions: predictions, targets: .values(values))
      #expect(result.passes(), "\(result)")
      let broken = GradientCheck().check(
        BrokenLoss(base: loss, fault: .scaled), predictions: predictions, targets: .values(values))
      #expect(!broken.passes(), "\(broken)")
    }
  }
}

@Suite struct LossSettingsTests {
  @Test func settingsOutOfRangeAreTypedErrors() {
    #expect(throws: SAMTError.configuration("the label smoothing must be in 0 ... 1, found 1.5")) {
      try SoftmaxCrossEntropy(labelSmoothing: 1.5)
    }
    #expect(throws: SAMTError.configuration("class weights must be finite and not negative, found -1.0")) {
      try SoftmaxCrossEntropy(classWeights: [1, -1])
    }
    #expect(throws: SAMTError.configuration("a class must have a weight above 0, found none")) {
      try SoftmaxCrossEntropy(classWeights: [0, 0])
    }
    #expect(throws: SAMTError.configuration("the delta of Huber's loss must be positive and finite, found 0.0")) {
      try HuberLoss(delta: 0)
    }
  }

  @Test func targetsThatDoNotFitAreNamed() throws {
    let weighted = try SoftmaxCrossEntropy(classWeights: [1, 2])
    #expect(
      weighted.problem(with: .classes([0, 1]), outputShape: [3])
        == "expected 3 class weights, one for each output, found 2")
    let ignoring = try SoftmaxCrossEntropy(ignoredLabel: 255)
    #expect(ignoring.problem(with: .classes([0, 255]), outputShape: [3]) == nil)
    #expect(
      ignoring.problem(with: .classes([0, 254]), outputShape: [3])
        == "expected classes below the model's 3 outputs, found 254")
    #expect(
      BinaryCrossEntropy().problem(with: .values(Tensor([0, 1.5], shape: [2, 1])), outputShape: [1])
        == "expected values in 0 ... 1, found 1.5")
  }

  /// Nothing to learn from: no loss, no gradient, no weight.
  @Test func aBatchThatIsLeftOutCostsNothing() throws {
    let loss = try SoftmaxCrossEntropy(labelSmoothing: 0.1, ignoredLabel: 1)
    var gradient = Tensor([Float](repeating: .nan, count: 6), shape: [2, 3])
    #expect(loss.evaluate(Tensor(zeros: [2, 3]), targets: .classes([1, 1]), gradient: &gradient) == 0)
    #expect(gradient.elements.allSatisfy { $0 == 0 } && loss.weight(of: .classes([1, 1])) == 0)
  }

  /// Means of batches, joined by their weights, are the mean of all.
  @Test func weightsJoinBatches() throws {
    let loss = try SoftmaxCrossEntropy(classWeights: [0.5, 2, 1], ignoredLabel: 7)
    let logits = GradientCheck.values([9, 3], magnitudes: 0...2, seed: 1)
    let targets = Targets.classes([0, 1, 7, 2, 1, 1, 7, 0, 2])
    var gradient = Tensor(zeros: [9, 3])
    let whole = loss.evaluate(logits, targets: targets, gradient: &gradient)
    var (total, weight) = (0.0, 0.0)
    for range in [0..<4, 4..<9] {
      var part = Tensor(zeros: [range.count, 3])
      let own = loss.weight(of: targets[range])
      total += own * loss.evaluate(logits[rows: range], targets: targets[range], gradient: &part)
      weight += own
    }
    #expect(weight == loss.weight(of: targets))
    #expect(abs(total / weight - whole) <= 1e-14 * whole)
    #expect(loss.usualMetrics.first?.name == "accuracy")
  }
}
