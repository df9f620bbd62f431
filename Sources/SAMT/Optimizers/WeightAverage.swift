/// A running average of a model's parameters, for evaluation: the average of a noisy path generalizes better than its
/// end (Polyak and Juditsky 1992).
///
/// A ``BatchNorm``'s running statistics stay those of the parameters themselves; a ``Trainer`` gathers others at the
/// average where it evaluates that.
public final class WeightAverage: Stateful {
  /// How a new value enters the average.
  public enum Kind: Sendable, Equatable {
    /// W_bar += max(1 - decay, 10 / (n + 9)) (W - W_bar), n counting from 1.
    ///
    /// While n is small, the window is about a tenth of the path, as with the usual warm-up of the decay,
    /// min(decay, (1 + n) / (10 + n)). A constant decay would hold on to the first value for some 1 / (1 - decay)
    /// updates, and a plain mean of those updates to the path's whole beginning; neither is near the weights after a
    /// short training. The first weight is 1, so that nothing is left of the zeros before it.
    case exponential(decay: Float)
    /// W_bar += min(1, (gamma + 1) / (n + gamma)) (W - W_bar), n counting from 1: recent values weigh more, and the
    /// window grows with n (Shamir and Zhang 2013).
    case polynomial(gamma: Float)
  }

  /// How a new value enters the average.
  public let kind: Kind
  private let parameters: [Parameter]
  private var averages: [Tensor]
  private var count = 0

  /// An average of `parameters`, empty until the first ``update()``.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` unless the decay is at least 0 and below 1, or gamma at least 0 and finite.
  public init(of parameters: [Parameter], _ kind: Kind) throws(SAMTError) {
    switch kind {
    case .exponential(let decay):
      guard decay >= 0, decay < 1 else {
        throw .configuration("the decay of a weight average must be at least 0 and below 1, found \(decay)")
      }
    case .polynomial(let gamma):
      guard gamma >= 0, gamma.isFinite else {
        throw .configuration("the gamma of a weight average must be finite and not negative, found \(gamma)")
      }
    }
    self.parameters = parameters
    self.kind = kind
    averages = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// The averages under their parameters' paths, and how many values they took in.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("updates", &count)
    for index in parameters.indices { visitor.visit(parameters[index].path, &averages[index]) }
  }

  /// Takes in the parameters' current values: one pass over memory, no allocation.
  public func update() {
    count += 1
    let weight: Float =
      switch kind {
      case .exponential(let decay): max(1 - decay, 10 / (Float(count) + 9))
      case .polynomial(let gamma): min(1, (gamma + 1) / (Float(count) + gamma))
      }
    for index in parameters.indices {
      Kernels.average(parameters[index].value, into: &averages[index], weight: weight)
    }
  }

  /// Calls `body` with the averages in the parameters' place, then puts the parameters back.
  ///
  /// Executors of the model must be loaded anew inside and after. Before the first ``update()``, only calls `body`.
  public func withAverages<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    guard count > 0 else { return try body() }
    swap()
    defer { swap() }
    return try body()
  }

  private func swap() {
    for (index, parameter) in parameters.enumerated() { Swift.swap(&parameter.value, &averages[index]) }
  }
}
