/// An element-wise rule.
///
/// It sees parameters and their gradients, never layers or data.
public protocol Optimizer: AnyObject {
  /// The parameters it moves, bound when it is made.
  var parameters: [Parameter] { get }
  /// The step size before the schedule's factor.
  var learningRate: Float { get set }
  /// Moves every parameter by its gradient, with the learning rate times `scale`.
  func update(scale: Float)
}

extension Optimizer {
  /// What decoupled weight decay leaves of a parameter in one step (Loshchilov and Hutter 2019).
  func keep(_ parameter: Parameter, rate: Float, weightDecay: Float) -> Float {
    parameter.isDecayed ? 1 - rate * weightDecay : 1
  }
}
