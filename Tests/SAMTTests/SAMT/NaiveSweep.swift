import SAMTTestSupport

@testable import SAMT

/// SAMT with nothing saved between blocks: every loss and every gradient comes from evaluating the whole model anew.
///
/// Slow and plain; what the fused sweep must equal bit for bit.
final class NaiveSweep {
  let groups: [[SAMTBlock]]
  private let model: Model
  private let configuration: SAMTOptimizer.Configuration
  private var plan: BlockPlan
  private var backtracking: BacktrackingFactors?
  private var steps = 0

  init(for model: Model, _ configuration: SAMTOptimizer.Configuration) throws {
    self.model = model
    self.configuration = configuration
    groups = try configuration.blocks.resolve(in: model).map { layers in
      try layers.map {
        try SAMTBlock(
          model.block(ofLayer: $0), stepSizes: configuration.stepSizes, weightDecay: configuration.weightDecay,
          seed: configuration.seed)
      }
    }
    plan = BlockPlan(
      blockCount: groups.count, perBatch: configuration.blocksPerBatch ?? groups.count, order: configuration.order,
      seed: configuration.seed)
    backtracking = configuration.backtracking.map { BacktrackingFactors($0, groups: groups.count) }
  }

  var blocks: [SAMTBlock] { groups.flatMap { $0 }.sorted { $0.layer < $1.layer } }

  /// One sweep, returning the loss before it; `evaluate` computes loss and gradients at the current parameters.
  func step(evaluate: () -> Double) -> Double {
    let scale = configuration.schedule(steps)
    steps += 1
    plan.advance()
    let first = evaluate()
    for index in plan.groups {
      let current = evaluate()
      let factor = backtracking.map { Float($0.factor(index)) } ?? 1
      for block in groups[index] { block.propose(scale: scale * factor) }
      let moved = evaluate()
      if moved.isFinite { for block in groups[index] { block.learn() } }
      let allowance = backtracking == nil ? max(current, 0.1) : 0
      let isAccepted = moved.isFinite && moved <= current + allowance
      if isAccepted {
        var sums = PathSums()
        for block in groups[index] { sums.add(block.pathSums()) }
        backtracking?.accept(index, ratio: sums.ratio)
      } else if configuration.isGuarded || backtracking != nil {
        for block in groups[index] { block.reject() }
        backtracking?.reject(index)
      }
    }
    return first
  }

  /// The loss and all gradients of `batch`, through an executor of their own.
  static func evaluateAnew(_ model: Model, _ batch: Batch, _ loss: any Loss) -> Double {
    let executor = ModelExecutor(for: model, batchSize: batch.count)
    executor.load(batch.inputs)
    return evaluateAll(executor, batch, loss)
  }

  /// The loss and all gradients of the loaded batch, every layer anew.
  static func evaluateAll(_ executor: ModelExecutor, _ batch: Batch, _ loss: any Loss) -> Double {
    executor.invalidate(from: 0)
    let value = executor.evaluate(loss, batch.targets)
    for layer in executor.model.trainableLayers.reversed() { executor.backward(to: layer) }
    return value
  }
}
