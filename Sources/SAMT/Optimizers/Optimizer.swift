import Foundation

/// An element-wise rule.
///
/// It sees parameters, their gradients and the loss, never layers or data.
public protocol Optimizer: AnyObject {
  /// The parameters it moves, bound when it is made.
  var parameters: [Parameter] { get }
  /// The step size before the schedule's factor.
  var learningRate: Float { get set }
  /// Moves every parameter by its gradient, with the learning rate times `scale`.
  ///
  /// `loss` is the minibatch's, where the gradients were taken: some rules judge their last step by it.
  func update(scale: Float, loss: Double)
}

extension Optimizer {
  /// What decoupled weight decay leaves of a parameter in one step (Loshchilov and Hutter 2019).
  func keep(_ parameter: Parameter, rate: Float, weightDecay: Float) -> Float {
    parameter.isDecayed ? 1 - rate * weightDecay : 1
  }
}

/// 1 - beta^t of both moments: what averages that began at 0 are divided by.
func momentCorrections(_ betas: (Float, Float), steps: Int) -> (Float, Float) {
  (Float(1 - pow(Double(betas.0), Double(steps))), Float(1 - pow(Double(betas.1), Double(steps))))
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

/// What every rule with moments asks of its settings.
func requireMoments(_ name: String, betas: (Float, Float), epsilon: Float) throws(SAMTError) {
  guard (0..<1).contains(betas.0), (0..<1).contains(betas.1) else {
    throw .configuration("\(name)'s betas must be in 0 ..< 1, found \(betas)")
  }
  guard epsilon > 0, epsilon.isFinite else {
    throw .configuration("\(name)'s epsilon must be positive and finite, found \(epsilon)")
  }
}
