import CKernels
import Foundation

/// psi, the tiny network that sets a block's step sizes and learns online from what they did to the loss.
///
///     x = clip((u - mu) / sqrt(s2 + 1e-4), -3, 3)     the five statistics, log-scaled and normalized as they come
///     h = tanh(A x + a)
///     p = Bp h + cp,  q = Bq h + cq                     one pair per output, for ``EtaProjection``
///
/// Everything is double precision, in one array so that Adam is one loop; nothing allocates after `init`. The features
/// are constants of psi's gradient, for they do not depend on psi.
///
/// Under softmax cross-entropy each example's gradient sums to 0 over the classes, so the mean of the last layer's
/// gradient is rounding alone, and the logarithm with its 1e8 makes a feature of it: step sizes there differ between
/// instruction sets by far more than rounding.
struct EtaModel {
  /// The five statistics of a gradient: mean, population variance, maximum, minimum, L2 norm.
  static let featureCount = StepSizes.Feature.allCases.count

  let outputCount: Int
  let hiddenCount: Int
  let learningRate: Double
  /// Which statistics it looks at; the others' features stay 0.
  private let sees: [Bool]

  /// A (hidden, 5), a (hidden), Bp (outputs, hidden), Bq (outputs, hidden), cp (outputs), cq (outputs).
  private(set) var parameters: [Double]
  private var gradients: [Double]
  private var firstMoments: [Double]
  private var secondMoments: [Double]
  private var steps = 0

  private(set) var features: [Double]
  private var featureMeans: [Double]
  private var featureVariances: [Double]
  private var observations = 0

  private(set) var hidden: [Double]
  private var hiddenGradients: [Double]
  /// The head's outputs.
  private(set) var p: [Double]
  private(set) var q: [Double]

  /// A model whose outputs all start at `initialP` and `initialQ`.
  init(
    outputs: Int, hidden: Int, learningRate: Double,
    features seen: Set<StepSizes.Feature> = Set(StepSizes.Feature.allCases),
    initialP: Double, initialQ: Double, using generator: inout Generator
  ) {
    outputCount = outputs
    hiddenCount = hidden
    self.learningRate = learningRate
    sees = StepSizes.Feature.allCases.map(seen.contains)
    // Each array its own memory: a shared one would be copied at the first write, in the middle of training.
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    let count = hidden * (EtaModel.featureCount + 1) + 2 * outputs * (hidden + 1)
    parameters = zeros(count)
    gradients = zeros(count)
    firstMoments = zeros(count)
    secondMoments = zeros(count)
    features = zeros(EtaModel.featureCount)
    featureMeans = zeros(EtaModel.featureCount)
    featureVariances = zeros(EtaModel.featureCount)
    self.hidden = zeros(hidden)
    hiddenGradients = zeros(hidden)
    p = zeros(outputs)
    q = zeros(outputs)
    let deviation = 1 / Double(EtaModel.featureCount).squareRoot()
    for i in 0..<hidden * EtaModel.featureCount { parameters[i] = deviation * generator.normal() }
    for k in 0..<outputs {
      parameters[gateBias + k] = initialP
      parameters[stepBias + k] = initialQ
    }
  }

  // Where each part begins in `parameters`.
  private var hiddenBias: Int { hiddenCount * EtaModel.featureCount }
  private var gateWeight: Int { hiddenBias + hiddenCount }
  private var stepWeight: Int { gateWeight + outputCount * hiddenCount }
  private var gateBias: Int { stepWeight + outputCount * hiddenCount }
  private var stepBias: Int { gateBias + outputCount }

  /// The parameters, Adam's moments, the features and their running statistics, and where there is a gate its outputs,
  /// for reports.
  mutating func visitState(_ visitor: StateVisitor, isGated: Bool) {
    visitor.visit("parameters", &parameters)
    visitor.visit("firstMoments", &firstMoments)
    visitor.visit("secondMoments", &secondMoments)
    visitor.visit("steps", &steps)
    visitor.visit("features", &features)
    visitor.visit("featureMeans", &featureMeans)
    visitor.visit("featureVariances", &featureVariances)
    visitor.visit("observations", &observations)
    if isGated { visitor.visit("p", &p) }
  }

  /// Takes in a gradient's statistics and computes the head's outputs.
  mutating func observe(_ statistics: Moments) {
    observations += 1
    let rate = max(0.01, 1 / Double(observations))
    takeFeature(0, statistics.mean, rate)
    takeFeature(1, statistics.variance, rate)
    takeFeature(2, statistics.maximum, rate)
    takeFeature(3, statistics.minimum, rate)
    takeFeature(4, statistics.norm, rate)
    forward()
  }

