/// Normalization of each channel over the batch (Ioffe and Szegedy 2015).
///
///     y = (x - mean) / sqrt(variance + epsilon) gamma + beta
///
/// or max(y, 0) where the layer is also the rectifier: one pass over memory instead of two, and no memory for y before
/// it is cut off. X is (batch, channels, ...), gamma and beta are (channels). In training, mean and variance are the
/// batch's own, the variance the biased one, and the running ones move towards them: r = (1 - momentum) r + momentum s,
/// with the unbiased variance, once for every batch that is loaded, however often it is evaluated. A batch that would
/// make one of them infinite or no number leaves all of them as they are. In inference the running ones are used.
///
/// Of a batch in shards, each shard is normalized by its own moments, and the running ones move towards the mean of the
/// shards'.
///
/// ``BatchNorm1d`` and ``BatchNorm2d`` say which inputs they take.
public class BatchNorm: Layer {
  /// What makes one batch normalization differ from another.
  public struct Settings: LayerSettings {
    /// The number of channels.
    public var channels: Int
    /// How far the running statistics move towards a batch's.
    public var momentum: Float
    /// What is added to the variance.
    public var epsilon: Float
    /// Whether there are gamma and beta.
    public var affine: Bool
    /// Whether max(., 0) follows.
    public var relu: Bool

    /// What is wrong with the settings; nil where nothing is.
    public var problem: String? {
      areLengths([channels]) && momentum >= 0 && momentum <= 1 && epsilon > 0 && epsilon.isFinite
        ? nil : "\(channels) channels, momentum \(momentum), epsilon \(epsilon)"
    }
  }

  /// What backward needs of a batch.
  public struct Statistics {
    fileprivate var mean: Tensor
    fileprivate var variance: Tensor
    fileprivate var inverse: Tensor
    fileprivate var gammaGradient: Tensor
    fileprivate var betaGradient: Tensor
    /// Mean and unbiased variance, (2 channels).
    fileprivate var moments: Tensor
    /// How many elements a channel has.
    fileprivate let elements: Int
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
  /// The running mean and the running variance.
  public let buffers: [ModelBuffer]
  /// How many batches moved the running statistics.
  public private(set) var batchesTracked = 0
  /// The number of channels, momentum, epsilon, whether there are gamma and beta, whether a rectifier follows.
  public let settings: Settings
  /// How many batches the running statistics are the mean of, while they are gathered; nil where they follow by momentum.
  private var gatheredBatches: Int?
  // In the place of gamma and beta where the layer has none.
  private lazy var ones = Tensor([Float](repeating: 1, count: settings.channels), shape: [settings.channels])
  private lazy var zeros = Tensor(zeros: [settings.channels])

  /// The parameters and statistics that both layers have; make one of the two instead.
  public init(_ settings: Settings, name: String) {
    requireSettings(settings, name)
    self.name = name
    self.settings = settings
    let shape: Shape = [settings.channels]
    weight = settings.affine ? Parameter("weight", shape: shape, initializer: .ones, isDecayed: false) : nil
    bias = settings.affine ? Parameter("bias", shape: shape, initializer: .zeros, isDecayed: false) : nil
    parameters = [weight, bias].compactMap { $0 }
    buffers = [
      ModelBuffer("running_mean", shape: shape, initial: 0), ModelBuffer("running_var", shape: shape, initial: 1),
    ]
  }

  /// The running mean, (channels), at first 0.
  public var runningMean: Tensor {
    get { buffers[0].value }
    set { buffers[0].value = newValue }
  }

  /// The running variance, (channels), at first 1.
  public var runningVariance: Tensor {
    get { buffers[1].value }
    set { buffers[1].value = newValue }
  }

  /// The parameters, the running statistics and the number of batches that moved them, under PyTorch's names.
  public func visitState(_ visitor: StateVisitor) {
    visitDefaultState(visitor)
    visitor.visit("num_batches_tracked", &batchesTracked)
  }

