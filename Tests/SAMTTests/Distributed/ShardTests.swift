import SAMTTestSupport
import Testing

@testable import SAMT

/// Minibatches in shards: what they come to, and that it is the same on any number of ranks.
@Suite struct ShardTests {
  /// Normalization, dropout and a projection: all that a shard has of its own.
  private static func perceptron() throws -> Model {
    try Model(input: [2], seed: 3) {
      Linear(2, 12)
      BatchNorm1d(12)
      Tanh()
      Dropout(0.2)
      Linear(12, 3)
    }
  }

  private static func plain() throws -> Model {
    try Model(input: [2], seed: 3) {
      Linear(2, 12)
      Tanh()
      Linear(12, 3)
    }
  }

  /// Ends a training in its middle.
  private final class Stopper: TrainingObserver {
    private var left: Int

    init(after steps: Int) { left = steps }

    func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
      left -= 1
      if left == 0 { trainer.stop() }
    }
  }

  /// The state behind two epochs, or where rank 0 stopped all.
  private static func train(
    _ rule: TrainingRule, shards: Int, batchSize: Int = 32, on communicator: any Communicator, from state: State? = nil,
    stoppingAfter steps: Int = .max
  ) throws -> State {
    let model = try perceptron()
    var configuration = Trainer.Configuration()
    configuration.epochs = 2
    configuration.batchSize = batchSize
    configuration.shards = shards
    let trainer = try Trainer(
      model: model, algorithm: try rule.make(model), configuration: configuration, communicator: communicator)
    if let state { try trainer.resume(at: state, from: "state") }
    trainer.observers = [Stopper(after: steps)]
    let data = clouds(96, seed: 1)
    try trainer.fit(data, test: data, epochs: 2 - trainer.reports.count)
    return State(of: trainer)
  }

  @Test(arguments: TrainingRule.all)
  func bitsDoNotDependOnRanks(rule: TrainingRule) throws {
    let alone = try ShardTests.train(rule, shards: 4, on: LocalCommunicator())
    for ranks in [2, 4] {
      let states = try ThreadCommunicator.run(ranks: ranks) { communicator in
        try ShardTests.train(rule, shards: 4, on: communicator)
      }
      for (rank, state) in states.enumerated() {
        #expect(alone.withoutTime.firstDifference(state.withoutTime) == nil, "rank \(rank) of \(ranks)")
      }
    }
    let whole = try ShardTests.train(rule, shards: 1, on: LocalCommunicator())
    #expect(whole.withoutTime.firstDifference(alone.withoutTime) != nil, "nothing tells a shard from a whole")
  }

  /// Shards of 9, 10 and 10 examples, and of three in the last minibatch.
  @Test func unequalShardsCountByTheirExamples() throws {
    let rule = TrainingRule.elementwise[3]
    let alone = try ShardTests.train(rule, shards: 3, batchSize: 29, on: LocalCommunicator())
    let states = try ThreadCommunicator.run(ranks: 3) { communicator in
      try ShardTests.train(rule, shards: 3, batchSize: 29, on: communicator)
    }
    for state in states { #expect(alone.withoutTime.firstDifference(state.withoutTime) == nil) }
  }

  @Test(arguments: [1, 2, 4]) func checkpointsGoOnOnOtherRanks(ranks: Int) throws {
    let rule = TrainingRule.replay(steps: 300, batchSize: 32)
    let undisturbed = try ShardTests.train(rule, shards: 4, on: LocalCommunicator())
    let middle = try ThreadCommunicator.run(ranks: 4 / ranks) { communicator in
      try ShardTests.train(rule, shards: 4, on: communicator, stoppingAfter: communicator.rank == 0 ? 4 : .max)
    }[0]
    let states = try ThreadCommunicator.run(ranks: ranks) { communicator in
      try ShardTests.train(rule, shards: 4, on: communicator, from: middle)
    }
    for state in states { #expect(undisturbed.withoutTime.firstDifference(state.withoutTime) == nil) }
  }

  /// Where no layer looks at several examples, shards differ from the whole by the roundings of sums alone.
  @Test(arguments: [(24, 2), (24, 4), (23, 5)]) func gradientsAreThoseOfTheWholeBatch(count: Int, shards: Int) throws {
    let batch = clouds(count, seed: 2).batch(0..<count)
    func run(_ executor: ModelExecutor) -> (Double, [[Float]], [Float]) {
      executor.load(batch.inputs)
      let loss = executor.evaluate(SoftmaxCrossEntropy(), batch.targets)
      executor.backward(to: executor.model.trainableLayers)
      return (loss, executor.model.parameters.map { $0.gradient.elements }, executor.output().elements)
    }
    let whole = run(ModelExecutor(for: try ShardTests.plain(), batchSize: count))
    let executor = ModelExecutor(
      for: try ShardTests.plain(), batchSize: count, shards: shards, on: LocalCommunicator())
    let divided = run(executor)
    // A sum over the batch of terms whose mean is below 1 in size, in either order: count roundings of 2^-24 each.
    let bound = Float(count) * 0x1p-24
    #expect(abs(whole.0 - divided.0) <= Double(bound))
    for (a, b) in zip(whole.1, divided.1) {
      #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= bound })
    }
    #expect(whole.2 == divided.2)
    #expect(executor.passes == LayerPasses(forward: 2, parameterGradient: 2, inputGradient: 1))
  }

  /// The first layer sees the same examples: its running moments are the mean of the shards', taken in once.
  @Test func runningStatisticsFollowTheShardsMean() throws {
    let values = GradientCheck.values([6, 1], magnitudes: 0...8, seed: 4)
    let model = try Model(input: [1], seed: 1) {
      BatchNorm1d(1)
      Linear(1, 2)
    }
    let norm = try #require(model.layers[0] as? BatchNorm1d)
    let executor = ModelExecutor(for: model, batchSize: 6, shards: 2, on: LocalCommunicator())
    executor.load(values)
    for _ in 0..<2 {
      _ = executor.evaluate(SoftmaxCrossEntropy(), .classes([0, 1, 0, 1, 0, 1]))
      executor.invalidate(from: 0)
    }
    var (mean, variance) = (0.0, 0.0)
    for shard in [values.elements[..<3], values.elements[3...]] {
      let shardMean = shard.reduce(0.0) { $0 + Double($1) } / 3
      mean += shardMean / 2
      variance += shard.reduce(0.0) { $0 + (Double($1) - shardMean) * (Double($1) - shardMean) } / 2 / 2
    }
    // A handful of roundings of numbers below 64.
    #expect(abs(Double(norm.runningMean.elements[0]) - 0.1 * mean) <= 8 * 0x1p-24 * 8)
    #expect(abs(Double(norm.runningVariance.elements[0]) - (0.9 + 0.1 * variance)) <= 8 * 0x1p-24 * 64)
    #expect(norm.batchesTracked == 1)
  }

  @Test func everyShardHasAMaskOfItsOwn() throws {
    let model = try Model(input: [64], seed: 1) { Dropout(0.5) }
    let executor = ModelExecutor(for: model, batchSize: 4, shards: 4, on: LocalCommunicator())
    let ones = Tensor([Float](repeating: 1, count: 256), shape: [4, 64])
    var draw = ModelExecutor.Draw(of: model)
    executor.noteDraw(&draw)
    executor.load(ones)
    let first = executor.output().elements
    executor.load(ones)
    let second = executor.output().elements
    let rows = (0..<4).flatMap { row in [first, second].map { Array($0[row * 64..<(row + 1) * 64]) } }
    #expect(Set(rows).count == 8)
    let generator = model.layers[0].generator
    executor.load(ones, replaying: draw)
    #expect(executor.output().elements == first)
    #expect(model.layers[0].generator == generator)
  }

  @Test(arguments: [
    (0, 1, "in 1 ... 4096"), (5000, 1, "in 1 ... 4096"), (33, 1, "32 examples cannot be divided into 33"),
    (3, 2, "3 shards cannot be divided among 2 ranks"), (6, 2, "6 shards cannot"), (2, 4, "2 shards cannot"),
  ])
  func divisionsThatCannotBeAreRefused(shards: Int, ranks: Int, part: String) throws {
    let messages = try ThreadCommunicator.run(ranks: ranks) { communicator in
      do {
        _ = try ShardTests.train(TrainingRule.elementwise[0], shards: shards, on: communicator)
        return "nothing was refused"
      } catch { return "\(error)" }
    }
    for message in messages { #expect(message.contains(part), "\(message)") }
  }

  /// Eight shards of eight examples, and of 8 or 9.
  @Test(arguments: [(64, 1), (67, 2)]) func shardsTakeTheMemoryOfOne(count: Int, sizes: Int) throws {
    let batch = clouds(count, seed: 2).batch(0..<count)
    func make() throws -> ModelExecutor {
      let executor = ModelExecutor(
        for: try ShardTests.perceptron(), batchSize: count, shards: 8, on: LocalCommunicator())
      executor.metrics = MetricAccumulator([Accuracy(), TopKAccuracy(2)], outputs: 3)
      return executor
    }
    func bytes(_ count: Int) throws -> Int {
      ModelExecutor(for: try ShardTests.perceptron(), batchSize: count).activationBytes
    }
    let (sharing, keeping) = (try make(), try make())
    for _ in 0..<3 {
      for executor in [sharing, keeping] { executor.load(batch.inputs) }
      let layers = sharing.model.trainableLayers
      let loss = sharing.evaluateWithGradients(SoftmaxCrossEntropy(), batch.targets, of: layers)
      #expect(loss == keeping.evaluate(SoftmaxCrossEntropy(), batch.targets))
      keeping.backward(to: layers)
      for (a, b) in zip(sharing.model.parameters, keeping.model.parameters) {
        #expect(a.gradient.elements == b.gradient.elements && a.gradient.elements.contains { $0 != 0 })
      }
      // Running statistics and generators among it.
      #expect(State(of: sharing.model).firstDifference(State(of: keeping.model)) == nil)
      #expect(sharing.metrics?.values == keeping.metrics?.values)
      #expect(sharing.passes == keeping.passes)
    }
    let smallest = count / 8
    let held = try (0..<sizes).reduce(0) { try $0 + bytes(smallest + $1) }
    #expect(sharing.activationBytes == held)
    #expect(keeping.activationBytes > 3 * held)
    // One that is asked for a part of the model after all.
    let again = sharing.evaluate(SoftmaxCrossEntropy(), batch.targets)
    #expect(again == keeping.evaluate(SoftmaxCrossEntropy(), batch.targets))
    #expect(sharing.activationBytes == keeping.activationBytes)
    #expect(sharing.output().elements == keeping.output().elements)
  }

  /// Keeps what it is shown.
  private final class Witness: LayerObserver {
    let parameters: [Parameter] = []
    var learningRate: Float = 0
    let observesNextStep = true
    var seen: [LayerMeanSquares] = []

    func observe(_ layer: any ProductLayer, _ squares: LayerMeanSquares) { seen.append(squares) }
    func update(scale: Float, loss: Double) {}
    func visitState(_ visitor: StateVisitor) {}
  }

  @Test(arguments: [(24, 4), (23, 5)]) func meanSquaresAreThoseOfTheWholeBatch(count: Int, shards: Int) throws {
    let batch = clouds(count, seed: 2).batch(0..<count)
    func run(_ shards: Int) throws -> [LayerMeanSquares] {
      let model = try Model(input: [2], seed: 3) { Linear(2, 3) }
      let executor = ModelExecutor(for: model, batchSize: count, shards: shards, on: LocalCommunicator())
      let witness = Witness()
      for _ in 0..<2 {
        executor.load(batch.inputs)
        _ = executor.evaluateWithGradients(SoftmaxCrossEntropy(), batch.targets, of: [0], observer: witness)
      }
      return witness.seen
    }
    let (whole, divided) = (try run(1), try run(shards))
    #expect(whole.count == 2 && divided.count == 2)
    for (a, b) in zip(whole, divided) {
      // Sums of positive terms. A shard's gradient is the whole's rounded two or three times, its square twice that; with
      // the mean's own rounding and those of the tree, ten of 2^-24 at most.
      for (x, y) in zip(a.inputs + a.outputs, b.inputs + b.outputs) { #expect(x > 0 && abs(x - y) <= 10 * 0x1p-24 * x) }
    }
  }

  @Test func aShardTooSmallToNormalizeIsRefused() {
    #expect(throws: SAMTError.self) {
      _ = try ShardTests.train(TrainingRule.elementwise[0], shards: 32, on: LocalCommunicator())
    }
  }

  @Test func ranksThatDifferAreTold() throws {
    let messages = try ThreadCommunicator.run(ranks: 2) { communicator in
      let model = try ShardTests.plain()
      if communicator.rank == 1 { model.parameters[0].value.withMutableSpan { $0[0] += 1 } }
      let trainer = try Trainer(
        model: model, algorithm: Backpropagation(try SGD(model.parameters, learningRate: 0.1)),
        communicator: communicator)
      do {
        try trainer.fit(clouds(256, seed: 1), test: clouds(8, seed: 1))
        return "nothing was told"
      } catch { return "\(error)" }
    }
    for message in messages { #expect(message.contains("rank 1 has another state"), "\(message)") }
  }
}
