/// Several rules, each for parameters of its own: Muon for matrices with Adam for the rest, or one rule with a learning
/// rate and a decay for each group.
///
/// What a rule sums over its parameters, such as a norm, it sums over its group. A rule that judges its last step by the
/// loss, as ``SOAA`` does, would take all groups' steps for its own.
public final class GroupedOptimizer: LayerObserver {
  /// The rules, in the order of their groups.
  public let optimizers: [any Optimizer]
  /// The parameters of all groups, group by group.
  public let parameters: [Parameter]
  private let observers: [any LayerObserver]

  /// The rules together.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where there is no rule, one evaluates minibatches itself, or two would move
  ///   the same parameter.
  public init(_ optimizers: [any Optimizer]) throws(SAMTError) {
    guard !optimizers.isEmpty else { throw .configuration("no groups to optimize") }
    for optimizer in optimizers { try optimizer.requireNoMinibatch(within: "groups") }
    parameters = optimizers.flatMap(\.parameters)
    var seen: Set<ObjectIdentifier> = []
    for parameter in parameters where !seen.insert(ObjectIdentifier(parameter)).inserted {
      throw .configuration("\(parameter.path) is moved by two groups")
    }
    self.optimizers = optimizers
    observers = optimizers.compactMap { $0 as? any LayerObserver }
  }

  /// The first group's step size; a new one changes all groups' by the same factor.
  public var learningRate: Float {
    get { optimizers[0].learningRate }
    set {
      let factor = newValue / optimizers[0].learningRate
      for optimizer in optimizers { optimizer.learningRate *= factor }
    }
  }

  /// Each group's state as `group0`, `group1` and so on, in their order.
  public func visitState(_ visitor: StateVisitor) {
    for index in optimizers.indices { visitor.visit("group\(index)", optimizers[index]) }
  }

  /// Whether a group's rule will look at the coming step's layers.
  public var observesNextStep: Bool { observers.contains { $0.observesNextStep } }

  /// Shows a layer to the rules that look at it.
  public func observe(_ layer: any ProductLayer, _ squares: LayerMeanSquares) {
    for index in observers.indices where observers[index].observesNextStep {
      observers[index].observe(layer, squares)
    }
  }

  /// One step of every group.
  public func update(scale: Float, loss: Double) {
    for index in optimizers.indices { optimizers[index].update(scale: scale, loss: loss) }
  }

  /// Each group's figures, as `group0.NAME` and so on.
  public var metrics: [String: Double] {
    var metrics: [String: Double] = [:]
    for (index, optimizer) in optimizers.enumerated() {
      for (name, value) in optimizer.metrics { metrics["group\(index).\(name)"] = value }
    }
    return metrics
  }

  /// Whether a group has weights of its own to evaluate.
  public var hasEvaluationWeights: Bool { optimizers.contains { $0.hasEvaluationWeights } }

  /// Calls `body` with every group's weights for evaluation in the parameters' place.
  public func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) {
    try withEvaluationWeights(from: 0, body)
  }

  private func withEvaluationWeights(from index: Int, _ body: () throws(SAMTError) -> Void) throws(SAMTError) {
    guard index < optimizers.count else { return try body() }
    try optimizers[index].withEvaluationWeights { () throws(SAMTError) in
      try withEvaluationWeights(from: index + 1, body)
    }
  }
}
