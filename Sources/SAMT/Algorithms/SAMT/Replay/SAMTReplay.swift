import Foundation

/// SAMT with nothing to tune: a step size for each block, relative to the block's own weights, found on the first
/// minibatch and then taught by revisiting a minibatch some steps later.
///
///     W_l = (1 - a_l decay) W_l - a_l D_l,   a_l = exp(s_l) f unit_l
///
/// D is the block's direction, f a factor that warms up and then falls to 0 where the training ends, and the unit makes
/// a step of size 1 as large as the block's first weights. In windows of about 20 moves, the window's first minibatch is
/// evaluated once more at the end: the gradient there, along the path and in units of that at the start, tells whether
/// the steps were short or long, and moves s. What made the loss rise is taken back. All that costs 1.05
/// backpropagations per minibatch.
///
/// Each piece is a type of its own: ``DirectionRule``, ``StepUnit``, ``StepSizeSearch``, ``StepSizeLesson``,
/// ``HorizonSchedule``, ``ReplayWindow``, ``RestoreRule``.
public final class SAMTReplay: TrainingAlgorithm {
  /// The pieces and their settings.
  public struct Configuration: Sendable {
    /// Which direction each parameter takes.
    public var direction = DirectionRule.orthogonalizedConvolutions
    /// What step sizes are measured in.
    public var unit = StepUnit.relative
    /// All blocks' step size before the search, or for good without search and lesson.
    public var initialStepSize = 0.1
    /// How the first minibatch finds where step sizes begin; nil to begin with the initial one.
    public var search: (any StepSizeSearch)? = DoublingSearch()
    /// What replays teach; nil for step sizes that stay.
    public var lesson: (any StepSizeLesson)? = ReplayLesson()
    /// The factor on all steps.
    public var schedule = HorizonSchedule()
    /// How long windows are.
    public var window = ReplayWindow()
    /// When steps are taken back; nil for never.
    public var restore: RestoreRule? = RestoreRule()
    /// Decoupled decay per unit of step, of decayed parameters.
    public var weightDecay = 0.05

    /// The defaults.
    public init() {}
  }

  /// The pieces and their settings.
  public let configuration: Configuration
  /// How many steps the training has.
  public let plannedSteps: Int
  /// How many moves of all blocks ran so far, those taken back included.
  public private(set) var parameterUpdates = 0
  /// How many windows were taken back so far, trials of the search not counted.
  public private(set) var restores = 0
  /// How many trial steps the search took.
  public private(set) var searchTrials = 0
  private let model: Model
  private let blocks: [ReplayBlock]
  private let scratch: [Buffer]
  private var logStepSizes: [Double]
  private var ratios: [Double]
  private var steps = 0
  private var isSearched = false
  private var closed = 0
  private var lessons = 0
  // The window: its first minibatch, that one's loss, and the moves since; none is open where `moves` is nil.
  private var moves: Int?
  private var startBatch: Batch?
  private var startLoss = 0.0
  private var statistics: [NormSnapshot]

  /// Trains `model` for `plannedSteps` steps.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where a setting makes no sense.
  public init(
    for model: Model, plannedSteps: Int, _ configuration: Configuration = Configuration()
  ) throws(SAMTError) {
    guard !model.trainableLayers.isEmpty else { throw .configuration("the model has no parameters to train") }
    guard plannedSteps >= 1 else {
      throw .configuration("SAMT-Replay's planned steps must be at least 1, found \(plannedSteps)")
    }
    let size = configuration.initialStepSize
    guard size > 0, size.isFinite else {
      throw .configuration("the initial step size must be positive and finite, found \(size)")
    }
    guard configuration.weightDecay >= 0, configuration.weightDecay.isFinite else {
      throw .configuration("the weight decay must be finite and not negative, found \(configuration.weightDecay)")
    }
    self.model = model
    self.configuration = configuration
    self.plannedSteps = plannedSteps
    var blocks: [ReplayBlock] = []
    for layer in model.trainableLayers {
      blocks.append(
        try ReplayBlock(
          model.layerNames[layer], model.layers[layer].parameters, configuration.direction, configuration.unit))
    }
    self.blocks = blocks
    let most = model.layers.map(\.parameters.count).max() ?? 0
    scratch = (0..<most).map { index in Buffer([blocks.map { $0.count(index) }.max() ?? 0]) }
    logStepSizes = [Double](repeating: log(size), count: blocks.count)
    ratios = [Double](repeating: 0, count: blocks.count)
    statistics = model.layers.compactMap { ($0 as? BatchNorm).map(NormSnapshot.init) }
  }

  /// The blocks' step sizes before the schedule's factor, relative to their first weights.
  public var stepSizes: [Double] { logStepSizes.map { exp($0) } }

  /// The blocks' step sizes, in the layers' order.
  public var blockReports: [BlockReport] {
    blocks.indices.map { index in
      BlockReport(name: blocks[index].name, stepSize: blocks[index].rate, gate: 0, rejections: restores)
    }
  }

