import CKernels
import Foundation

/// The sequences beside the parameters in Schedule-Free rules, and how steps enter their average (Defazio, Yang, Mehta,
/// Mishchenko, Khaled and Cutkosky 2024).
///
/// z takes the steps, x is their average, and the parameters are y = beta x + (1 - beta) z, where gradients are taken.
/// x follows from the other two, so z alone is kept.
struct ScheduleFreeSequences {
  /// The share of x in y.
  let beta: Float
  /// r: the later step t has a weight of t^r in the average.
  let stepPower: Double
  /// p: a step has a weight of the largest rate so far to that power, so that a warm-up counts for little.
  let ratePower: Double
  private(set) var steps = 0
  private var iterates: [Tensor]
  private var largestRate = 0.0
  private var weightSum = 0.0

  /// Sequences that begin where `parameters` are when the first step does.
  init(
    of parameters: [Parameter], beta: Float, stepPower: Double, ratePower: Double, for name: String
  ) throws(SAMTError) {
    guard beta > 0, beta < 1 else {
      throw .configuration("\(name)'s share of the average must be between 0 and 1, found \(beta)")
    }
    guard stepPower >= 0, stepPower.isFinite, ratePower >= 0, ratePower.isFinite else {
      throw .configuration(
        "\(name)'s powers of step and rate must be finite and not negative, found \(stepPower) and \(ratePower)")
    }
    self.beta = beta
    self.stepPower = stepPower
    self.ratePower = ratePower
    iterates = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// z as `z.PATH`, and the steps, largest rate and sum of weights so far.
  mutating func visitState(_ visitor: StateVisitor, _ parameters: [Parameter]) {
    visitor.visit("steps", &steps)
    visitor.visit("largestRate", &largestRate)
    visitor.visit("weightSum", &weightSum)
    for index in parameters.indices { visitor.visit("z.\(parameters[index].path)", &iterates[index]) }
  }

  /// Counts a step at `rate`; returns its kernel's argument, without a decay.
  mutating func beginStep(_ parameters: [Parameter], rate: Float) -> ck_schedule_free_args {
    if steps == 0 {
      for index in parameters.indices { Kernels.copy(parameters[index].value, into: &iterates[index]) }
    }
    steps += 1
    largestRate = max(largestRate, Double(rate))
    let weight = pow(Double(steps), stepPower) * pow(largestRate, ratePower)
    weightSum += weight
    return ck_schedule_free_args(
      rate: rate, decay: 0, beta: beta, c: weightSum > 0 ? Float(weight / weightSum) : 0)
  }

  /// Hands z of the parameter at `index` to `rule`.
  mutating func update(_ index: Int, by rule: (inout Tensor) -> Void) { rule(&iterates[index]) }

  /// Calls `body` with x in the parameters' place, then puts y back.
  func withAverages(
    of parameters: [Parameter], _ body: () throws(SAMTError) -> Void
  ) throws(SAMTError) {
    guard steps > 0 else { return try body() }
    let values = parameters.map(\.value)
    defer { for (parameter, value) in zip(parameters, values) { parameter.value = value } }
    for (parameter, iterate) in zip(parameters, iterates) {
      // x = y + (1 - 1 / beta) (z - y)
      Kernels.average(iterate, into: &parameter.value, weight: 1 - 1 / beta)
    }
    try body()
  }
}
