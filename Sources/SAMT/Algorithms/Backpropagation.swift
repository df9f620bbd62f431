/// Ordinary training: one forward pass, one backward pass, one update of all parameters.
///
/// Gradients of several minibatches can be joined to one update, where one of that size takes too much memory. The
/// update is that of the large minibatch but for what layers compute over the examples of one, such as a ``BatchNorm``'s
/// statistics. An epoch ends with an update of the minibatches that are left.
public final class Backpropagation: TrainingAlgorithm {
  /// The rule that moves the parameters.
  public let optimizer: any Optimizer
  /// The rule, where it looks at layers.
  private let observer: (any LayerObserver)?
  /// The rule, where it evaluates minibatches again.
  private let minibatchOptimizer: (any MinibatchOptimizer)?
  /// For such a rule, the layer of each parameter, once the first step was made.
  private var layers: [ObjectIdentifier: Int] = [:]
  /// What the optimizer moves, layer by layer.
  private var blocks: [(name: String, parameters: [Parameter])] = []
  /// A factor on the learning rate.
  public let schedule: Schedule
  /// A limit on the gradients, where there is one.
  public let clipping: GradientClipping?
  /// How many minibatches there are to an update.
  public let minibatchesPerUpdate: Int
  /// How many updates ran so far.
  public private(set) var parameterUpdates = 0
  /// Nil where each minibatch is an update.
  private var accumulator: GradientAccumulator?
  private var minibatches = 0
  private var stepsPerEpoch: Int?

  /// Trains the optimizer's parameters; ``begin(_:for:)`` checks the settings.
  ///
  /// - Parameters:
  ///   - schedule: a factor on the learning rate, by the number of updates.
  ///   - clipping: a limit on the gradients of an update.
  ///   - minibatchesPerUpdate: how many minibatches' gradients are joined.
  public init(
    _ optimizer: any Optimizer, schedule: Schedule = .constant, clipping: GradientClipping? = nil,
    minibatchesPerUpdate: Int = 1
  ) {
    self.minibatchesPerUpdate = minibatchesPerUpdate
    if minibatchesPerUpdate > 1 { accumulator = GradientAccumulator(optimizer.parameters) }
    self.optimizer = optimizer
    observer = optimizer as? any LayerObserver
    minibatchOptimizer = optimizer as? any MinibatchOptimizer
    self.schedule = schedule
    self.clipping = clipping
  }

  /// Checks the schedule, the clipping, the number of minibatches, and that the optimizer moves parameters of this model.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where one of these has a problem, or one of the parameters is not
  ///   in the model, or frozen there.
  public func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError) {
    try schedule.validate()
    if let problem = clipping?.problem { throw .configuration(problem) }
    guard minibatchesPerUpdate >= 1 else {
      throw .configuration("an update needs at least one minibatch, found \(minibatchesPerUpdate)")
    }
    guard minibatchesPerUpdate == 1 || minibatchOptimizer == nil else {
      throw .configuration(
        "\(type(of: optimizer)) evaluates its minibatch again: an update cannot join \(minibatchesPerUpdate)")
    }
    stepsPerEpoch = plan.stepsPerEpoch
    let trained = Set(model.trainableParameters.map { ObjectIdentifier($0) })
    for parameter in optimizer.parameters where !trained.contains(ObjectIdentifier(parameter)) {
      throw .configuration("the optimizer moves \(parameter.path), which this model does not train")
    }
    guard !optimizer.parameters.isEmpty || trained.isEmpty else {
      throw .configuration("the optimizer has no parameters to move")
    }
    let moved = Set(optimizer.parameters.map { ObjectIdentifier($0) })
    blocks = model.blocks.compactMap { block in
      let parameters = block.parameters.filter { moved.contains(ObjectIdentifier($0)) }
      return parameters.isEmpty ? nil : (block.name, parameters)
    }
  }

  /// The optimizer's figures.
  public var metrics: [String: Double] { optimizer.metrics }

  /// Of each layer, the gradient that the last update moved it along.
  ///
  /// It is that of all the update's minibatches, and clipped where there is a limit. There is none before
  /// ``begin(_:for:)``.
  public var gradientReports: [BlockReport] {
    blocks.map { BlockReport(name: $0.name, gradient: Moments(ofGradients: $0.parameters)) }
  }

  /// Whether the optimizer's weights for evaluation are other ones than those that it trains.
  public var hasEvaluationWeights: Bool { optimizer.hasEvaluationWeights }

  /// Calls `body` with the optimizer's weights for evaluation in the parameters' place.
  public func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) {
    try optimizer.withEvaluationWeights(body)
  }

  /// The optimizer's state, the schedule's position, and the gradients that wait for their update.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("updates", &parameterUpdates)
    optimizer.visitState(visitor)
    guard accumulator != nil else { return }
    visitor.visit("minibatches", &minibatches)
    visitor.nested("accumulated") { accumulator?.visitState(visitor) }
  }

  /// Evaluates, goes back through all layers, and updates, where this minibatch completes an update's.
  public func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
    executor.load(batch.inputs)
    let value = executor.evaluateWithGradients(
      loss, batch.targets, of: executor.model.trainableLayers,
      observer: observer?.observesNextStep == true ? observer : nil)
    minibatches += 1
    if accumulator == nil {
      update(loss: value, batch, executor, loss)
    } else {
      accumulator!.add(loss: value, weight: loss.weight(of: batch.targets))
      if accumulator!.count == minibatchesPerUpdate || stepsPerEpoch.map({ minibatches % $0 == 0 }) == true {
        update(loss: accumulator!.takeMean(), batch, executor, loss)
      }
    }
    return StepReport(loss: value)
  }

  private func update(loss value: Double, _ batch: Batch, _ executor: ModelExecutor, _ loss: any Loss) {
    clipping?.apply(to: optimizer.parameters)
    let scale = schedule(parameterUpdates)
    if let minibatchOptimizer {
      if layers.isEmpty { layers = layerIndices(of: executor.model) }
      let minibatch = EvaluatedMinibatch(executor: executor, lossFunction: loss, targets: batch.targets, layers: layers)
      minibatchOptimizer.update(scale: scale, loss: value, minibatch: minibatch)
    } else {
      optimizer.update(scale: scale, loss: value)
    }
    executor.invalidate(from: 0)
    parameterUpdates += 1
  }

  private func layerIndices(of model: Model) -> [ObjectIdentifier: Int] {
    var indices: [ObjectIdentifier: Int] = [:]
    for (index, layer) in model.layers.enumerated() {
      for parameter in layer.parameters { indices[ObjectIdentifier(parameter)] = index }
    }
    return indices
  }
}
