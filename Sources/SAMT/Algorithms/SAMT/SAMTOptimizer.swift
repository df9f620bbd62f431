/// SAMT: stochastic alternating minimization with trainable step sizes (Yan, Xu, Peng and Wang 2025, arXiv 2508.04193).
///
/// For each block of layers in turn: an eta model looks at five statistics of the block's gradient g and sets its step
/// sizes; the block moves, W' = W - eta g; the loss of the same minibatch is evaluated at W', and its gradient g' there
/// teaches the eta model, since dL/d eta = -pool(g g'). That one evaluation is also the one the next block starts
/// from, so a sweep over L blocks costs L^2 + 4 L - 1 layer passes where evaluating anew costs two to three times that.
///
/// A step that makes the loss rise by more than max(loss, 0.1), or makes it no number, is taken back. ``Backtracking``
/// is a stricter guard.
public final class SAMTOptimizer: TrainingAlgorithm {
  /// SAMT's settings.
  public struct Configuration: Sendable {
    /// How the eta model sets step sizes.
    public var stepSizes = StepSizes()
    /// Which layers move together.
    public var blocks = BlockGrouping.perLayer
    /// The order of the blocks within a minibatch.
    public var order = BlockOrder.ascending
    /// How many blocks move on one minibatch, going round; all where nil.
    public var blocksPerBatch: Int?
    /// Whether steps that make the loss rise too far are taken back.
    public var isGuarded = true
    /// How step sizes are kept from climbing; where there is one, it guards in the usual guard's place.
    public var backtracking: Backtracking?
    /// A factor s(t) on every step; t counts minibatches.
    public var schedule = Schedule.constant
    /// Decoupled decay per unit of step size, of decayed parameters.
    public var weightDecay: Double = 0
    /// Where the eta models' first values and random orders come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}
  }

  /// The settings.
  public let configuration: Configuration
  /// How many block updates ran so far, those taken back included.
  public private(set) var parameterUpdates = 0
  private let model: Model
  private let groups: [Group]
  private let groupOfLayer: [Int?]
  /// Those whose gradients are computed together.
  private var layers: [Int] = []
  private var plan: BlockPlan
  private var backtracking: BacktrackingFactors?
  private var steps = 0

  private struct Group {
    let blocks: [SAMTBlock]
    var firstLayer: Int { blocks[0].layer }
  }

  /// Trains `model`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where a setting makes no sense for this model.
  public init(for model: Model, _ configuration: Configuration = Configuration()) throws(SAMTError) {
    try configuration.stepSizes.validate()
    try configuration.schedule.validate()
    try configuration.backtracking?.validate()
    guard !model.trainableLayers.isEmpty else { throw .configuration("the model has no parameters to train") }
    guard configuration.weightDecay >= 0, configuration.weightDecay.isFinite else {
      throw .configuration("the weight decay must be finite and not negative, found \(configuration.weightDecay)")
    }
    self.model = model
    self.configuration = configuration
    var groups: [Group] = []
    var groupOfLayer = [Int?](repeating: nil, count: model.layers.count)
    for (index, layers) in try configuration.blocks.resolve(in: model).enumerated() {
      var blocks: [SAMTBlock] = []
      for layer in layers {
        groupOfLayer[layer] = index
        blocks.append(
          try SAMTBlock(
            model.block(ofLayer: layer), stepSizes: configuration.stepSizes, weightDecay: configuration.weightDecay,
            seed: configuration.seed))
      }
      groups.append(Group(blocks: blocks))
    }
    let perBatch = configuration.blocksPerBatch ?? groups.count
    guard perBatch >= 1, perBatch <= groups.count else {
      throw .configuration("blocks per minibatch must be 1 ... \(groups.count), found \(perBatch)")
    }
    self.groups = groups
    self.groupOfLayer = groupOfLayer
    layers.reserveCapacity(model.layers.count)
    plan = BlockPlan(
      blockCount: groups.count, perBatch: perBatch, order: configuration.order, seed: configuration.seed)
    backtracking = configuration.backtracking.map { BacktrackingFactors($0, groups: groups.count) }
  }

