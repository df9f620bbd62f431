import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

/// GeN and SGD-PH, which look at their minibatch again, against an independent script, Golden/minibatch_rules.py.
@Suite struct MinibatchRulesTests {
  private struct Descent: Sendable {
    var schedule = Schedule.constant
    let make: @Sendable (Model) throws -> any Optimizer

    init(_ schedule: Schedule = .constant, _ make: @escaping @Sendable (Model) throws -> any Optimizer) {
      self.schedule = schedule
      self.make = make
    }
  }

  private static let descents: [String: Descent] = [
    "GeN of SGD": Descent { try GeN(try SGD($0.parameters, learningRate: 0.25), interval: 8) },
    "GeN of momentum, two steps ahead, cosine": Descent(.cosine(over: 200)) {
      try GeN(try SGD($0.parameters, learningRate: 0.05, momentum: 0.9), interval: 3, reach: 2)
    },
    "GeN of Adam": Descent { try GeN(try Adam($0.parameters, learningRate: 0.02), interval: 4) },
    "SGD-PH": Descent { try SGDPartialHessian($0.layers, learningRate: 0.125, scale: 0.0625, epsilon: 0.0625) },
    "SGD-PH, decay, cosine": Descent(.cosine(over: 200)) {
      try SGDPartialHessian(
        $0.layers, learningRate: 0.25, scale: 0.01, epsilon: 0.125, difference: 0x1p-6, weightDecay: 0.125)
    },
  ]

  private static func model() throws -> Model {
    let model = try Model(input: [5], seed: 1) {
      Linear(5, 6, bias: false)
      BatchNorm1d(6)
      Tanh()
      Linear(6, 6)
      Tanh()
      Linear(6, 4)
    }
    for (index, parameter) in model.parameters.enumerated() {
      parameter.value = goldenNumbers(
        parameter.shape, phase: 0.3 + Double(index), scale: 0.6, addend: index == 1 ? 1 : 0)
    }
    return model
  }

  private static func batch() -> Batch {
    Batch(
      inputs: goldenNumbers([8, 5], phase: 0.9, scale: 1), targets: .classes((0..<8).map { Int32($0 % 4) }[...]))
  }

  @Test func everyDescentHasGoldenNumbers() {
    #expect(Set(Self.descents.keys) == Set(MinibatchRulesGolden.weights.keys))
  }

  @Test(arguments: descents.keys.sorted()) func aHundredSteps(name: String) throws {
    let descent = try #require(Self.descents[name])
    let golden = try #require(MinibatchRulesGolden.weights[name])
    let model = try Self.model()
    let algorithm = Backpropagation(try descent.make(model), schedule: descent.schedule)
    let executor = ModelExecutor(for: model, batchSize: 8)
    var found: [[Float]] = []
    for step in 1...100 {
      _ = algorithm.step(Self.batch(), in: executor, loss: SoftmaxCrossEntropy())
      if MinibatchRulesGolden.steps.contains(step) { found.append(model.parameters.flatMap { $0.value.elements }) }
    }
    try #require(found.count == golden.count)
    for (row, (values, tolerance)) in golden.enumerated() {
      try #require(found[row].count == values.count)
      let errors = values.indices.map { abs(Double(found[row][$0]) - values[$0]) }
      #expect(errors.allSatisfy { $0 <= tolerance }, "step \(MinibatchRulesGolden.steps[row]): \(errors.max()!)")
    }
  }

  /// A look leaves no trace but in the rule: neither in gradients nor in running statistics.
  @Test func aLookLeavesGradientsAndRunningStatistics() throws {
    let loss = SoftmaxCrossEntropy()
    func gradients(_ rule: (Model) throws -> any Optimizer) throws -> ([[Float]], [[Float]]) {
      let model = try Self.model()
      let algorithm = Backpropagation(try rule(model), clipping: .value(0.01))
      _ = algorithm.step(Self.batch(), in: ModelExecutor(for: model, batchSize: 8), loss: loss)
      return (model.parameters.map { $0.gradient.elements }, model.buffers.map { $0.value.elements })
    }
    let plain = try gradients { try SGD($0.parameters, learningRate: 0.1) }
    #expect(try gradients { try SGDPartialHessian($0.layers) } == plain)
    #expect(try gradients { try GeN(try SGD($0.parameters, learningRate: 0.1), interval: 1) } == plain)
  }

  /// Along a parabola the fit is exact, and a rate that is too short grows, one that is too long shrinks, by a tenth of
  /// the way to the best.
  @Test func theFitFindsAParabola() throws {
    for reach in 1...3 {
      let fit = ParabolaFit(
        (0..<2 * reach).map { index in
          let j = ParabolaFit.multiple(index)
          return 0.75 * j * j - 0.5 * j
        })
      // Sums of at most 6 terms below 10, in double precision.
      #expect(abs(fit.slope - 0.5) <= 60 * 0x1p-53 && abs(fit.curvature - 1.5) <= 60 * 0x1p-53)
      #expect(abs(fit.explainedVariance - 1) <= 60 * 0x1p-53)
    }
    // y = |j|, which the best parabola explains 0.943 of: 18/17 j^2 / 2, residuals 8/17 and 2/17 twice, variance 2.8.
    let kink = ParabolaFit([1, 1, 2, 2])
    #expect(kink.slope == 0 && abs(kink.curvature - 18.0 / 17) <= 60 * 0x1p-53)
    #expect(abs(kink.explainedVariance - (1 - 2 * 68 / 289.0 / 2.8)) <= 60 * 0x1p-53)
  }