  private mutating func takeFeature(_ i: Int, _ statistic: Double, _ rate: Double) {
    // Gradients that are not finite say nothing; the step they belong to is going to be rejected.
    guard sees[i], statistic.isFinite else { return }
    let scaled = (statistic < 0 ? -1 : 1) * log1p(1e8 * abs(statistic))
    let difference = scaled - featureMeans[i]
    featureMeans[i] += rate * difference
    featureVariances[i] = (1 - rate) * (featureVariances[i] + rate * difference * difference)
    features[i] = min(max((scaled - featureMeans[i]) / (featureVariances[i] + 1e-4).squareRoot(), -3), 3)
  }

  /// The head's outputs at the features as they stand.
  mutating func forward() {
    for unit in 0..<hiddenCount {
      var sum = parameters[hiddenBias + unit]
      for i in 0..<EtaModel.featureCount { sum += parameters[unit * EtaModel.featureCount + i] * features[i] }
      hidden[unit] = tanh(sum)
    }
    for k in 0..<outputCount {
      var gate = parameters[gateBias + k], step = parameters[stepBias + k]
      let row = k * hiddenCount
      for unit in 0..<hiddenCount {
        gate += parameters[gateWeight + row + unit] * hidden[unit]
        step += parameters[stepWeight + row + unit] * hidden[unit]
      }
      p[k] = gate
      q[k] = step
    }
  }

  /// One Adam step, given the loss's gradients by the head's outputs.
  ///
  /// A gradient that is not finite teaches nothing.
  mutating func learn(pGradient: [Double], qGradient: [Double]) {
    backward(pGradient: pGradient, qGradient: qGradient)
    guard learningRate > 0, gradientsAreFinite else { return }
    steps += 1
    let (beta1, beta2) = (0.9, 0.999)
    let args = ck_adam_double_args(
      rate: learningRate / (1 - pow(beta1, Double(steps))), beta1: beta1, beta2: beta2, epsilon: 1e-16,
      correction: 1 / (1 - pow(beta2, Double(steps))))
    Kernels.adam(&parameters, m: &firstMoments, v: &secondMoments, gradient: gradients, args)
  }

  /// The loss's gradients by ``parameters``, in their order.
  mutating func backward(pGradient: [Double], qGradient: [Double]) {
    ensure(pGradient.count == outputCount && qGradient.count == outputCount, "one gradient per output")
    for unit in 0..<hiddenCount { hiddenGradients[unit] = 0 }
    EtaModel.backwardThroughHead(
      pGradient, qGradient, weights: (gateWeight, stepWeight), biases: (gateBias, stepBias), of: parameters,
      hidden: hidden, gradients: &gradients, hiddenGradients: &hiddenGradients)
    for unit in 0..<hiddenCount {
      let inner = hiddenGradients[unit] * (1 - hidden[unit] * hidden[unit])
      gradients[hiddenBias + unit] = inner
      for i in 0..<EtaModel.featureCount { gradients[unit * EtaModel.featureCount + i] = inner * features[i] }
    }
  }

  /// Writes the gradients by the head's weights and biases, and adds those by the hidden units.
  ///
  /// Over pointers, for an array asks at every write whether it may.
  private static func backwardThroughHead(
    _ pGradient: [Double], _ qGradient: [Double], weights: (gate: Int, step: Int), biases: (gate: Int, step: Int),
    of parameters: [Double], hidden: [Double], gradients: inout [Double], hiddenGradients: inout [Double]
  ) {
    parameters.withUnsafeBufferPointer { parameters in
      hidden.withUnsafeBufferPointer { hidden in
        gradients.withUnsafeMutableBufferPointer { gradients in
          hiddenGradients.withUnsafeMutableBufferPointer { hiddenGradients in
            for k in pGradient.indices {
              let (dp, dq) = (pGradient[k], qGradient[k])
              let gate = weights.gate + k * hidden.count, step = weights.step + k * hidden.count
              for unit in hidden.indices {
                hiddenGradients[unit] += parameters[gate + unit] * dp + parameters[step + unit] * dq
                gradients[gate + unit] = dp * hidden[unit]
                gradients[step + unit] = dq * hidden[unit]
              }
              gradients[biases.gate + k] = dp
              gradients[biases.step + k] = dq
            }
          }
        }
      }
    }
  }

  private var gradientsAreFinite: Bool {
    for i in 0..<gradients.count where !gradients[i].isFinite { return false }
    return true
  }

  /// The gradients as the last ``backward(pGradient:qGradient:)`` left them; for checks.
  var lastGradients: [Double] { gradients }

  /// Replaces the parameters, and the features where given, and recomputes the outputs; for checks.
  mutating func setParameters(_ values: [Double], features newFeatures: [Double]? = nil) {
    ensure(values.count == parameters.count, "\(parameters.count) parameters, found \(values.count)")
    parameters = values
    if let newFeatures {
      ensure(newFeatures.count == features.count, "\(features.count) features, found \(newFeatures.count)")
      features = newFeatures
    }
    forward()
  }
}
