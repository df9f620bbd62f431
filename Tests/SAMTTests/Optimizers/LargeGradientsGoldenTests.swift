import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// One gradient of about 1e20, whose square is beyond single precision, then ordinary ones.
@Suite struct LargeGradientsGoldenTests {
  private static let rules: [String: @Sendable ([Parameter]) throws -> any Optimizer] = [
    "SGD": { try SGD($0, learningRate: 0.1) },
    "momentum": { try SGD($0, learningRate: 0.1, momentum: 0.9) },
    "Nesterov": { try SGD($0, learningRate: 0.1, momentum: 0.9, nesterov: true) },
    "Adam": { try Adam($0, learningRate: 0.01) },
    "NAdamW": { try NAdamW($0, learningRate: 0.01, weightDecay: 0) },
    "SOAA": { try SOAA($0, plannedSteps: 20, learningRate: 0.01) },
    "Prodigy": { try Prodigy($0, initialEstimate: Double(Float(0.01))) },
    "D-Adaptation": { try DAdaptAdam($0, initialEstimate: Double(Float(0.01))) },
    "Schedule-Free SGD": { try ScheduleFreeSGD($0, learningRate: 0.25) },
    "Schedule-Free AdamW": { try ScheduleFreeAdamW($0, learningRate: 0.01) },
    "DoG": { try DoG($0, initialDistance: 0.001) },
    "LDoG": { try DoG($0, initialDistance: 0.001, layerwise: true) },
    "COCOB": { try COCOB($0) },
    "Mechanic of Adam": { try Mechanic(try Adam($0, learningRate: 0.01), initialScale: 0.125) },
    "hypergradient descent": { try HypergradientDescent($0, learningRate: 0.125, hyperRate: 1e-30) },
    "Muon": { try Muon.withAdamW($0, learningRate: 0.02, weightDecay: 0, adamLearningRate: 0.01) },
    "Scion": { try Scion($0, learningRate: 0.05, alpha: 0.1) },
    "RAMDA": { try RAMDA($0) },
    "AdaS": { try AdaS($0, stepsPerEpoch: 20) },
  ]

  @Test func everyRuleHasGoldenNumbers() {
    #expect(Set(LargeGradientsGoldenTests.rules.keys) == Set(LargeGradientsGolden.weights.keys))
  }

  /// Numbers from Golden/large_gradients.py: a step rounds each weight, its moments and its direction, some 16 times in all,
  /// by half a unit in the last place of the largest weight that there was.
  @Test(arguments: rules.keys.sorted()) func theWeightsAreThoseOfDoublePrecision(name: String) throws {
    let golden = try #require(LargeGradientsGolden.weights[name])
    let parameters = [
      Parameter("matrix", shape: [3, 4], initializer: .zeros, isDecayed: true),
      Parameter("kernels", shape: [2, 2, 2, 1], initializer: .zeros, isDecayed: true),
      Parameter("bias", shape: [3], initializer: .zeros, isDecayed: false),
    ]
    for (index, parameter) in parameters.enumerated() {
      parameter.value = goldenNumbers(parameter.shape, phase: 0.3 + Double(index), scale: 0.5)
    }
    let optimizer = try LargeGradientsGoldenTests.rules[name]!(parameters)
    var row = 0
    var largest = 1.0
    for step in 1...20 {
      for (index, parameter) in parameters.enumerated() {
        parameter.gradient = goldenNumbers(
          parameter.shape, phase: 0.9 * Double(step) + 2 * Double(index), scale: step == 1 ? 1e20 : 0.8)
      }
      optimizer.update(scale: 1, loss: 1)
      guard LargeGradientsGolden.steps.contains(step) else { continue }
      let found = parameters.flatMap { $0.value.elements }, wanted = golden[row]
      try #require(found.count == wanted.count)
      row += 1
      largest = wanted.reduce(largest) { max($0, abs($1)) }
      for i in found.indices {
        let error = abs(Double(found[i]) - wanted[i])
        #expect(
          error <= Double(step) * 16 * 0x1p-24 * largest, "step \(step), element \(i): \(found[i]), not \(wanted[i])")
      }
    }
    #expect(row == golden.count)
  }
}
