import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct RateRangeTests {
  private func result(_ losses: [Double], smoothing: Double = 0) -> RateRangeTest.Result {
    var recorder = RateRangeTest.Recorder(smoothing: smoothing)
    for (index, loss) in losses.enumerated() where !recorder.isOver {
      recorder.add(rate: pow(10, Double(index)), loss: loss)
    }
    return RateRangeTest.Result(points: recorder.points)
  }

  @Test func ratesGrowByAConstantFactor() throws {
    let schedule = try RateRangeTest(rates: 1e-4...1, steps: 5).schedule
    let expected: [Float] = [1, 10, 100, 1000, 1e4]
    for (step, factor) in expected.enumerated() { #expect(abs(schedule(step) - factor) <= 1e-6 * factor) }
  }

  /// The slope is the difference of the neighbours: from 1.9 to 1.2 around the third.
  @Test func theSteepestFallIsSuggested() {
    #expect(result([2, 1.9, 1.8, 1.2, 1.15, 0.8, 3]).suggestion == 100)
    #expect(result([1, 1.1, 1.2, 1.3]).suggestion == nil)
    #expect(result([1, 1, 1, 1]).suggestion == nil)
    #expect(result([]).suggestion == nil)
  }

  /// The average of one number is that number, and of equal ones theirs.
  @Test func smoothingHasNoBias() {
    let points = result([2, 2, 2, 5], smoothing: 0.9).points
    #expect(points.prefix(3).allSatisfy { abs($0.smoothedLoss - 2) <= 1e-15 })
    let weights = [0.1 * 0.729, 0.1 * 0.81, 0.1 * 0.9, 0.1]
    let mean = (2 * (weights[0] + weights[1] + weights[2]) + 5 * weights[3]) / weights.reduce(0, +)
    #expect(abs(points[3].smoothedLoss - mean) <= 1e-14)
  }

  @Test func explosionsEndATest() {
    #expect(result([2, 1, 4.5, 1]).points.count == 3)
    #expect(result([2, .nan, 1]).points.count == 1)
  }

  @Test func aModelsRateIsFound() throws {
    let model = try perceptron([2, 16, 3], seed: 3, relu: false)
    let test = try RateRangeTest(rates: 1e-5...100, steps: 60)
    let result = try test.run(
      try SGD(model.parameters, learningRate: 1), model: model, loss: SoftmaxCrossEntropy(), data: clouds(330, seed: 1),
      batchSize: 32)
    let rate = try #require(result.suggestion)
    // Gradient descent on two inputs of order one learns with some tenths; a hundredth or ten are far off.
    #expect(rate > 0.01 && rate < 10, "\(result)")
    #expect(result.points.count > 20 && result.points[0].rate == 1e-5)
    #expect(zip(result.points, result.points.dropFirst()).allSatisfy { $0.rate < $1.rate })
  }

  @Test func settingsThatMakeNoSenseAreTypedErrors() throws {
    #expect(throws: SAMTError.self) { try RateRangeTest(rates: 0...1, steps: 10) }
    #expect(throws: SAMTError.self) { try RateRangeTest(rates: 1...1, steps: 10) }
    #expect(throws: SAMTError.self) { try RateRangeTest(rates: 1...2, steps: 2) }
    #expect(throws: SAMTError.self) { try RateRangeTest(rates: 1...2, steps: 5, smoothing: 1) }
    let model = try perceptron([5, 3])
    #expect(throws: SAMTError.shape(layer: "training data", expected: "examples of shape [5]", found: [2])) {
      try RateRangeTest(rates: 1...2, steps: 5).run(
        try SGD(model.parameters, learningRate: 1), model: model, loss: SoftmaxCrossEntropy(), data: clouds(9, seed: 1),
        batchSize: 3)
    }
  }
}