  /// The shapes that are accepted, for messages, and whether one of a given rank is.
  fileprivate var expected: String { fatalError("abstract") }
  fileprivate func accepts(rank: Int) -> Bool { fatalError("abstract") }

  /// The input's shape.
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard accepts(rank: input.rank), input[1] == settings.channels, input.count > 0 else {
      throw .shape(layer: name, expected: expected, found: input)
    }
    return input
  }

  /// A batch with one element in a channel: its variance says nothing.
  public func trainingProblem(for input: Shape) -> String? {
    input.count / settings.channels > 1 ? nil : "the variance of a batch with one element in a channel"
  }

  /// Room for the moments of a batch.
  public func makeSaved(for input: Shape) -> Statistics {
    let shape: Shape = [settings.channels]
    return Statistics(
      mean: Tensor(zeros: shape), variance: Tensor(zeros: shape), inverse: Tensor(zeros: shape),
      gammaGradient: Tensor(zeros: shape), betaGradient: Tensor(zeros: shape),
      moments: Tensor(zeros: [2 * settings.channels]), elements: input.count / settings.channels)
  }

  /// Lets the next evaluation move the running statistics, unless it is a replay.
  public func beginBatch(_ saved: inout Statistics, mode: Mode, isReplay: Bool) { saved.isCounted = isReplay }

  /// Normalizes, by the batch's moments in training and by the running ones in inference.
  ///
  /// - Precondition: in training, more than one element in a channel.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Statistics, mode: Mode) {
    let (gamma, beta) = (weight?.value ?? ones, bias?.value ?? zeros)
    let (epsilon, relu) = (settings.epsilon, settings.relu)
    switch mode {
    case .training:
      Kernels.normalizeBatch(
        input, epsilon: epsilon, gamma: gamma, beta: beta, relu: relu, mean: &saved.mean,
        variance: &saved.variance, inverse: &saved.inverse, into: &output)
      guard !saved.isCounted else { return }
      saved.isCounted = true
      if let problem = trainingProblem(for: input.shape) { ensure(false, "\(name): \(problem)") }
      writeMoments(saved.mean, saved.variance, elements: saved.elements, into: &saved.moments)
      follow(saved.moments)
    case .inference:
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

  /// Mean and unbiased variance of each channel.
  public var statisticsCount: Int { 2 * settings.channels }

  /// The means, then the unbiased variances.
  public func writeStatistics(of saved: inout Statistics, into statistics: inout Tensor) {
    writeMoments(saved.mean, saved.variance, elements: saved.elements, into: &statistics)
  }

  private func writeMoments(_ mean: Tensor, _ variance: Tensor, elements: Int, into moments: inout Tensor) {
    let unbiased = Float(elements) / Float(elements - 1)
    let channels = settings.channels
    moments.withMutableSpan { moments in
      mean.withSpan { mean in
        variance.withSpan { variance in
          for c in mean.indices {
            moments[c] = mean[c]
            moments[channels + c] = unbiased * variance[c]
          }
        }
      }
    }
  }

  /// Moves the running mean and variance, unless one of them would be infinite or no number.
  public func follow(_ statistics: Tensor) {
    guard leavesFinite(buffers[0].value, statistics, from: 0),
      leavesFinite(buffers[1].value, statistics, from: settings.channels)
    else { return }
    if gatheredBatches == nil { batchesTracked += 1 }
    move(&buffers[0].value, towards: statistics, from: 0)
    move(&buffers[1].value, towards: statistics, from: settings.channels)
    gatheredBatches = gatheredBatches.map { $0 + 1 }
  }

  /// From now on the running statistics are the means of those of the batches that follow, all of which count alike.
  func beginGathering() { gatheredBatches = 0 }

  /// The running statistics follow by momentum again.
  func endGathering() { gatheredBatches = nil }

  /// r + momentum (s - r), or while statistics are gathered r + (s - r) / (batches + 1).
  private func moved(_ running: Float, towards statistic: Float) -> Float {
    switch gatheredBatches {
    case nil: running + settings.momentum * (statistic - running)
    case 0: statistic
    case let batches?: running + (statistic - running) / Float(batches + 1)
    }
  }

  private func move(_ running: inout Tensor, towards statistics: Tensor, from first: Int) {
    running.withMutableSpan { running in
      statistics.withSpan { statistics in
        for c in running.indices { running[c] = moved(running[c], towards: statistics[first + c]) }
      }
    }
  }

  /// Whether all of `running` are finite once they have moved.
  private func leavesFinite(_ running: Tensor, _ statistics: Tensor, from first: Int) -> Bool {
    running.withSpan { running in
      statistics.withSpan { statistics in
        for c in running.indices where !moved(running[c], towards: statistics[first + c]).isFinite { return false }
        return true
      }
    }
  }

  /// dx, through the batch's mean and variance as well.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Statistics,
    into inputGradient: inout Tensor
  ) {
    Kernels.normalizeBatchGradient(
      outputGradient, at: input, gamma: weight?.value ?? ones, beta: bias?.value ?? zeros, relu: settings.relu,
      mean: saved.mean, inverse: saved.inverse, gammaGradient: &saved.gammaGradient,
      betaGradient: &saved.betaGradient, into: &inputGradient)
  }