  /// - Throws: ``SAMTError/configuration(_:)`` where this is another model than the one it was made for.
  public func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError) {
    guard model === self.model else { throw .configuration("SAMT was made for another model") }
  }

  /// Each block's eta model, the plan of blocks, backtracking's factors, and the schedule's position.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("steps", &steps)
    visitor.visit("updates", &parameterUpdates)
    visitor.nested("plan") { plan.visitState(visitor) }
    visitor.nested("backtracking") { backtracking?.visitState(visitor) }
    for block in blocks { visitor.nested(block.name) { block.visitState(visitor) } }
  }

  /// The blocks' step sizes and gates, in the layers' order.
  public var blockReports: [BlockReport] {
    blocks.map(\.report)
  }

  /// Of each block that the last minibatch moved, the gradient that it moved along, in the layers' order.
  public var gradientReports: [BlockReport] {
    plan.groups.flatMap { groups[$0].blocks }.sorted { $0.layer < $1.layer }.map(\.gradientReport)
  }

  /// The step-size blocks in the layers' order; for checks.
  var blocks: [SAMTBlock] { groups.flatMap(\.blocks).sorted { $0.layer < $1.layer } }

  /// One sweep over the minibatch's blocks.
  public func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
    ensure(executor.model === model, "the executor belongs to another model")
    let scale = configuration.schedule(steps)
    steps += 1
    plan.advance()
    executor.load(batch.inputs)
    var current = executor.evaluate(loss, batch.targets)
    let report = StepReport(loss: current)
    if backtracking?.search(startLoss: current, { trial(of: $0, executor, loss, batch.targets) }) == true {
      _ = executor.evaluate(loss, batch.targets)
    }
    backward(executor, plan.groups[0], nil)

    for position in plan.groups.indices {
      let index = plan.groups[position]
      let next = position + 1 < plan.groups.count ? plan.groups[position + 1] : nil
      let group = groups[index]
      let factor = backtracking.map { Float($0.factor(index)) } ?? 1
      for block in group.blocks.indices { group.blocks[block].propose(scale: scale * factor) }
      parameterUpdates += group.blocks.count
      executor.invalidate(from: group.firstLayer)
      let moved = executor.evaluate(loss, batch.targets)
      let isAccepted = isAcceptable(moved, after: current)
      if moved.isFinite {
        // One way down serves this group's lesson and, where its step stands, the next one's gradient.
        backward(executor, index, isAccepted ? next : nil)
        for block in group.blocks.indices { group.blocks[block].learn() }
        if isAccepted, backtracking != nil { backtracking?.accept(index, ratio: pathSums(of: group).ratio) }
      }
      if isAccepted {
        if !moved.isFinite, let next { backward(executor, next, nil) }
        current = moved
      } else {
        for block in group.blocks.indices { group.blocks[block].reject() }
        backtracking?.reject(index)
        executor.invalidate(from: group.firstLayer)
        if let next {
          _ = executor.evaluate(loss, batch.targets)
          backward(executor, next, nil)
        }
      }
    }
    return report
  }

  /// Whether a step to a loss stays.
  private func isAcceptable(_ loss: Double, after current: Double) -> Bool {
    if backtracking != nil { return loss.isFinite && loss <= current }
    return !configuration.isGuarded || (loss.isFinite && loss <= current + max(current, 0.1))
  }

  /// Moves all blocks by `factor` eta0 along their gradients, takes that back, and returns the loss and the slope behind
  /// it, in units of that before it.
  private func trial(
    of factor: Double, _ executor: ModelExecutor, _ loss: any Loss, _ targets: Targets
  ) -> (loss: Double, ratio: Double) {
    _ = executor.evaluate(loss, targets)
    executor.backward(to: model.trainableLayers)
    for group in groups.indices {
      for block in groups[group].blocks.indices { groups[group].blocks[block].moveAlongGradient(by: factor) }
    }
    executor.invalidate(from: 0)
    let moved = executor.evaluate(loss, targets)
    executor.backward(to: model.trainableLayers)
    var sums = PathSums()
    for group in groups.indices {
      sums.add(pathSums(of: groups[group]))
      for block in groups[group].blocks.indices { groups[group].blocks[block].restore() }
    }
    executor.invalidate(from: 0)
    return (moved, sums.ratio)
  }

  /// The sums of a group's path from its old parameters to its new ones.
  private func pathSums(of group: Group) -> PathSums {
    var sums = PathSums()
    for block in group.blocks.indices { sums.add(group.blocks[block].pathSums()) }
    return sums
  }

  /// Parameter gradients of one or two groups' layers.
  private func backward(_ executor: ModelExecutor, _ first: Int, _ second: Int?) {
    layers.removeAll(keepingCapacity: true)
    for layer in groupOfLayer.indices {
      guard let group = groupOfLayer[layer], group == first || group == second else { continue }
      layers.append(layer)
    }
    executor.backward(to: layers)
  }
}
