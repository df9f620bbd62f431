import CKernels
import Foundation

/// AdaFisher: momentum divided by the diagonal of a Kronecker-factored Fisher matrix, without a root.
///
/// Of Gomes, Zhang, Belilovsky, Wolf and Hosseini (2025, arXiv 2405.16397). With a weight decay it is AdaFisherW.
///
///     h = mean of x^2 of a layer's inputs (1 for the bias), s = mean of squares of the output's gradient
///     N(u) = (u - min u) / (max u - min u + 1e-6)
///     H = 0.1 gamma H + 0.01 gamma N(h),   S = 0.1 gamma S + 0.01 gamma N(s)          every so many steps, from 1
///     F[i, j] = S[i] H[j] + damping
///     m = beta m + (1 - beta) g,   w = (1 - rate decay) w - rate m / ((1 - beta^t) F)
///
/// Parameters of layers that are no ``ProductLayer`` have F = 1. The authors' program has factors for batch and layer
/// normalization, too, whose gains and biases move in longer steps there, and adds the decay of AdaFisher to the gradient.
public final class AdaFisher: LayerObserver {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// How much of the momentum survives a step.
  public let beta: Float
  /// Lambda, which keeps F away from 0.
  public let damping: Float
  /// gamma, in the factors' averages.
  public let gamma: Double
  /// The factors are estimated at every so many steps, the first among them.
  public let interval: Int
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private var momenta: [Tensor]
  private var curvatures: [LayerCurvature]
  /// Of the layer of a weight or a bias, by the parameter.
  private let curvatureIndices: [ObjectIdentifier: Int]
  private var direction: Tensor
  private var steps = 0

  /// An optimizer of those of the layers' parameters that are not frozen.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, a beta outside
  ///   0 ..< 1, a damping that is not at least 1e-12 and finite, a gamma outside 0 ... 10, an interval below 1, or a
  ///   negative decay.
  public init(
    _ layers: [any Layer], learningRate: Float = 1e-3, beta: Float = 0.9, damping: Float = 1e-3, gamma: Double = 0.8,
    interval: Int = 100, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard (0..<1).contains(beta) else { throw .configuration("AdaFisher's beta must be in 0 ..< 1, found \(beta)") }
    guard damping >= 1e-12, damping.isFinite else {
      throw .configuration("AdaFisher's damping must be at least 1e-12 and finite, found \(damping)")
    }
    guard (0...10).contains(gamma) else {
      throw .configuration("AdaFisher's gamma must be in 0 ... 10, found \(gamma)")
    }
    guard interval >= 1 else { throw .configuration("AdaFisher's interval must be at least 1, found \(interval)") }
    let parameters = layers.flatMap(\.parameters).filter { !$0.isFrozen }
    let trained = layers.compactMap { $0 as? any ProductLayer }.filter { $0.parameters.contains { !$0.isFrozen } }
    var indices: [ObjectIdentifier: Int] = [:]
    for (index, layer) in trained.enumerated() {
      for parameter in layer.parameters { indices[ObjectIdentifier(parameter)] = index }
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.beta = beta
    self.damping = damping
    self.gamma = gamma
    self.interval = interval
    self.weightDecay = weightDecay
    momenta = parameters.map { Tensor(zeros: $0.shape) }
    curvatures = trained.map { LayerCurvature(of: $0) }
    curvatureIndices = indices
    direction = Tensor(zeros: [parameters.map(\.shape.count).max() ?? 0])
  }

  /// The momenta as `m.PATH`, each layer's factors as `inputs.PATH` and `outputs.PATH` of its weight, and t.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("steps", &steps)
    for index in parameters.indices { visitor.visit("m.\(parameters[index].path)", &momenta[index]) }
    for index in curvatures.indices { curvatures[index].visitState(visitor) }
  }

  /// Whether the factors are due.
  public var observesNextStep: Bool { steps % interval == 0 }

  /// Estimates a layer's factors anew.
  public func observe(_ layer: any ProductLayer, _ squares: LayerMeanSquares) {
    guard let index = curvatureIndices[ObjectIdentifier(layer.weight)] else { return }
    curvatures[index].estimate(from: squares, gamma: gamma)
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    steps += 1
    let rate = learningRate * scale
    let correctedRate = rate / Float(1 - pow(Double(beta), Double(steps)))
    for index in parameters.indices where parameters[index].shape.count > 0 {
      let parameter = parameters[index]
      let decayFactor = decayFactor(parameter, rate: rate, weightDecay: weightDecay)
      if let curvature = curvatureIndices[ObjectIdentifier(parameter)] {
        let step = ck_fisher_args(rate: correctedRate, decay_factor: decayFactor, beta: beta, damping: damping)
        curvatures[curvature].move(parameter, momentum: &momenta[index], step)
      } else {
        direction.reshape(to: parameter.shape)
        Kernels.blendedMomentum(parameter.gradient, m: &momenta[index], beta: beta, blend: 1, into: &direction)
        Kernels.move(&parameter.value, along: direction, rate: correctedRate, decayFactor: decayFactor)
      }
    }
  }
}
