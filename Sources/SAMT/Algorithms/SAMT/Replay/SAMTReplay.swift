import Foundation

/// SAMT with nothing to tune: a step size for each block, relative to the block's own weights, found on the first
/// minibatch and then taught by revisiting a minibatch some steps later.
///
///     W_l = exp(-d) W_l - a_l D_l,   a_l = exp(s_l) f unit_l
///
/// D is the block's direction, f a factor that warms up and then falls to 0 where the training ends, and the unit makes
/// a step of size 1 as large as the block's first weights. In windows of about 20 moves, the window's first minibatch is
/// evaluated once more at the end: the gradient there, along the path and in units of that at the start, tells whether
/// the steps were short or long, and moves s. What made the loss rise is taken back. All that costs 1.05
/// backpropagations per minibatch. Weights decay by exp(-d), by as much over a short training as over a long one.
///
/// Each piece is a type of its own: ``DirectionRule``, ``StepUnit``, ``StepSizeSearch``, ``StepSizeLesson``,
/// ``HorizonRange``, ``ProposalRule``, ``HorizonSchedule``, ``HorizonDecay``, ``ReplayWindow``, ``RestoreRule``.
/// <doc:SAMTWithNothingToTune> has all formulas.
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
    /// The step sizes that this length of training can use: what the search finds is at most the most, and lessons pull
    /// back what leaves the range.
    public var range = HorizonRange()
    /// What proposes a factor on each block's steps where a window begins; nil for none.
    public var proposal: ProposalRule?
    /// The factor on all steps.
    public var schedule = HorizonSchedule()
    /// How long windows are.
    public var window = ReplayWindow()
    /// When steps are taken back; nil for never.
    public var restore: RestoreRule? = RestoreRule()
    /// What decayed parameters lose, over the whole training.
    public var weightDecay = HorizonDecay()

    /// The defaults.
    public init() {}
  }

  /// The pieces and their settings.
  public let configuration: Configuration
  /// How many moves of all blocks ran so far, those taken back included.
  public private(set) var parameterUpdates = 0
  /// How many trial steps the search took.
  public private(set) var searchTrials = 0
  /// How many windows were taken back so far, trials of the search not counted.
  public private(set) var restores = 0
  private let model: Model
  private let blocks: [ReplayBlock]
  /// Whether a block's direction is orthogonalized.
  private let isOrthogonalized: Bool
  private let scratch: [Buffer]
  private var plan: TrainingPlan?
  /// The weights' decay at a factor of 1.
  private var decayRate = 0.0
  private var logStepSizes: [Double]
  private var ratios: [Double]
  /// One for each block, or none.
  private let proposals: [any StepProposal]
  /// The logarithms of their factors in this window.
  private var logFactors: [Double]
  private var steps = 0
  private var isSearched = false
  private var closed = 0
  private var lessons = 0
  private var window: WindowStart
  /// Whether the last move put the gradients aside, as a window's first one does.
  private var gradientsAreAside = false

  /// Trains `model`; ``begin(_:for:)`` says for how long.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where a setting makes no sense for this model.
  public init(for model: Model, _ configuration: Configuration = Configuration()) throws(SAMTError) {
    guard !model.trainableLayers.isEmpty else { throw .configuration("the model has no parameters to train") }
    let size = configuration.initialStepSize
    guard size > 0, size.isFinite else {
      throw .configuration("the initial step size must be positive and finite, found \(size)")
    }
    try configuration.range.validate()
    try configuration.weightDecay.validate()
    try configuration.schedule.validate()
    try configuration.window.validate()
    self.model = model
    self.configuration = configuration
    var blocks: [ReplayBlock] = []
    var proposals: [any StepProposal] = []
    for block in model.blocks {
      blocks.append(try ReplayBlock(block, configuration.direction, configuration.unit))
      if let rule = configuration.proposal { proposals.append(try rule(block)) }
    }
    self.blocks = blocks
    isOrthogonalized = blocks.contains { $0.isOrthogonalized }
    self.proposals = proposals
    let most = blocks.map(\.parameterCount).max() ?? 0
    scratch = (0..<most).map { index in Buffer([blocks.map { $0.elements(ofParameter: index) }.max() ?? 0]) }
    logStepSizes = [Double](repeating: log(size), count: blocks.count)
    ratios = [Double](repeating: 0, count: blocks.count)
    logFactors = [Double](repeating: 0, count: blocks.count)
    window = WindowStart(of: model)
  }

  /// Takes the number of steps, and before the first one the size of the blocks' weights.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where the algorithm was made for another model, or there is no step.
  public func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError) {
    guard model === self.model else { throw .configuration("SAMT-Replay was made for another model") }
    guard plan.steps >= 1, plan.batchSize >= 1 else {
      throw .configuration("SAMT-Replay needs a training of at least one step, found \(plan.steps)")
    }
    self.plan = plan
    decayRate = configuration.weightDecay.rate(of: plan, under: configuration.schedule)
    guard steps == 0 else { return }
    for index in blocks.indices { blocks[index].measureWeights() }
    window.holdBuffers(of: model)
  }

  /// The step sizes, where search, windows and lessons stand, the window's start, and each block's part of it.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("steps", &steps)
    visitor.visit("updates", &parameterUpdates)
    visitor.visit("searchTrials", &searchTrials)
    visitor.visit("restores", &restores)
    visitor.visit("isSearched", &isSearched)
    visitor.visit("closed", &closed)
    visitor.visit("lessons", &lessons)
    visitor.visit("logStepSizes", &logStepSizes)
    visitor.visit("ratios", &ratios)
    visitor.nested("window") { window.visitState(visitor) }
    for index in blocks.indices { visitor.visit(blocks[index].name, blocks[index]) }
    guard !proposals.isEmpty else { return }
    visitor.visit("logFactors", &logFactors)
    for index in blocks.indices { visitor.visit("proposal.\(blocks[index].name)", proposals[index]) }
  }

  /// The blocks' step sizes before the proposal's and the schedule's factor, in their units.
  public var stepSizes: [Double] { logStepSizes.map { exp($0) } }

  /// The geometric mean of the step sizes, the mean of the last replay's ratios, and how often steps were taken back.
  public var metrics: [String: Double] {
    let count = Double(blocks.count)
    return [
      "stepSize": exp(logStepSizes.reduce(0, +) / count), "replayRatio": ratios.reduce(0, +) / count,
      "restores": Double(restores),
    ]
  }

  /// Each block's step size before all factors, the last replay's ratio, the last step in units of its direction, and
  /// where there are proposals the window's factor.
  public var blockReports: [BlockReport] {
    blocks.indices.map { index in
      var metrics = [
        "stepSize": exp(logStepSizes[index]), "replayRatio": ratios[index], "rate": blocks[index].rate,
      ]
      if !proposals.isEmpty { metrics["factor"] = exp(logFactors[index]) }
      return BlockReport(name: blocks[index].name, metrics: metrics)
    }
  }

  /// Each block's gradient that the last step evaluated last: the minibatch's, or where the step ended a window that of
  /// the window's first minibatch at the new weights.
  ///
  /// Where the step was taken back, the gradient with which the window began.
  public var gradientReports: [BlockReport] {
    blocks.map {
      BlockReport(name: $0.name, gradient: gradientsAreAside ? $0.startGradientStatistics : $0.gradientStatistics)
    }
  }

  /// One minibatch: its gradient, a step of all blocks, and at the end of a window the replay of its first minibatch.
  ///
  /// Windows begin and end at minibatches of the plan's size; a smaller one moves the blocks all the same.
  ///
  /// - Precondition: ``begin(_:for:)`` was called, and the executor is of the same model.
  public func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
    ensure(executor.model === model, "the executor belongs to another model")
    guard let plan else { fatalError("a step of SAMT-Replay before it was told how many there will be") }
    let isWhole = batch.count == plan.batchSize
    steps += 1
    if !window.isOpen { executor.noteDraw(&window.draw) }
    executor.load(batch.inputs)
    let value = gradients(executor, loss, batch.targets)
    let report = StepReport(loss: value)
    if abandons(at: value) {
      takeBack(executor)
      return report
    }
    if let search = configuration.search, !isSearched {
      guard isWhole else { return report }
      openWindow(batch, value)
      run(search, plan, batch, executor, loss)
      isSearched = true
      return report
    }
    if !window.isOpen && isWhole {
      openWindow(batch, value)
      for index in proposals.indices {
        logFactors[index] = proposals[index].propose(blocks[index].gradientStatistics)
      }
    }
    let scale = configuration.schedule(steps, of: plan.steps)
    move(scale: scale, decayFactor: Float(exp(-decayRate * scale)), executor)
    guard window.isOpen else { return report }
    window.moves += 1
    if isWhole, window.moves >= configuration.window.length(closed: closed, batchSize: plan.batchSize) {
      closeWindow(plan, executor, loss)
    }
    return report
  }

  // MARK: In the order in which a step calls them

  private func gradients(_ executor: ModelExecutor, _ loss: any Loss, _ targets: Targets) -> Double {
    gradientsAreAside = false
    return executor.evaluateWithGradients(loss, targets, of: model.trainableLayers)
  }

  private func abandons(at loss: Double) -> Bool {
    guard loss.isFinite else { return true }
    guard let rule = configuration.restore, window.isOpen else { return false }
    return rule.abandons(
      startLoss: window.loss, firstLoss: window.firstLoss, loss: loss,
      isSettled: configuration.window.isSettled(closed: closed))
  }

  /// Goes back to the last window's start, and on with smaller step sizes.
  private func takeBack(_ executor: ModelExecutor) {
    window.isOpen = false
    executor.invalidate(from: 0)
    guard let rule = configuration.restore else { return }
    guard window.batch != nil else { return window.restoreBuffers(of: model) }
    restores += 1
    restoreStart(executor)
    scaleStepSizes(by: configuration.window.isSettled(closed: closed) ? rule.factor : rule.earlyFactor)
  }

  private func restoreStart(_ executor: ModelExecutor) {
    for index in blocks.indices { blocks[index].restore() }
    gradientsAreAside = false
    window.restoreBuffers(of: model)
    executor.invalidate(from: 0)
  }

  private func scaleStepSizes(by factor: Double) {
    for index in logStepSizes.indices { logStepSizes[index] += log(factor) }
  }

  private func openWindow(_ batch: Batch, _ loss: Double) {
    window.open(at: batch, loss: loss, model: model)
    for index in blocks.indices { blocks[index].takeSnapshot() }
  }

  private func run(
    _ search: any StepSizeSearch, _ plan: TrainingPlan, _ batch: Batch, _ executor: ModelExecutor, _ loss: any Loss
  ) {
    var wasTooLong = false
    for _ in 0..<search.trials {
      move(scale: 1, decayFactor: 1, executor)
      searchTrials += 1
      // The batch stays loaded: evaluated again, it has the same masks and moves no running statistics.
      let endLoss = gradients(executor, loss, batch.targets)
      let (sums, gradientLeft) = sumPaths()
      let trial = SearchTrial(
        startLoss: window.loss, endLoss: endLoss, ratio: sums.ratio, gradientLeft: gradientLeft,
        wasTooLong: wasTooLong)
      guard case .retry(let factor) = search.verdict(on: trial) else { break }
      restoreStart(executor)
      scaleStepSizes(by: factor)
      if factor < 1 { wasTooLong = true }
    }
    scaleStepSizes(by: search.finalFactor)
    let most = range(of: plan).upperBound
    for index in logStepSizes.indices { logStepSizes[index] = min(logStepSizes[index], most) }
    window.isOpen = false
  }

  /// The logarithms of the step sizes that the training can use.
  private func range(of plan: TrainingPlan) -> ClosedRange<Double> {
    configuration.range.logarithms(of: plan.steps, orthogonalized: isOrthogonalized)
  }

  private func move(scale: Double, decayFactor: Float, _ executor: ModelExecutor) {
    gradientsAreAside = blocks[0].isAtStart
    for index in blocks.indices {
      blocks[index].move(
        size: exp(logStepSizes[index] + logFactors[index]) * scale, decayFactor: decayFactor,
        scratch: scratch)
    }
    executor.invalidate(from: 0)
    parameterUpdates += 1
  }

  private func closeWindow(_ plan: TrainingPlan, _ executor: ModelExecutor, _ loss: any Loss) {
    guard let batch = window.batch else { return }
    executor.load(batch.inputs, replaying: window.draw)
    let endLoss = gradients(executor, loss, batch.targets)
    let gradientLeft = sumPaths().gradientLeft
    executor.invalidate(from: 0)
    if let rule = configuration.restore,
      rule.rejects(startLoss: window.loss, endLoss: endLoss, moves: window.moves, gradientLeft: gradientLeft)
    {
      takeBack(executor)
      return
    }
    window.isOpen = false
    closed += 1
    guard steps > configuration.schedule.warmUpSteps(of: plan.steps) else { return }
    lessons += 1
    let time = LessonTime(
      step: steps, plannedSteps: plan.steps, lessons: lessons, range: range(of: plan))
    configuration.lesson?.teach(&logStepSizes, ratios: ratios, at: time)
    for index in proposals.indices { proposals[index].learn(ratio: ratios[index], at: time) }
  }

  /// The sums over all blocks of the path since the window's start, and the least part of its squared gradient that a
  /// block has left; notes each block's ratio.
  private func sumPaths() -> (whole: PathSums, gradientLeft: Double) {
    var whole = PathSums()
    var gradientLeft = 1.0
    for index in blocks.indices {
      let sums = blocks[index].pathSums()
      ratios[index] = sums.ratio
      gradientLeft = min(gradientLeft, sums.gradientLeft)
      whole.add(sums)
    }
    return (whole, gradientLeft)
  }
}
