import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// What SAMT-Replay does to a model around its formulas: which are Golden/replay.py's.
@Suite struct SAMTReplayTests {
  private func begun(
    _ model: Model, steps: Int = 100, batchSize: Int = 8, _ change: (inout SAMTReplay.Configuration) -> Void = { _ in }
  ) throws -> SAMTReplay {
    var configuration = SAMTReplay.Configuration()
    change(&configuration)
    let algorithm = try SAMTReplay(for: model, configuration)
    try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: steps, batchSize: batchSize), for: model)
    return algorithm
  }

  private func normalized(seed: UInt64 = 1, dropout: Float = 0) throws -> Model {
    try Model(input: [6], seed: seed) {
      Linear(6, 12)
      BatchNorm1d(12)
      Tanh()
      if dropout > 0 { Dropout(dropout) }
      Linear(12, 3)
    }
  }

  /// Each minibatch moves the running statistics once, as it does in ordinary training: neither the search's trials nor
  /// the replays count.
  @Test func runningStatisticsSeeEachMinibatchOnce() throws {
    let (model, other) = (try normalized(), try normalized())
    // Steps of no size: the statistics are the batches' alone.
    let algorithm = try begun(model) {
      $0.initialStepSize = 1e-30
      $0.lesson = nil
      $0.search = nil
      $0.restore = nil
      $0.window.shortest = 2
      $0.window.examples = 2
    }
    let plain = Backpropagation(try SGD(other.parameters, learningRate: 1e-30))
    let (executor, otherExecutor) = (ModelExecutor(for: model, batchSize: 8), ModelExecutor(for: other, batchSize: 8))
    for step in 0..<9 {
      let batch = randomBatch(8, inputs: 6, classes: 3, seed: UInt64(step))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      _ = plain.step(batch, in: otherExecutor, loss: SoftmaxCrossEntropy())
    }
    try #require(model.buffers.count == other.buffers.count && !model.buffers.isEmpty)
    for (a, b) in zip(model.buffers, other.buffers) { #expect(firstDifference(a.value, b.value) == nil) }
    #expect(executor.passes == otherExecutor.passes, "replays are not counted as passes")
  }

  /// A step that is far too long is taken back to the bit, running statistics included, and step sizes are quartered.
  @Test func whatMadeTheLossRiseIsTakenBack() throws {
    let model = try normalized()
    let algorithm = try begun(model) {
      $0.initialStepSize = 1000
      $0.search = nil
    }
    let executor = ModelExecutor(for: model, batchSize: 8)
    let batch = randomBatch(8, inputs: 6, classes: 3, seed: 1)
    let before = bits(model)
    // What the minibatch itself does to the statistics stays.
    let (other, plain) = (try normalized(), try normalized())
    let reference = ModelExecutor(for: other, batchSize: 8)
    reference.load(batch.inputs)
    _ = reference.evaluate(SoftmaxCrossEntropy(), batch.targets)
    _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    #expect(algorithm.restores == 1)
    #expect(bits(model) == before && bits(model) == bits(plain))
    for (a, b) in zip(model.buffers, other.buffers) { #expect(firstDifference(a.value, b.value) == nil) }
    #expect(algorithm.stepSizes.allSatisfy { abs($0 - 250) < 1e-10 })
    #expect(algorithm.metrics["restores"] == 1)
  }

  /// The search ends near the same step size wherever it begins, with masks that stay the minibatch's own.
  @Test(arguments: [1e-5, 1e-2, 10, 1e4]) func theSearchForgetsWhereItBegan(start: Double) throws {
    let model = try normalized(dropout: 0.3)
    let algorithm = try begun(model) { $0.initialStepSize = start }
    let executor = ModelExecutor(for: model, batchSize: 8)
    let batch = randomBatch(8, inputs: 6, classes: 3, seed: 1)
    _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    // From above the first acceptable size is found, from below the last: within a factor of four here.
    #expect(algorithm.stepSizes.allSatisfy { (0.02...2).contains($0) }, "\(algorithm.stepSizes)")
    #expect(algorithm.searchTrials >= 1 && algorithm.searchTrials <= 40)
    #expect(algorithm.parameterUpdates == algorithm.searchTrials)
  }

  /// A minibatch that is no number moves nothing; with a window behind it, training goes on from its start.
  @Test func aLossThatIsNoNumber() throws {
    let model = try normalized()
    let algorithm = try begun(model)
    let executor = ModelExecutor(for: model, batchSize: 8)
    let before = bits(model)
    var broken = randomBatch(8, inputs: 6, classes: 3, seed: 1)
    broken.inputs = Tensor([Float](repeating: .nan, count: 48), shape: [8, 6])
    let report = algorithm.step(broken, in: executor, loss: SoftmaxCrossEntropy())
    #expect(report.loss.isNaN && bits(model) == before && algorithm.restores == 0)
    #expect(model.buffers.allSatisfy { $0.value.elements.allSatisfy { $0.isFinite } })
    _ = algorithm.step(randomBatch(8, inputs: 6, classes: 3, seed: 2), in: executor, loss: SoftmaxCrossEntropy())
    #expect(algorithm.searchTrials > 0 && bits(model) != before)
    let statistics = model.buffers.map { bits($0.value) }
    _ = algorithm.step(broken, in: executor, loss: SoftmaxCrossEntropy())
    #expect(algorithm.restores == 1 && bits(model) == before)
    #expect(model.buffers.map { bits($0.value) } == statistics)
    for step in 0..<10 {
      let batch = randomBatch(8, inputs: 6, classes: 3, seed: UInt64(step))
      #expect(algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy()).loss.isFinite)
    }
    #expect(bits(model) != before)
  }

  /// A loss that is 1e20 times as steep on minibatches whose first class is 2.
  private let steepLoss = ScaledLoss(SoftmaxCrossEntropy()) { targets in
    if case .classes(let classes) = targets, classes.first == 2 { 1e20 } else { 1 }
  }

  /// One step on a minibatch that is steep or not; all weights and moments are finite behind it.
  private func step(
    _ algorithm: SAMTReplay, _ model: Model, _ executor: ModelExecutor, seed: UInt64, isSteep: Bool = false
  ) {
    var batch = randomBatch(8, inputs: 6, classes: 3, seed: seed)
    if isSteep { batch.targets = .classes([2, 0, 1, 2, 0, 1, 2, 0]) }
    _ = algorithm.step(batch, in: executor, loss: steepLoss)
    for state in [State(of: model), State(of: algorithm)] {
      for name in state.names {
        guard case .tensor(let tensor) = state[name] else { continue }
        let isFinite = tensor.elements.allSatisfy(\.isFinite)
        #expect(isFinite, "\(name) behind minibatch \(seed)")
      }
    }
  }

  /// While windows are short, gradients of 1e20 are taken back as any loss that rose so far.
  @Test func aSteepMinibatchInAShortWindow() throws {
    let model = try normalized()
    let algorithm = try begun(model) {
      $0.initialStepSize = 0.01
      $0.search = nil
    }
    let executor = ModelExecutor(for: model, batchSize: 8)
    step(algorithm, model, executor, seed: 1)
    let before = bits(model)
    step(algorithm, model, executor, seed: 2)
    #expect(algorithm.restores == 0 && bits(model) != before)
    step(algorithm, model, executor, seed: 3, isSteep: true)
    #expect(algorithm.restores == 1 && bits(model) == before)
    step(algorithm, model, executor, seed: 4)
    #expect(algorithm.restores == 1 && bits(model) != before)
  }

  /// Later a step along them is as long as any, and a window that begins and ends with them tells how long it was.
  @Test(arguments: [2, 5]) func aSteepMinibatchInALongWindow(steep: UInt64) throws {
    let model = try normalized()
    let algorithm = try begun(model) {
      $0.initialStepSize = 0.01
      $0.search = nil
      $0.schedule.warmUp = 0
      $0.window.doublings = 0
      $0.window.shortest = 4
      $0.window.examples = 8
    }
    let executor = ModelExecutor(for: model, batchSize: 8)
    for seed in 1...UInt64(8) {
      let before = bits(model)
      step(algorithm, model, executor, seed: seed, isSteep: seed == steep)
      #expect(bits(model) != before, "minibatch \(seed)")
    }
    #expect(algorithm.restores == 0)
    // Such short steps meet little curvature: where the last window began with the steep minibatch, that one's gradient
    // has hardly changed along them.
    let ratio = try #require(algorithm.metrics["replayRatio"])
    #expect(ratio >= (steep == 5 ? 0.5 : -1) && ratio <= 1, "\(ratio)")
  }

  /// Where weights do not move, a replay is the very evaluation that it repeats: with other dropout masks, about half of
  /// the replays would have a higher loss, and be taken back.
  @Test func replaysHaveTheMasksOfTheirMinibatch() throws {
    let model = try normalized(dropout: 0.5)
    let algorithm = try begun(model) {
      $0.initialStepSize = 1e-30
      $0.search = nil
      $0.lesson = nil
      $0.window.doublings = 0
      $0.window.shortest = 2
      $0.window.examples = 2
    }
    let executor = ModelExecutor(for: model, batchSize: 8)
    for step in 0..<40 {
      let batch = randomBatch(8, inputs: 6, classes: 3, seed: UInt64(step))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    }
    #expect(algorithm.restores == 0)
  }

  /// Over a million steps every search ends above the most that they can use: 4 / sqrt(T), with a block that is
  /// orthogonalized 3 / sqrt(T).
  @Test(arguments: [(true, 0.003), (false, 0.004)]) func theSearchEndsWithinTheRange(orthogonalizes: Bool, most: Double)
    throws
  {
    let model = try Model(input: [1, 6, 6], seed: 1) {
      Conv2d(1, 4, kernelSize: 3)
      Tanh()
      Flatten()
      Linear(64, 3)
    }
    let algorithm = try begun(model, steps: 1_000_000) {
      if !orthogonalizes { $0.direction = .nadam }
    }
    let executor = ModelExecutor(for: model, batchSize: 8)
    let flat = randomBatch(8, inputs: 36, classes: 3, seed: 3)
    let batch = Batch(inputs: flat.inputs.reshaped(to: [8, 1, 6, 6]), targets: flat.targets)
    _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    // A logarithm near -6 and its exponential: three roundings of at most eight units in the last place.
    #expect(algorithm.stepSizes.allSatisfy { abs($0 - most) < 24 * 0x1p-53 * most }, "\(algorithm.stepSizes)")
  }

  /// A block whose first values are zeros moves all the same.
  @Test func zerosMove() throws {
    let model = try normalized()
    for parameter in model.parameters.suffix(2) { parameter.value = Tensor(zeros: parameter.shape) }
    let algorithm = try begun(model)
    let executor = ModelExecutor(for: model, batchSize: 8)
    _ = algorithm.step(randomBatch(8, inputs: 6, classes: 3, seed: 2), in: executor, loss: SoftmaxCrossEntropy())
    #expect(model.parameters.suffix(2).allSatisfy { $0.value.elements.contains { $0 != 0 } })
  }

  /// Each piece can be replaced: without search, lesson and restore, with NAdam alone in absolute units, it is NAdam.
  @Test func thePiecesAreReplaceable() throws {
    let model = try perceptron([4, 5, 3], seed: 1, relu: false)
    let algorithm = try begun(model) {
      $0.direction = .nadam
      $0.unit = .absolute
      $0.search = nil
      $0.lesson = nil
      $0.restore = nil
      $0.schedule.decay = .none
      $0.schedule.warmUp = 0
      $0.initialStepSize = 0.01
      $0.weightDecay.total = 0
    }
    let other = try perceptron([4, 5, 3], seed: 1, relu: false)
    let (executor, reference) = (ModelExecutor(for: model, batchSize: 8), ModelExecutor(for: other, batchSize: 8))
    let directions = try other.parameters.map { try NAdamDirection(for: $0.shape) }
    for step in 0..<9 {
      let batch = randomBatch(8, inputs: 4, classes: 3, seed: UInt64(step))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      reference.load(batch.inputs)
      _ = reference.evaluate(SoftmaxCrossEntropy(), batch.targets)
      for layer in other.trainableLayers.reversed() { reference.backward(to: layer) }
      for (parameter, direction) in zip(other.parameters, directions) {
        var d = Tensor(zeros: parameter.shape)
        _ = direction.advance(parameter.gradient, into: &d)
        Kernels.move(&parameter.value, along: d, rate: Float(exp(log(0.01))))
      }
      reference.invalidate(from: 0)
      #expect(firstDifference(model, other) == nil, "step \(step)")
    }
  }

  @Test func whatMakesNoSenseIsATypedError() throws {
    let model = try perceptron([4, 5, 3])
    for size in [0, -1, .infinity, .nan] {
      var configuration = SAMTReplay.Configuration()
      configuration.initialStepSize = size
      #expect(throws: SAMTError.self) { try SAMTReplay(for: model, configuration) }
    }
    let changes: [(inout SAMTReplay.Configuration) -> Void] = [
      { $0.weightDecay.total = -1 }, { $0.weightDecay.total = .nan },
      { $0.range.least = -1 }, { $0.range.least = .nan }, { $0.range.most = 0.5 }, { $0.range.most = .nan },
      { $0.range.mostOrthogonalized = 0.5 }, { $0.range.mostOrthogonalized = .nan },
      { $0.schedule.warmUp = .nan }, { $0.schedule.warmUp = -0.1 }, { $0.schedule.warmUp = .infinity },
      { $0.window.shortest = 0 }, { $0.window.examples = -1 }, { $0.window.doublings = -1 },
    ]
    for (index, change) in changes.enumerated() {
      var configuration = SAMTReplay.Configuration()
      change(&configuration)
      #expect(throws: SAMTError.self, "change \(index)") { try SAMTReplay(for: model, configuration) }
    }
    let algorithm = try SAMTReplay(for: model)
    let plan = TrainingPlan(epochs: 1, stepsPerEpoch: 10, batchSize: 8)
    #expect(throws: SAMTError.self) { try algorithm.begin(plan, for: try perceptron([4, 5, 3])) }
    #expect(throws: SAMTError.self) {
      try algorithm.begin(TrainingPlan(epochs: 0, stepsPerEpoch: 10, batchSize: 8), for: model)
    }
    #expect(throws: SAMTError.self) { try SAMTReplay(for: try Model(input: [3]) { ReLU() }) }
  }
}
