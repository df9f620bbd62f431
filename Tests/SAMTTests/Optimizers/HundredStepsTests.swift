import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// A hundred steps down a quadratic function, against numbers from the rules' own packages, Golden/hundred_steps.py.
@Suite struct HundredStepsTests {
  private struct Descent: Sendable {
    let name: String
    var schedule = Schedule.constant
    let make: @Sendable ([Parameter]) throws -> any Optimizer

    init(
      _ name: String, _ schedule: Schedule = .constant,
      _ make: @escaping @Sendable ([Parameter]) throws -> any Optimizer
    ) {
      self.name = name
      self.schedule = schedule
      self.make = make
    }
  }

  /// The estimate that some begin with, in single precision.
  ///
  /// From the usual 1e-6, the weights' first ways are a few units
  /// of their last places, and so uncertain are Prodigy's first estimates.
  private static let estimate = Double(Float(0.01))

  private static let descents: [Descent] = [
    Descent("NAdamW") { try NAdamW($0, learningRate: 0.02, weightDecay: 0) },
    Descent("NAdamW, decay, cosine", .cosine(over: 100)) {
      try NAdamW($0, learningRate: 0.05, betas: (0.5, 0.75), epsilon: 0.125, weightDecay: 0.25)
    },
    Descent("Prodigy") { try Prodigy($0, initialEstimate: estimate) },
    Descent("Prodigy, all options", .cosine(over: 100)) {
      try Prodigy(
        $0, learningRate: 0.5, weightDecay: 0.25, initialEstimate: estimate, estimateFactor: 2, growthLimit: 1.25,
        correctsBias: true, safeguardsWarmUp: true)
    },
    Descent("D-Adaptation") { try DAdaptAdam($0) },
    Descent("D-Adaptation, all options", .cosine(over: 100)) {
      try DAdaptAdam(
        $0, learningRate: 0.5, weightDecay: 0.25, initialEstimate: estimate, growthLimit: 1.25, correctsBias: true)
    },
    Descent("Schedule-Free SGD") { try ScheduleFreeSGD($0, learningRate: 0.25) },
    Descent("Schedule-Free SGD, all options", .warmUp(steps: 10)) {
      try ScheduleFreeSGD(
        $0, learningRate: 0.25, averageShare: 0.5, stepPower: 0.75, ratePower: 1, weightDecay: 0.25)
    },
    Descent("Schedule-Free AdamW") { try ScheduleFreeAdamW($0, learningRate: 0.05) },
    Descent("Schedule-Free AdamW, all options", .warmUp(steps: 10)) {
      try ScheduleFreeAdamW($0, learningRate: 0.05, epsilon: 0.125, stepPower: 0.75, weightDecay: 0.25)
    },
    Descent("DoG") { try DoG($0, initialDistance: 0.001) },
    Descent("LDoG") { try DoG($0, initialDistance: 0.001, layerwise: true) },
    Descent("COCOB") { try COCOB($0) },
    Descent("Mechanic of Adam") { try Mechanic(try Adam($0, learningRate: 0.125), initialScale: 0.125) },
    Descent("Mechanic of momentum") {
      try Mechanic(try SGD($0, learningRate: 0.125, momentum: 0.9), initialScale: 0.125)
    },
    Descent("hypergradient descent") {
      try HypergradientDescent($0, learningRate: 0.125, hyperRate: Double(Float(0.005)), weightDecay: 0.25)
    },
  ]

  /// scale sin(step i + phase), the formula from which the script too makes its inputs.
  private static func wave(_ i: Int, _ step: Double, _ phase: Double, _ scale: Double) -> Double {
    scale * sin(step * Double(i) + phase)
  }

  /// Of sum a (w - target)^2 / 2, and a wave that changes from step to step.
  private static func setGradient(of parameter: Parameter, step: Int) {
    let values = parameter.value.elements.enumerated().map { i, w in
      Float(
        (1.25 + wave(i, 0.9, 0.3, 0.75)) * (Double(w) - wave(i, 1.3, 0.8, 1.5))
          + wave(i, 1.9, 0.5 + 0.37 * Double(step), 0.2))
    }
    parameter.gradient = Tensor(values, shape: parameter.shape)
  }

  private static func parameters() -> [Parameter] {
    let weight = Parameter("weight", shape: [3, 4], initializer: .zeros, isDecayed: true)
    let bias = Parameter("bias", shape: [3], initializer: .zeros, isDecayed: false)
    weight.value = Tensor((0..<12).map { Float(wave($0, 0.7, 0.2, 1)) }, shape: [3, 4])
    bias.value = Tensor((0..<3).map { Float(wave($0, 1.1, 0.4, 1)) }, shape: [3])
    return [weight, bias]
  }

  @Test func everyDescentHasGoldenNumbers() {
    #expect(Set(HundredStepsTests.descents.map(\.name)) == Set(HundredStepsGolden.weights.keys))
  }

  @Test(arguments: descents.map(\.name)) func aHundredSteps(name: String) throws {
    let descent = try #require(HundredStepsTests.descents.first { $0.name == name })
    let golden = try #require(HundredStepsGolden.weights[name])
    let parameters = HundredStepsTests.parameters()
    let optimizer = try descent.make(parameters)
    var found: [[Float]] = []
    for step in 1...100 {
      for parameter in parameters { HundredStepsTests.setGradient(of: parameter, step: step - 1) }
      optimizer.update(scale: descent.schedule(step - 1), loss: 0)
      if HundredStepsGolden.steps.contains(step) { found.append(parameters.flatMap { $0.value.elements }) }
    }
    try optimizer.withEvaluationWeights { found.append(parameters.flatMap { $0.value.elements }) }
    try #require(found.count == golden.count)
    for (row, step) in (HundredStepsGolden.steps + [100]).enumerated() {
      try #require(found[row].count == golden[row].count)
      for i in found[row].indices {
        let error = abs(Double(found[row][i]) - golden[row][i])
        // Weights, paths and sums are below 2. A step rounds each of them at most eight times, by half of its last place;
        // what was wrong before shrinks, since the curvatures are between 0.5 and 2 and the steps short.
        #expect(error <= Double(step) * 16 * 0x1p-24, "step \(step), element \(i): \(found[row][i])")
      }
    }
  }
}