  /// One minibatch: its gradient, a step of all blocks, and at the end of a window the replay of its first minibatch.
  public func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
    ensure(executor.model === model, "the executor belongs to another model")
    steps += 1
    executor.load(batch.inputs)
    let value = gradients(executor, loss, batch.targets)
    let report = StepReport(loss: value, correct: executor.countCorrect(loss, batch.targets))
    if abandons(at: value) {
      takeBack(executor)
      return report
    }
    if !isSearched {
      isSearched = true
      if let search = configuration.search {
        openWindow(batch, value)
        run(search, batch, executor, loss)
        return report
      }
    }
    if moves == nil { openWindow(batch, value) }
    move(scale: configuration.schedule(steps, of: plannedSteps), executor)
    moves = moves! + 1
    if moves! >= configuration.window.length(closed: closed, batchSize: startBatch!.count) {
      closeWindow(executor, loss)
    }
    return report
  }

  // MARK: The pieces' order

  private func gradients(_ executor: ModelExecutor, _ loss: any Loss, _ targets: Targets) -> Double {
    let value = executor.evaluate(loss, targets)
    let layers = model.trainableLayers
    for position in stride(from: layers.count - 1, through: 0, by: -1) { executor.backward(to: layers[position]) }
    return value
  }

  private func move(scale: Double, _ executor: ModelExecutor) {
    for index in blocks.indices {
      blocks[index].move(
        size: exp(logStepSizes[index]) * scale, weightDecay: configuration.weightDecay, scratch: scratch)
    }
    executor.invalidate(from: 0)
    parameterUpdates += 1
  }

  private func openWindow(_ batch: Batch, _ loss: Double) {
    hold(batch)
    startLoss = loss
    for index in blocks.indices { blocks[index].takeSnapshot() }
    for index in statistics.indices { statistics[index].take() }
    moves = 0
  }

  private func abandons(at loss: Double) -> Bool {
    guard loss.isFinite else { return true }
    guard let rule = configuration.restore, moves != nil else { return false }
    return rule.abandons(startLoss: startLoss, loss: loss, isSettled: configuration.window.isSettled(closed: closed))
  }

  /// Goes back to the last window's start, with smaller step sizes.
  private func takeBack(_ executor: ModelExecutor) {
    moves = nil
    executor.invalidate(from: 0)
    guard let rule = configuration.restore, startBatch != nil else { return }
    restores += 1
    restoreStart(executor)
    scaleStepSizes(by: configuration.window.isSettled(closed: closed) ? rule.factor : rule.earlyFactor)
  }

  private func restoreStart(_ executor: ModelExecutor) {
    for index in blocks.indices { blocks[index].restore() }
    for index in statistics.indices { statistics[index].restore() }
    executor.invalidate(from: 0)
  }

  private func scaleStepSizes(by factor: Double) {
    for index in logStepSizes.indices { logStepSizes[index] += log(factor) }
  }

  private func run(_ search: any StepSizeSearch, _ batch: Batch, _ executor: ModelExecutor, _ loss: any Loss) {
    var wasTooLong = false
    for _ in 0..<search.trials {
      move(scale: 1, executor)
      searchTrials += 1
      let endLoss = gradients(executor, loss, batch.targets)
      let ratio = sumPaths().ratio
      let trial = SearchTrial(startLoss: startLoss, endLoss: endLoss, ratio: ratio, wasTooLong: wasTooLong)
      guard case .retry(let factor) = search.verdict(on: trial) else { break }
      restoreStart(executor)
      scaleStepSizes(by: factor)
      if factor < 1 { wasTooLong = true }
    }
    scaleStepSizes(by: search.finalFactor)
    moves = nil
    executor.invalidate(from: 0)
  }

  private func closeWindow(_ executor: ModelExecutor, _ loss: any Loss) {
    guard let startBatch, let moves else { return }
    executor.load(startBatch.inputs)
    let endLoss = gradients(executor, loss, startBatch.targets)
    let sums = sumPaths()
    executor.invalidate(from: 0)
    self.moves = nil
    if let rule = configuration.restore,
      rule.rejects(startLoss: startLoss, endLoss: endLoss, moves: moves, sums: sums)
    {
      takeBack(executor)
      return
    }
    closed += 1
    guard steps > configuration.schedule.warmUpSteps(of: plannedSteps) else { return }
    lessons += 1
    configuration.lesson?.teach(
      &logStepSizes, ratios: ratios, at: LessonTime(step: steps, plannedSteps: plannedSteps, lessons: lessons))
  }

  /// The sums over all blocks of the path since the window's start; notes each block's ratio.
  private func sumPaths() -> PathSums {
    var whole = PathSums()
    for index in blocks.indices {
      let sums = blocks[index].pathSums()
      ratios[index] = sums.ratio
      whole.add(sums)
    }
    return whole
  }

  private func hold(_ batch: Batch) {
    guard startBatch != nil else {
      startBatch = Batch(
        inputs: Tensor(batch.inputs.elements, shape: batch.inputs.shape), targets: batch.targets)
      return
    }
    Kernels.copy(batch.inputs, into: &startBatch!.inputs)
    startBatch!.targets = batch.targets
  }
}

/// A batch norm's running statistics where a window began.
private struct NormSnapshot {
  private let layer: BatchNorm
  private var mean: Tensor
  private var variance: Tensor

  init(_ layer: BatchNorm) {
    self.layer = layer
    mean = Tensor(zeros: layer.runningMean.shape)
    variance = Tensor(zeros: layer.runningVariance.shape)
  }

  mutating func take() {
    Kernels.copy(layer.runningMean, into: &mean)
    Kernels.copy(layer.runningVariance, into: &variance)
  }

  func restore() {
    Kernels.copy(mean, into: &layer.runningMean)
    Kernels.copy(variance, into: &layer.runningVariance)
  }
}
