/// Normalization of each channel over the batch (Ioffe and Szegedy 2015).
///
///     y = (x - mean) / sqrt(variance + epsilon) gamma + beta
///
/// or max(y, 0) where the layer is also the rectifier: one pass over memory instead of two, and no memory for y before
/// it is cut off. X is (batch, channels, ...), gamma and beta are (channels). In training, mean and variance are the batch's own, the
/// variance the biased one, and the running ones move towards them: r = (1 - momentum) r + momentum s, with the
/// unbiased variance, once for every batch that is loaded, however often it is evaluated. In inference the running ones
/// are used.
///
/// ``BatchNorm1d`` and ``BatchNorm2d`` say which inputs they take.
public class BatchNorm: Layer {
  /// What backward needs of a batch.
  public struct Statistics {
    fileprivate var mean: Tensor
    fileprivate var variance: Tensor
    fileprivate var inverse: Tensor
    fileprivate var gammaGradient: Tensor
    fileprivate var betaGradient: Tensor
    fileprivate var isCounted = false
  }

  /// The layer's name, `norm` unless given.
  public let name: String
  /// gamma, (channels), at first 1; nil where the layer has none.
  public let weight: Parameter?
  /// beta, (channels), at first 0; nil where the layer has none.
  public let bias: Parameter?
  /// gamma and beta.
  public let parameters: [Parameter]
  /// The running mean, (channels), at first 0.
  public var runningMean: Tensor
  /// The running variance, (channels), at first 1.
  public var runningVariance: Tensor
  /// How far the running statistics move towards a batch's.
  public let momentum: Float
  /// What is added to the variance.
  public let epsilon: Float
  /// Whether max(., 0) follows.
  public let relu: Bool
  fileprivate let channels: Int
  private let ones: Tensor
  private let zeros: Tensor

  fileprivate init(channels: Int, momentum: Float, epsilon: Float, affine: Bool, relu: Bool, name: String) {
    ensure(
      channels >= 1 && momentum >= 0 && momentum <= 1 && epsilon > 0,
      "\(name): \(channels) channels, momentum \(momentum), epsilon \(epsilon)")
    self.name = name
    self.channels = channels
    self.momentum = momentum
    self.epsilon = epsilon
    self.relu = relu
    ones = Tensor([Float](repeating: 1, count: channels), shape: [channels])
    zeros = Tensor(zeros: [channels])
    weight = affine ? Parameter("weight", shape: [channels], initializer: .ones, isDecayed: false) : nil
    bias = affine ? Parameter("bias", shape: [channels], initializer: .zeros, isDecayed: false) : nil
    parameters = [weight, bias].compactMap { $0 }
    runningMean = zeros
    runningVariance = ones
  }

  /// The shapes that are accepted, for messages, and whether one of a given rank is.
  fileprivate var expected: String { fatalError("abstract") }
  fileprivate func accepts(rank: Int) -> Bool { fatalError("abstract") }

