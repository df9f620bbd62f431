import Foundation
import SAMT
import SAMTTestSupport
import Testing

@Suite struct SoftmaxCrossEntropyTests {
  private let loss = SoftmaxCrossEntropy()
  private let labels: [Int32] = [2, 0, 4, 4, 1, 3]
  private var targets: Targets { .classes(labels[...]) }

  private func logits(magnitude: Float) -> Tensor { GradientCheck.values([6, 5], magnitudes: 0...magnitude, seed: 3) }

  @Test(arguments: [Float(0), 1, 10, 80]) func valueAndGradient(_ magnitude: Float) {
    let logits = logits(magnitude: magnitude)
    var gradient = Tensor([Float](repeating: .nan, count: 30), shape: [6, 5])
    let value = loss.evaluate(logits, targets: targets, gradient: &gradient)
    let (x, found) = (Matrix(logits), Matrix(gradient))
    var expected = 0.0
    for i in 0..<6 {
      let label = Int(labels[i])
      let maximum = (0..<5).map { x[i, $0] }.max()!
      let sum = (0..<5).reduce(0) { $0 + exp(x[i, $1] - maximum) }
      expected += (maximum + log(sum) - x[i, label]) / 6
      for j in 0..<5 {
        let share = (exp(x[i, j] - maximum) / sum - (j == label ? 1 : 0)) / 6
        // A single precision exponential of arguments up to 160, whose own rounding weighs 160 ulp.
        #expect(abs(found[i, j] - share) <= 0x1p-24 * (160 * abs(share) + 4.0 / 6), "\(i), \(j)")
      }
    }
    #expect(abs(value - expected) <= 1e-6 * max(expected, 1))
  }

  @Test func equalLogitsCostTheLogarithmOfTheClasses() {
    var gradient = Tensor(zeros: [6, 5])
    let value = loss.evaluate(Tensor(zeros: [6, 5]), targets: targets, gradient: &gradient)
    #expect(abs(value - log(5)) <= 1e-7)
  }

  @Test func hugeLogitsStayFinite() {
    let logits = Tensor([1e30, -1e30, 0, 3e38, 0, -3e38], shape: [2, 3])
    var gradient = Tensor(zeros: [2, 3])
    let value = loss.evaluate(logits, targets: .classes([0, 0]), gradient: &gradient)
    #expect(value == 0)
    #expect(gradient.elements.allSatisfy { $0 == 0 })
  }

  @Test func gradientCheck() {
    let result = GradientCheck().check(loss, predictions: logits(magnitude: 3), targets: targets)
    #expect(result.passes(), "\(result)")
  }

  @Test(arguments: LossFault.allCases) func brokenTwinsAreCaught(_ fault: LossFault) {
    let result = GradientCheck().check(
      BrokenLoss(base: loss, fault: fault), predictions: logits(magnitude: 3), targets: targets)
    #expect(!result.passes(), "\(fault) passed: \(result)")
  }

  @Test func valuesAsTargetsTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var gradient = Tensor(zeros: [2, 3])
      _ = SoftmaxCrossEntropy().evaluate(
        Tensor(zeros: [2, 3]), targets: .values(Tensor(zeros: [2, 3])), gradient: &gradient)
    }
    expectMessage(result, "cross-entropy needs classes")
  }
}

@Suite struct MeanSquaredErrorTests {
  private let loss = MeanSquaredError()
  private let predictions = GradientCheck.values([4, 5], magnitudes: 0...3, seed: 5)
  private let values = GradientCheck.values([4, 5], magnitudes: 0...3, seed: 6)

  @Test func valueAndGradient() {
    var gradient = Tensor([Float](repeating: .nan, count: 20), shape: [4, 5])
    let value = loss.evaluate(predictions, targets: .values(values), gradient: &gradient)
    let (x, y, found) = (Matrix(predictions).elements, Matrix(values).elements, Matrix(gradient).elements)
    var expected = 0.0
    for i in x.indices {
      expected += (x[i] - y[i]) * (x[i] - y[i]) / 20
      // The difference and two products, each rounded.
      #expect(abs(found[i] - (x[i] - y[i]) / 10) <= 0x1p-22 * abs(x[i] - y[i]) / 10, "\(i)")
    }
    #expect(abs(value - expected) <= 1e-6 * expected)
  }

  @Test func gradientCheck() {
    let result = GradientCheck().check(loss, predictions: predictions, targets: .values(values))
    #expect(result.passes(), "\(result)")
  }

  @Test(arguments: LossFault.allCases) func brokenTwinsAreCaught(_ fault: LossFault) {
    let result = GradientCheck().check(
      BrokenLoss(base: loss, fault: fault), predictions: predictions, targets: .values(values))
    #expect(!result.passes(), "\(fault) passed: \(result)")
  }

  @Test func classesAsTargetsTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var gradient = Tensor(zeros: [2, 3])
      _ = MeanSquaredError().evaluate(Tensor(zeros: [2, 3]), targets: .classes([0, 1]), gradient: &gradient)
    }
    expectMessage(result, "squared error needs values")
  }
}