  /// dgamma = the sum of dy (x - mean) / sqrt(variance + epsilon) over a channel, dbeta = that of dy.
  public func parameterGradients(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Statistics
  ) {
    guard let weight, let bias else { return }
    Kernels.normalizeBatchGradient(
      outputGradient, at: input, gamma: weight.value, beta: bias.value, relu: settings.relu, mean: saved.mean,
      inverse: saved.inverse, gammaGradient: &weight.gradient, betaGradient: &bias.gradient)
  }
}

/// ``BatchNorm`` of images, [batch, channels, height, width].
public final class BatchNorm2d: BatchNorm, StorableLayer {
  /// `batchNorm2d`.
  public static let typeName = "batchNorm2d"

  /// A layer for `channels` channels; without `affine`, gamma is 1 and beta 0; with `relu`, a rectifier as well.
  ///
  /// - Precondition: at least one channel, momentum in 0 ... 1, epsilon above 0.
  public convenience init(
    _ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, affine: Bool = true, relu: Bool = false,
    name: String = "norm"
  ) {
    self.init(
      Settings(channels: channels, momentum: momentum, epsilon: epsilon, affine: affine, relu: relu), name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  override public init(_ settings: Settings, name: String) { super.init(settings, name: name) }

  override fileprivate var expected: String { "[*, \(settings.channels), height, width]" }
  override fileprivate func accepts(rank: Int) -> Bool { rank == 4 }
}

/// ``BatchNorm`` of features, [batch, channels], or of sequences, [batch, channels, length].
public final class BatchNorm1d: BatchNorm, StorableLayer {
  /// `batchNorm1d`.
  public static let typeName = "batchNorm1d"

  /// A layer for `channels` channels; without `affine`, gamma is 1 and beta 0; with `relu`, a rectifier as well.
  ///
  /// - Precondition: at least one channel, momentum in 0 ... 1, epsilon above 0.
  public convenience init(
    _ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, affine: Bool = true, relu: Bool = false,
    name: String = "norm"
  ) {
    self.init(
      Settings(channels: channels, momentum: momentum, epsilon: epsilon, affine: affine, relu: relu), name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  override public init(_ settings: Settings, name: String) { super.init(settings, name: name) }

  override fileprivate var expected: String { "[*, \(settings.channels)] or [*, \(settings.channels), length]" }
  override fileprivate func accepts(rank: Int) -> Bool { rank == 2 || rank == 3 }
}