  /// The input's shape.
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard accepts(rank: input.rank), input[1] == channels, input.count > 0 else {
      throw .shape(layer: name, expected: expected, found: input)
    }
    return input
  }

  /// Room for the moments of a batch.
  public func makeSaved(for input: Shape) -> Statistics {
    Statistics(
      mean: Tensor(zeros: [channels]), variance: Tensor(zeros: [channels]), inverse: Tensor(zeros: [channels]),
      gammaGradient: Tensor(zeros: [channels]), betaGradient: Tensor(zeros: [channels]))
  }

  /// Lets the next evaluation move the running statistics.
  public func beginBatch(_ saved: inout Statistics, mode: Mode) { saved.isCounted = false }

  /// Normalizes, by the batch's moments in training and by the running ones in inference.
  ///
  /// - Precondition: in training, more than one element in a channel.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Statistics, mode: Mode) {
    let (gamma, beta) = (weight?.value ?? ones, bias?.value ?? zeros)
    switch mode {
    case .training:
      Kernels.normalizeBatch(
        input, epsilon: epsilon, gamma: gamma, beta: beta, relu: relu, mean: &saved.mean,
        variance: &saved.variance, inverse: &saved.inverse, into: &output)
      guard !saved.isCounted else { return }
      saved.isCounted = true
      count(saved, elements: input.count / channels)
    case .inference:
      let epsilon = epsilon
      saved.inverse.withMutableSpan { scale in
        runningVariance.withSpan { variance in
          gamma.withSpan { gamma in
            for c in scale.indices { scale[c] = gamma[c] / (variance[c] + epsilon).squareRoot() }
          }
        }
      }
      Kernels.transformChannels(
        input, mean: runningMean, scale: saved.inverse, shift: beta, relu: relu, into: &output)
    }
  }

  private func count(_ batch: Statistics, elements: Int) {
    ensure(elements > 1, "\(name): the variance of a batch with one element in a channel")
    let (momentum, unbiased) = (momentum, Float(elements) / Float(elements - 1))
    runningMean.withMutableSpan { running in
      batch.mean.withSpan { mean in
        for c in running.indices { running[c] += momentum * (mean[c] - running[c]) }
      }
    }
    runningVariance.withMutableSpan { running in
      batch.variance.withSpan { variance in
        for c in running.indices { running[c] += momentum * (unbiased * variance[c] - running[c]) }
      }
    }
  }

  /// dx, through the batch's mean and variance as well.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Statistics,
    into inputGradient: inout Tensor
  ) {
    Kernels.normalizeBatchGradient(
      outputGradient, at: input, gamma: weight?.value ?? ones, beta: bias?.value ?? zeros, relu: relu,
      mean: saved.mean, inverse: saved.inverse, gammaGradient: &saved.gammaGradient,
      betaGradient: &saved.betaGradient, into: &inputGradient)
  }

  /// dgamma = the sum of dy (x - mean) / sqrt(variance + epsilon) over a channel, dbeta = that of dy.
  public func parameterGradients(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Statistics
  ) {
    guard let weight, let bias else { return }
    Kernels.normalizeBatchGradient(
      outputGradient, at: input, gamma: weight.value, beta: bias.value, relu: relu, mean: saved.mean,
      inverse: saved.inverse, gammaGradient: &weight.gradient, betaGradient: &bias.gradient)
  }
}

/// ``BatchNorm`` of images, [batch, channels, height, width].
public final class BatchNorm2d: BatchNorm {
  /// A layer for `channels` channels; without `affine`, gamma is 1 and beta 0; with `relu`, a rectifier as well.
  ///
  /// - Precondition: at least one channel, momentum in 0 ... 1, epsilon above 0.
  public init(
    _ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, affine: Bool = true, relu: Bool = false,
    name: String = "norm"
  ) {
    super.init(channels: channels, momentum: momentum, epsilon: epsilon, affine: affine, relu: relu, name: name)
  }

  override fileprivate var expected: String { "[*, \(channels), height, width]" }
  override fileprivate func accepts(rank: Int) -> Bool { rank == 4 }
}

/// ``BatchNorm`` of features, [batch, channels], or of sequences, [batch, channels, length].
public final class BatchNorm1d: BatchNorm {
  /// A layer for `channels` channels; without `affine`, gamma is 1 and beta 0; with `relu`, a rectifier as well.
  ///
  /// - Precondition: at least one channel, momentum in 0 ... 1, epsilon above 0.
  public init(
    _ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, affine: Bool = true, relu: Bool = false,
    name: String = "norm"
  ) {
    super.init(channels: channels, momentum: momentum, epsilon: epsilon, affine: affine, relu: relu, name: name)
  }

  override fileprivate var expected: String { "[*, \(channels)] or [*, \(channels), length]" }
  override fileprivate func accepts(rank: Int) -> Bool { rank == 2 || rank == 3 }
}
