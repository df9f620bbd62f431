import Foundation

/// Running means of every parameter's gradient and of its square, as Adam and SOAA keep them.
struct GradientMoments {
  /// How much of the first and the second moment survive a step.
  let betas: (Float, Float)
  /// Keeps the divisions finite.
  let epsilon: Float
  private(set) var first: [Tensor]
  private(set) var second: [Tensor]
  private(set) var steps = 0

  /// Moments of 0, for the rule `name`.
  init(of parameters: [Parameter], betas: (Float, Float), epsilon: Float, for name: String) throws(SAMTError) {
    try GradientMoments.check(betas: betas, epsilon: epsilon, for: name)
    self.betas = betas
    self.epsilon = epsilon
    first = parameters.map { Tensor(zeros: $0.shape) }
    second = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// Checks the constants of a rule that divides a first moment by the root of a second.
  static func check(betas: (Float, Float), epsilon: Float, for name: String) throws(SAMTError) {
    guard (0..<1).contains(betas.0), (0..<1).contains(betas.1) else {
      throw .configuration("\(name)'s betas must be in 0 ..< 1, found \(betas)")
    }
    // Second moments end at 0 where gradients are below 4e-18, which a smaller epsilon would not hide.
    guard epsilon >= 1e-12, epsilon.isFinite else {
      throw .configuration("\(name)'s epsilon must be at least 1e-12 and finite, found \(epsilon)")
    }
  }

  /// The moments as `m.PATH` and `v.PATH`, and t.
  mutating func visitState(_ visitor: StateVisitor, _ parameters: [Parameter]) {
    visitor.visit("steps", &steps)
    for index in parameters.indices {
      visitor.visit("m.\(parameters[index].path)", &first[index])
      visitor.visit("v.\(parameters[index].path)", &second[index])
    }
  }

  /// Counts a step t, and returns 1 - beta^t of both: what averages that began at 0 are divided by.
  mutating func beginStep() -> (Float, Float) {
    steps += 1
    func correction(_ beta: Float) -> Float { Float(1 - pow(Double(beta), Double(steps))) }
    return (correction(betas.0), correction(betas.1))
  }

  /// Hands both moments of the parameter at `index` to `rule`.
  mutating func update<Result>(_ index: Int, by rule: (inout Tensor, inout Tensor) -> Result) -> Result {
    rule(&first[index], &second[index])
  }
}
