import Foundation
import SAMT
import Testing

/// One update, and the next two, against numbers from an independent script, Golden/optimizers.py.
@Suite struct OptimizerGoldenTests {
  private static let rules: [(String, @Sendable ([Parameter]) throws -> any Optimizer)] = [
    ("SGD", { try SGD($0, learningRate: 0.1) }),
    ("SGD with decay", { try SGD($0, learningRate: 0.1, weightDecay: 0.3) }),
    ("momentum", { try SGD($0, learningRate: 0.1, momentum: 0.9) }),
    ("momentum with decay", { try SGD($0, learningRate: 0.05, momentum: 0.8, weightDecay: 0.2) }),
    ("Nesterov", { try SGD($0, learningRate: 0.1, momentum: 0.9, nesterov: true) }),
    ("Adam", { try Adam($0, learningRate: 0.1) }),
    ("Adam, other betas", { try Adam($0, learningRate: 0.05, betas: (0.5, 0.8), epsilon: 0.1) }),
    ("AdamW", { try Adam($0, learningRate: 0.1, weightDecay: 0.3) }),
    ("SOAA", { try SOAA($0, plannedSteps: 3, learningRate: 0.1) }),
    (
      "SOAA, all settings",
      {
        try SOAA(
          $0, plannedSteps: 5, learningRate: 0.05, radiusBound: 0.4, betas: (0.5, 0.8), epsilon: 0.01,
          weightDecay: 0.3)
      }
    ),
  ]

  /// scale sin(step i + phase), the formula from which the script too makes its inputs.
  private func wave(_ shape: Shape, _ step: Double, _ phase: Double, _ scale: Double) -> Tensor {
    Tensor((0..<shape.count).map { Float(scale * sin(step * Double($0) + phase)) }, shape: shape)
  }

  @Test func everyRuleHasGoldenNumbers() {
    #expect(Set(OptimizerGoldenTests.rules.map(\.0)) == Set(OptimizerGolden.updates.keys))
  }

  @Test(arguments: rules.indices) func threeUpdates(index: Int) throws {
    let (name, make) = OptimizerGoldenTests.rules[index]
    let golden = try #require(OptimizerGolden.updates[name])
    let weight = Parameter("weight", shape: [3, 4], initializer: .zeros, isDecayed: true)
    let bias = Parameter("bias", shape: [3], initializer: .zeros, isDecayed: false)
    weight.value = wave([3, 4], 0.7, 0.2, 1)
    bias.value = wave([3], 1.1, 0.4, 1)
    let optimizer = try make([weight, bias])
    try #require(golden.count == 3)
    let losses = [1, 0.34, 0.33]
    for (step, scale) in [Float(1), 0.5, 0.25].enumerated() {
      weight.gradient = wave([3, 4], 1.9, 0.5 + Double(step), 0.8)
      bias.gradient = wave([3], 2.3, 0.1 + Double(step), 0.6)
      optimizer.update(scale: scale, loss: losses[step])
      let found = weight.value.elements + bias.value.elements
      try #require(found.count == golden[step].count)
      for i in found.indices {
        // Values below 1.3 in single precision, a dozen roundings of at most 2^-24 each; SOAA's moves see twice as many,
        // but are a tenth as large.
        let error = abs(Double(found[i]) - golden[step][i])
        #expect(error <= 12 * 0x1p-24, "update \(step + 1), element \(i): \(found[i]), not \(golden[step][i])")
      }
    }
  }

  /// The first step's radius, that of a loss that says nothing, and the bounds behind the last planned step.
  @Test func radiusOfSOAA() throws {
    let weight = Parameter("weight", shape: [3, 4], initializer: .zeros, isDecayed: true)
    weight.value = Tensor(zeros: weight.shape)
    let optimizer = try SOAA([weight], plannedSteps: 2, radiusBound: 0.25)
    var radii = [optimizer.radius]
    for loss in [1, .nan, 0.5, 0.75, -1000] {
      weight.gradient = wave([3, 4], 1.9, 0.5, 0.8)
      optimizer.update(scale: 1, loss: loss)
      radii.append(optimizer.radius)
    }
    // A loss behind NaN says nothing either; then one that rises, and one that falls further than predicted.
    #expect(radii == [1, 1, pow(0.75, 0.5), 0.75, 0.75, 1.25])
  }

  @Test func settingsOutOfRangeAreTypedErrors() {
    let none: [Parameter] = []
    let tries: [(String, () throws -> any Optimizer)] = [
      ("learning rate", { try SGD(none, learningRate: 0) }),
      ("learning rate", { try SGD(none, learningRate: -.infinity) }),
      ("learning rate", { try Adam(none, learningRate: .nan) }),
      ("momentum", { try SGD(none, learningRate: 1, momentum: 1) }),
      ("momentum", { try SGD(none, learningRate: 1, momentum: -0.1) }),
      ("momentum", { try SGD(none, learningRate: 1, momentum: .nan) }),
      ("Nesterov", { try SGD(none, learningRate: 1, nesterov: true) }),
      ("weight decay", { try SGD(none, learningRate: 1, weightDecay: -1) }),
      ("weight decay", { try Adam(none, weightDecay: .infinity) }),
      ("betas", { try Adam(none, betas: (1, 0.9)) }), ("betas", { try Adam(none, betas: (0.9, -0.1)) }),
      ("betas", { try Adam(none, betas: (0.9, .nan)) }), ("epsilon", { try Adam(none, epsilon: 0) }),
      ("learning rate", { try SOAA(none, plannedSteps: 1, learningRate: 0) }),
      ("planned steps", { try SOAA(none, plannedSteps: 0) }),
      ("radius bound", { try SOAA(none, plannedSteps: 1, radiusBound: 0) }),
      ("radius bound", { try SOAA(none, plannedSteps: 1, radiusBound: 1) }),
      ("radius bound", { try SOAA(none, plannedSteps: 1, radiusBound: .nan) }),
      ("betas", { try SOAA(none, plannedSteps: 1, betas: (1, 0.9)) }),
      ("epsilon", { try SOAA(none, plannedSteps: 1, epsilon: .infinity) }),
      ("weight decay", { try SOAA(none, plannedSteps: 1, weightDecay: -1) }),
    ]
    for (index, (word, make)) in tries.enumerated() {
      let error = #expect(throws: SAMTError.self, "try \(index)") { try make() }
      guard case .configuration(let problem) = error else {
        Issue.record("try \(index): \(String(describing: error))")
        continue
      }
      #expect(problem.contains(word), "\(problem)")
    }
  }
}
