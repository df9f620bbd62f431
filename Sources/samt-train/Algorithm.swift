import SAMT

/// The training method that the options ask for; options that it would ignore are refused.
func makeAlgorithm(
  _ options: Options, model: Model, totalSteps: Int
) throws(SAMTError) -> any TrainingAlgorithm {
  let schedule = makeSchedule(options, totalSteps: totalSteps)
  func samt(_ granularity: StepSizes.Granularity) throws(SAMTError) -> any TrainingAlgorithm {
    let projection: StepSizes.Projection =
      switch options.projection {
      case .logarithmic: .logarithmicTanh
      case .relative: .relativeTanh
      case .sigmoid: .sigmoid
      }
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(
      granularity, initial: options.initialStepSize, projection: projection, isGated: options.isGated,
      learningRate: options.etaLearningRate)
    configuration.blocks = options.blocks.grouping
    configuration.blocksPerBatch = options.blocksPerBatch
    configuration.order = options.order
    configuration.isGuarded = options.isGuarded
    configuration.schedule = schedule
    configuration.weightDecay = Double(options.weightDecay ?? 0)
    configuration.seed = options.seed
    return try SAMTOptimizer(for: model, configuration)
  }
  func sgd(_ rate: Float, momentum: Float, nesterov: Bool = false) throws(SAMTError) -> any TrainingAlgorithm {
    Backpropagation(
      try SGD(
        model.parameters, learningRate: options.learningRate ?? rate, momentum: momentum, nesterov: nesterov,
        weightDecay: options.weightDecay ?? 0),
      schedule: schedule, clipping: options.clipping)
  }
  func adam(weightDecay: Float) throws(SAMTError) -> any TrainingAlgorithm {
    Backpropagation(
      try Adam(
        model.parameters, learningRate: options.learningRate ?? 1e-3, weightDecay: options.weightDecay ?? weightDecay),
      schedule: schedule, clipping: options.clipping)
  }
  for refusal in options.algorithm.refusals { try options.refuse(refusal.options, refusal.reason) }
  switch options.algorithm {
  case .samtS: return try samt(.scalar)
  case .samtR: return try samt(.row)
  case .samtC: return try samt(.column)
  case .samtE: return try samt(.element)
  case .sgd: return try sgd(1, momentum: 0)
  case .momentum: return try sgd(0.1, momentum: 0.9)
  case .nesterov: return try sgd(0.1, momentum: 0.9, nesterov: true)
  case .adam: return try adam(weightDecay: 0)
  case .adamw: return try adam(weightDecay: 0.01)
  case .soaa:
    return Backpropagation(
      try SOAA(
        model.parameters, plannedSteps: max(totalSteps, 1), learningRate: options.learningRate ?? 1e-3,
        radiusBound: options.radiusBound, weightDecay: options.weightDecay ?? 0),
      schedule: schedule, clipping: options.clipping)
  }
}

private func makeSchedule(_ options: Options, totalSteps: Int) -> Schedule {
  let steps = max(totalSteps - options.warmUpSteps, 1)
  let schedule: Schedule =
    switch options.schedule {
    case .constant: .constant
    case .cosine: .cosine(over: steps)
    case .step: .step(every: max(steps / 3, 1))
    }
  return options.warmUpSteps > 0 ? .warmUp(steps: options.warmUpSteps, then: schedule) : schedule
}
