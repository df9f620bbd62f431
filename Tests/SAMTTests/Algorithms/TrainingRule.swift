import SAMT
import Testing

/// One way to train, by name: the table that every test of training goes through.
struct TrainingRule: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let make: @Sendable (Model) throws -> any TrainingAlgorithm

  init(_ name: String, _ make: @escaping @Sendable (Model) throws -> any TrainingAlgorithm) {
    testDescription = name
    self.make = make
  }

  private static func samt(
    _ name: String, _ stepSizes: StepSizes,
    _ change: @escaping @Sendable (inout SAMTOptimizer.Configuration) -> Void = { _ in }
  ) -> TrainingRule {
    TrainingRule(name) { model in
      var configuration = SAMTOptimizer.Configuration()
      configuration.stepSizes = stepSizes
      configuration.seed = 5
      change(&configuration)
      return try SAMTOptimizer(for: model, configuration)
    }
  }

  static let elementwise: [TrainingRule] =
    [
      TrainingRule("SGD") { Backpropagation(try SGD($0.parameters, learningRate: 0.5)) },
      TrainingRule("momentum, clipped by norm") {
        Backpropagation(
          try SGD($0.parameters, learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4), clipping: .norm(1))
      },
      TrainingRule("Nesterov, clipped by value") {
        Backpropagation(
          try SGD($0.parameters, learningRate: 0.1, momentum: 0.9, nesterov: true), clipping: .value(0.2))
      },
      TrainingRule("Adam") { Backpropagation(try Adam($0.parameters, learningRate: 0.01)) },
      TrainingRule("SOAA") {
        Backpropagation(try SOAA($0.parameters, plannedSteps: 300, learningRate: 0.01, weightDecay: 0.01))
      },
      TrainingRule("Adam in groups, momentum for biases") { model in
        let groups = ParameterGroups(["*.bias": true], rest: false)
        let optimizers = try groups.partition(model.parameters).map { isBias, parameters -> any Optimizer in
          isBias
            ? try SGD(parameters, learningRate: 0.1, momentum: 0.9) : try Adam(parameters, learningRate: 0.01)
        }
        return Backpropagation(try GroupedOptimizer(optimizers))
      },
    ] + normConstrained + learningRateFree + [
      TrainingRule("AdamW, warm-up") {
        Backpropagation(
          try Adam($0.parameters, learningRate: 0.01, weightDecay: 0.01),
          schedule: .warmUp(steps: 3, then: .step(every: 1000)))
      },
      TrainingRule("Adam, three minibatches an update") {
        Backpropagation(try Adam($0.parameters, learningRate: 0.03), minibatchesPerUpdate: 3)
      },
    ]

  /// SAMT in all its shapes whose memory is of the order of the model's.
  static let alternating: [TrainingRule] =
    [StepSizes.Granularity.scalar, .row, .column, .element].flatMap { granularity in
      [
        samt("SAMT \(granularity.rawValue), per layer", StepSizes(granularity)),
        samt("SAMT \(granularity.rawValue), one group", StepSizes(granularity)) { $0.blocks = .oneGroup },
      ]
    } + [
      samt("SAMT scalar, random order, one block a batch", StepSizes(.scalar)) {
        $0.order = .random
        $0.blocksPerBatch = 1
      },
      samt("SAMT element, descending, decay", StepSizes(.element, projection: .relativeTanh)) {
        $0.order = .descending
        $0.weightDecay = 1e-4
      },
      samt("SAMT row, right only, sigmoid", StepSizes(.row, projection: .sigmoid, isGated: false)) {
        $0.schedule = .warmUp(steps: 3)
      },
      samt("SAMT element, backtracking", StepSizes(.element)) { $0.backtracking = Backtracking() },
    ]

  static let unfactored = samt("SAMT unfactored", StepSizes(.elementUnfactored))

  /// SAMT-Replay of so many steps.
  static func replay(
    steps: Int, batchSize: Int, _ name: String = "SAMT-Replay",
    _ change: @escaping @Sendable (inout SAMTReplay.Configuration) -> Void = { _ in }
  ) -> TrainingRule {
    TrainingRule(name) { model in
      var configuration = SAMTReplay.Configuration()
      change(&configuration)
      let algorithm = try SAMTReplay(for: model, configuration)
      try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: steps, batchSize: batchSize), for: model)
      return algorithm
    }
  }

  static let all = elementwise + alternating + [unfactored, replay(steps: 300, batchSize: 32)]
}