  private struct Bowl: LoadedMinibatch {
    let parameter: Parameter
    var isBroken = false
    func loss() -> Double {
      isBroken ? .nan : 0.5 * Kernels.dot(parameter.value, parameter.value)
    }
    func writeGradients(ofLayerWith parameter: Parameter) { parameter.gradient = parameter.value }
  }

  /// Of w^2 / 2, plain descent's best rate is 1: the rate goes a tenth of the way there, at most to half or twice itself,
  /// and the step is as long as the new rate says.
  @Test(arguments: [(0.8, 1.025), (0.25, 1.1), (1.6, 0.9625), (4, 0.95)] as [(Float, Double)])
  func theRateGoesTowardsNewtons(rate: Float, factor: Double) throws {
    let parameter = Parameter("w", shape: [3], initializer: .zeros, isDecayed: true)
    let start: [Float] = [1, -0.5, 0.25]
    (parameter.value, parameter.gradient) = (Tensor(start, shape: [3]), Tensor(start, shape: [3]))
    let rule = try GeN(try SGD([parameter], learningRate: rate), interval: 1)
    let minibatch = Bowl(parameter: parameter)
    rule.update(scale: 1, loss: minibatch.loss(), minibatch: minibatch)
    // The losses are squares of single-precision weights, each off by two roundings at most.
    #expect(abs(Double(rule.learningRate) - factor * Double(rate)) <= 32 * 0x1p-24 * Double(rate))
    for (value, start) in zip(parameter.value.elements, start) {
      #expect(abs(Double(value) - (1 - factor * Double(rate)) * Double(start)) <= 32 * 0x1p-24 * Double(rate))
    }
    let broken = Bowl(parameter: parameter, isBroken: true)
    let before = rule.learningRate
    rule.update(scale: 1, loss: 1, minibatch: broken)
    #expect(rule.learningRate == before / 2)
  }

  /// In two shards, with dropout, a rule sees the same minibatch each time: along a step that is none, losses do not
  /// change, and behind displacements that are taken back, neither do gradients.
  @Test(arguments: [1, 2]) func theMinibatchIsTheSameEachTime(shards: Int) throws {
    let model = try Model(input: [5], seed: 2) {
      Linear(5, 64)
      Dropout(0.5)
      Linear(64, 4)
    }
    let rule = Looker(parameters: model.parameters)
    let executor = ModelExecutor(for: model, batchSize: 8, shards: shards, on: LocalCommunicator())
    for _ in 0..<3 {
      _ = Backpropagation(rule).step(Self.batch(), in: executor, loss: SoftmaxCrossEntropy())
      #expect(rule.losses[1] == rule.losses[0] && rule.gradients[1] == rule.gradients[0])
    }
    #expect(rule.losses.count == 2 && Set(rule.seen).count == 3, "masks of one step came in another")
  }

  /// Moves nothing, and keeps what it sees: at first, and again.
  private final class Looker: MinibatchOptimizer {
    let parameters: [Parameter]
    var learningRate: Float = 1
    var losses: [Double] = []
    var gradients: [[Float]] = []
    var seen: [Double] = []

    init(parameters: [Parameter]) { self.parameters = parameters }
    func visitState(_ visitor: StateVisitor) {}
    func update(scale: Float, loss: Double) {}
    func update(scale: Float, loss: Double, minibatch: some LoadedMinibatch) {
      seen.append(loss)
      gradients = [parameters[0].gradient.elements]
      losses = [loss, minibatch.loss()]
      minibatch.writeGradients(ofLayerWith: parameters[0])
      gradients.append(parameters[0].gradient.elements)
    }
  }

  @Test func settingsOutOfRangeAreTypedErrors() throws {
    let model = try Self.model()
    let sgd = try SGD(model.parameters, learningRate: 0.1)
    let gen = try GeN(sgd)
    #expect(throws: SAMTError.self) { try GeN(sgd, interval: 0) }
    #expect(throws: SAMTError.self) { try GeN(sgd, reach: 9) }
    #expect(throws: SAMTError.self) { try GeN(gen) }
    #expect(throws: SAMTError.self) { try GeN(try ScheduleFreeSGD(model.parameters)) }
    #expect(throws: SAMTError.self) { try Mechanic(gen) }
    #expect(throws: SAMTError.self) { try GroupedOptimizer([gen]) }
    #expect(throws: SAMTError.self) { try SGDPartialHessian(model.layers, momentum: 1) }
    #expect(throws: SAMTError.self) { try SGDPartialHessian(model.layers, scale: 0) }
    #expect(throws: SAMTError.self) { try SGDPartialHessian(model.layers, epsilon: .nan) }
    #expect(throws: SAMTError.self) { try SGDPartialHessian(model.layers, difference: -1) }
    let plan = TrainingPlan(epochs: 1, stepsPerEpoch: 4, batchSize: 8)
    #expect(throws: SAMTError.self) {
      try Backpropagation(gen, minibatchesPerUpdate: 2).begin(plan, for: model)
    }
  }
}
