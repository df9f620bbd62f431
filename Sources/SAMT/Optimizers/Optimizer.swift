/// An element-wise rule.
///
/// It sees parameters, their gradients and the loss, never layers or data.
public protocol Optimizer: Stateful {
  /// The parameters it moves, bound when it is made.
  var parameters: [Parameter] { get }
  /// The step size before the schedule's factor.
  var learningRate: Float { get set }
  /// Moves every parameter by its gradient, with the learning rate times `scale`.
  ///
  /// `loss` is the minibatch's, where the gradients were taken: some rules judge their last step by it.
  func update(scale: Float, loss: Double)
  /// Figures of the last step, by name, where the rule has any.
  var metrics: [String: Double] { get }
  /// Whether weights other than the trained ones should be evaluated and used.
  var hasEvaluationWeights: Bool { get }
  /// Calls `body` with the weights that should be evaluated and used in the parameters' place, then puts those that are
  /// trained back.
  func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError)
}

extension Optimizer {
  /// None.
  public var metrics: [String: Double] { [:] }

  /// The parameters are evaluated as they are trained.
  public var hasEvaluationWeights: Bool { false }

  /// The parameters are evaluated as they are trained.
  public func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) { try body() }

  /// What decoupled weight decay leaves of a parameter in one step (Loshchilov and Hutter 2019).
  func decayFactor(_ parameter: Parameter, rate: Float, weightDecay: Float) -> Float {
    parameter.isDecayed ? 1 - rate * weightDecay : 1
  }
}

/// The checks that every rule's settings share.
func requireRate(_ learningRate: Float, weightDecay: Float) throws(SAMTError) {
  guard learningRate > 0, learningRate.isFinite else {
    throw .configuration("the learning rate must be positive and finite, found \(learningRate)")
  }
  guard weightDecay >= 0, weightDecay.isFinite else {
    throw .configuration("the weight decay must be finite and not negative, found \(weightDecay)")
  }
}
