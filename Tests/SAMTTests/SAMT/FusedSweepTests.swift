import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct FusedSweepTests {
  struct SweepCase: CustomTestStringConvertible, Sendable {
    var granularity = StepSizes.Granularity.scalar
    var order = BlockOrder.ascending
    var blocks = BlockGrouping.perLayer
    var eta0 = 0.4
    var blocksPerBatch: Int?
    var isGuarded = true
    var backtracks = false
    var weightDecay = 0.0
    var schedule = Schedule.constant
    var dropout: Float = 0
    var isResidual = false

    var testDescription: String {
      "\(granularity.rawValue), \(order.rawValue), \(blocks), eta0 \(eta0), per batch \(blocksPerBatch ?? 0), "
        + "guarded \(isGuarded), backtracks \(backtracks), decay \(weightDecay), dropout \(dropout)\(isResidual ? ", residual" : "")"
    }

    var configuration: SAMTOptimizer.Configuration {
      var configuration = SAMTOptimizer.Configuration()
      configuration.stepSizes = StepSizes(
        granularity, initial: eta0, projection: .logarithmicTanh(range: 1e-5...1e4), learningRate: 0.05,
        hiddenUnits: 5)
      configuration.blocks = blocks
      configuration.order = order
      configuration.blocksPerBatch = blocksPerBatch
      configuration.isGuarded = isGuarded
      if backtracks {
        configuration.backtracking = Backtracking()
        configuration.backtracking?.search = nil
      }
      configuration.weightDecay = weightDecay
      configuration.schedule = schedule
      configuration.seed = 17
      return configuration
    }

    func model() throws -> Model {
      if isResidual { return try residualModel() }
      return try Model(input: [6], seed: 4) {
        Linear(6, 7, name: "a")
        Tanh()
        if dropout > 0 { Dropout(dropout) }
        Linear(7, 6, name: "b")
        ReLU()
        Linear(6, 5, bias: false, name: "c")
        LeakyReLU()
        if dropout > 0 { Dropout(dropout) }
        Linear(5, 3, name: "d")
      }
    }
  }

  private static let groupings: [BlockGrouping] = [
    .perLayer, .oneGroup, .groups([["a", "c"], ["d"], ["b"]]), .groups([["d", "a"], ["c", "b"]]),
  ]

  private static let everyShape: [SweepCase] = StepSizes.Granularity.allCases.flatMap { granularity in
    BlockOrder.allCases.flatMap { order in
      groupings.map { SweepCase(granularity: granularity, order: order, blocks: $0) }
    }
  }

  private func batches(_ count: Int) -> [Batch] {
    (0..<count).map { index in
      Batch(
        inputs: GradientCheck.values([8, 6], seed: UInt64(100 + index)),
        targets: .classes([0, 1, 2, 0, 1, 2, 0, Int32(index % 3)]))
    }
  }

  /// Runs both over the same batches and compares every bit after each; returns the steps taken back.
  @discardableResult
  private func compare(_ sweep: SweepCase, batches count: Int = 4) throws -> Int {
    let loss = SoftmaxCrossEntropy()
    let (model, twin) = (try sweep.model(), try sweep.model())
    let fused = try SAMTOptimizer(for: model, sweep.configuration)
    let naive = try NaiveSweep(for: twin, sweep.configuration)
    let executor = ModelExecutor(for: model, batchSize: 8)
    let twinExecutor = ModelExecutor(for: twin, batchSize: 8)
    #expect(firstDifference(model, twin) == nil)
    let start = try sweep.model()
    for (index, batch) in batches(count).enumerated() {
      let report = fused.step(batch, in: executor, loss: loss)
      // An executor of its own would draw masks of its own, so with dropout one executor serves a batch.
      if sweep.dropout > 0 { twinExecutor.load(batch.inputs) }
      let before = naive.step {
        sweep.dropout > 0
          ? NaiveSweep.evaluateAll(twinExecutor, batch, loss) : NaiveSweep.evaluateAnew(twin, batch, loss)
      }
      #expect(report.loss.bitPattern == before.bitPattern, "loss, batch \(index)")
      #expect(firstDifference(model, twin) == nil, "batch \(index)")
      try #require(fused.blocks.count == naive.blocks.count)
      for (ours, theirs) in zip(fused.blocks, naive.blocks) {
        let (found, expected) = (ours.eta.parameters.map(\.bitPattern), theirs.eta.parameters.map(\.bitPattern))
        #expect(found == expected, "psi of \(ours.name), batch \(index)")
        #expect(ours.report == theirs.report, "report of \(ours.name), batch \(index)")
      }
    }
    #expect(firstDifference(model, start) != nil)
    return fused.blocks.reduce(0) { $0 + $1.rejections }
  }

  @Test(arguments: everyShape) func fusedEqualsNaive(_ sweep: SweepCase) throws {
    try compare(sweep)
  }

  /// Steps of 300, or 40 where all blocks move at once, overshoot: the guard takes some back, and keeps some.
  @Test(arguments: StepSizes.Granularity.allCases, BlockOrder.allCases)
  func fusedEqualsNaiveWhereStepsAreTakenBack(_ granularity: StepSizes.Granularity, _ order: BlockOrder) throws {
    for blocks in FusedSweepTests.groupings {
      let eta0 = blocks == .oneGroup ? 40.0 : 300
      let sweep = SweepCase(granularity: granularity, order: order, blocks: blocks, eta0: eta0)
      let rejections = try compare(sweep, batches: 6)
      // Four layers on six batches.
      #expect(rejections > 0 && rejections < 24, "\(blocks): \(rejections) of 24")
    }
  }

  private static let residualGroupings: [BlockGrouping] = [
    .perLayer, .perStage, .groups([["stage.1", "head"], ["first"], ["stage.0"]]),
  ]

  @Test(arguments: BlockOrder.allCases, residualGroupings)
  func fusedEqualsNaiveAroundResidualConnections(_ order: BlockOrder, _ blocks: BlockGrouping) throws {
    try compare(SweepCase(granularity: .row, order: order, blocks: blocks, isResidual: true))
    // Steps that overshoot, some of which are taken back.
    let wild = SweepCase(granularity: .scalar, order: order, blocks: blocks, eta0: 40, isResidual: true)
    #expect(try compare(wild) > 0)
  }

  @Test(arguments: [
    SweepCase(granularity: .element, order: .random, eta0: 300, isGuarded: false),
    SweepCase(granularity: .row, order: .random, eta0: 40, backtracks: true),
    SweepCase(granularity: .element, blocks: .groups([["a", "c"], ["d"], ["b"]]), eta0: 40, backtracks: true),
    SweepCase(granularity: .scalar, blocks: .oneGroup, eta0: 40, backtracks: true),
    SweepCase(granularity: .row, order: .descending, weightDecay: 0.1),
    SweepCase(granularity: .element, blocks: .oneGroup, weightDecay: 0.1),
    SweepCase(order: .descending, blocksPerBatch: 1),
    SweepCase(granularity: .column, order: .ascending, blocksPerBatch: 3),
    SweepCase(granularity: .scalar, order: .random, blocksPerBatch: 2),
    SweepCase(granularity: .element, order: .ascending, schedule: .cosine(over: 5)),
    SweepCase(granularity: .scalar, order: .descending, schedule: .warmUp(steps: 3)),
    SweepCase(granularity: .scalar, order: .ascending, dropout: 0.3),
    SweepCase(granularity: .element, order: .descending, eta0: 300, dropout: 0.3),
    SweepCase(granularity: .row, order: .random, blocks: .groups([["a", "c"], ["d"], ["b"]]), dropout: 0.3),
  ])
  func fusedEqualsNaiveWithOtherSettings(_ sweep: SweepCase) throws {
    try compare(sweep, batches: 5)
  }
}
