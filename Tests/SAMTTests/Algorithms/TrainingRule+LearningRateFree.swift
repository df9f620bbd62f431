import SAMT

extension TrainingRule {
  /// Rules that find their step size, or do without a schedule.
  static let learningRateFree: [TrainingRule] = [
    TrainingRule("NAdamW") { Backpropagation(try NAdamW($0.parameters, learningRate: 0.01)) },
    TrainingRule("Schedule-Free SGD") {
      Backpropagation(try ScheduleFreeSGD($0.parameters, learningRate: 2, weightDecay: 1e-4))
    },
    TrainingRule("Schedule-Free AdamW") {
      Backpropagation(
        try ScheduleFreeAdamW($0.parameters, learningRate: 0.02, stepPower: 0.75, weightDecay: 1e-4),
        schedule: .warmUp(steps: 3))
    },
    TrainingRule("Prodigy") {
      Backpropagation(try Prodigy($0.parameters, weightDecay: 1e-4, correctsBias: true))
    },
    TrainingRule("D-Adaptation") {
      Backpropagation(try DAdaptAdam($0.parameters, weightDecay: 1e-4, correctsBias: true))
    },
    TrainingRule("DoG") { Backpropagation(try DoG($0.parameters, initialDistance: 1e-2)) },
    TrainingRule("LDoG") { Backpropagation(try DoG($0.parameters, initialDistance: 1e-2, layerwise: true)) },
    TrainingRule("Mechanic of Adam") {
      Backpropagation(try Mechanic(try Adam($0.parameters, learningRate: 1), initialScale: 1e-3))
    },
    TrainingRule("GeN of Adam") {
      Backpropagation(try GeN(try Adam($0.parameters, learningRate: 0.02), interval: 8, reach: 2), clipping: .norm(1))
    },
    TrainingRule("COCOB") { Backpropagation(try COCOB($0.parameters)) },
    TrainingRule("hypergradient descent") {
      Backpropagation(try HypergradientDescent($0.parameters, learningRate: 0.5, hyperRate: 0.1, weightDecay: 1e-4))
    },
    TrainingRule("SGD-PH") {
      Backpropagation(try SGDPartialHessian($0.layers, learningRate: 0.1, weightDecay: 1e-4), clipping: .norm(1))
    },
  ]
}
