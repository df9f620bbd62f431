/// Ordinary training: one forward pass, one backward pass, one update of all parameters.
public final class Backpropagation: TrainingAlgorithm {
  /// The rule that moves the parameters.
  public let optimizer: any Optimizer
  /// A factor on the learning rate.
  public let schedule: Schedule
  /// A limit on the gradients, where there is one.
  public let clipping: GradientClipping?
  /// How many updates ran so far.
  public private(set) var parameterUpdates = 0

  /// Trains the optimizer's parameters; ``begin(_:for:)`` checks schedule and clipping.
  public init(_ optimizer: any Optimizer, schedule: Schedule = .constant, clipping: GradientClipping? = nil) {
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
  }

  /// Checks the schedule, the clipping, and that the optimizer moves parameters of this model.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where schedule or clipping have a problem, or one of the parameters is not
  ///   in the model, or frozen there.
  public func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError) {
    try schedule.validate()
    if let problem = clipping?.problem { throw .configuration(problem) }
    let trained = Set(model.trainableParameters.map { ObjectIdentifier($0) })
    for parameter in optimizer.parameters where !trained.contains(ObjectIdentifier(parameter)) {
      throw .configuration("the optimizer moves \(parameter.path), which this model does not train")
    }
    guard !optimizer.parameters.isEmpty || trained.isEmpty else {
      throw .configuration("the optimizer has no parameters to move")
    }
  }

  /// The optimizer's state, and the schedule's position.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("updates", &parameterUpdates)
    optimizer.visitState(visitor)
  }

  /// Evaluates, goes back through all layers, and updates.
  public func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
    executor.load(batch.inputs)
    let value = executor.evaluate(loss, batch.targets)
    let layers = executor.model.trainableLayers
    for position in stride(from: layers.count - 1, through: 0, by: -1) { executor.backward(to: layers[position]) }
    clipping?.apply(to: optimizer.parameters)
    optimizer.update(scale: schedule(parameterUpdates), loss: value)
    executor.invalidate(from: 0)
    parameterUpdates += 1
    return StepReport(loss: value)
  }
}
