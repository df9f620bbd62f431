import SAMT
import SAMTTestSupport
import Testing

/// The same seed gives the same bits, on any number of threads.
@Suite struct ReproducibilityTests {
  /// Large enough that the kernels share their work; dropout, so that bulk random numbers are drawn too.
  private static func trained(_ rule: TrainingRule, seed: UInt64 = 1, steps: Int = 4) throws -> Model {
    let model = try Model(input: [256], seed: seed) {
      Linear(256, 512)
      ReLU()
      Dropout(0.2)
      Linear(512, 10)
    }
    let algorithm = try rule.make(model)
    let executor = ModelExecutor(for: model, batchSize: 128)
    for step in 0..<steps {
      let batch = randomBatch(128, inputs: 256, classes: 10, seed: UInt64(step))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    }
    return model
  }

  private static let rules =
    TrainingRule.elementwise + TrainingRule.alternating + [TrainingRule.replay(steps: 100, batchSize: 128)]

  /// Children of their own, since the number of threads is the whole process's.
  private static func compareThreads(_ names: [String]) throws {
    for name in names {
      let rule = try #require(rules.first { $0.testDescription == name })
      Threads.count = 1
      let alone = try trained(rule)
      for count in [2, 3] {
        Threads.count = count
        #expect(Threads.count == count)
        #expect(firstDifference(alone, try trained(rule)) == nil, "\(name), \(count) threads")
      }
    }
  }

  @Test func threadsChangeNoBit() async {
    await #expect(processExitsWith: .success) {
      try ReproducibilityTests.compareThreads([
        "Adam", "momentum, clipped by norm", "Schedule-Free AdamW", "Prodigy", "D-Adaptation", "DoG",
        "Mechanic of Adam", "GeN of Adam", "SGD-PH", "COCOB", "SAMT scalar, per layer", "SAMT row, per layer",
        "SAMT column, one group",
        "SAMT element, per layer", "SAMT-Replay",
      ])
    }
  }

  /// A convolutional network's parameters after a few steps.
  private static func trainedLeNet(seed: UInt64) throws -> [[Float]] {
    let model = try Model.leNet5(seed: seed)
    let algorithm = Backpropagation(try Adam(model.parameters))
    let executor = ModelExecutor(for: model, batchSize: 24)
    for step in 0..<3 {
      let batch = randomBatch(24, inputs: 784, classes: 10, seed: seed + UInt64(step))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    }
    return model.parameters.map(\.value.elements)
  }

  private static func compareTasks() async throws {
    Threads.count = 1
    let seeds: [UInt64] = [1, 2, 3, 4]
    let alone = try seeds.map { try trainedLeNet(seed: $0) }
    #expect(alone[0] != alone[1])
    Threads.count = 3
    let together = try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
      for (index, seed) in seeds.enumerated() { group.addTask { (index, try trainedLeNet(seed: seed)) } }
      var results = [[[Float]]](repeating: [], count: seeds.count)
      for try await (index, parameters) in group { results[index] = parameters }
      return results
    }
    for index in seeds.indices { #expect(together[index] == alone[index], "seed \(seeds[index])") }
  }

  @Test func modelsTrainedAtOnceDoNotDisturbEachOther() async {
    await #expect(processExitsWith: .success) { try await ReproducibilityTests.compareTasks() }
  }

  @Test(arguments: rules) func theSameSeedGivesTheSameBits(_ rule: TrainingRule) throws {
    let once = try ReproducibilityTests.trained(rule, steps: 2)
    #expect(firstDifference(once, try ReproducibilityTests.trained(rule, steps: 2)) == nil)
    #expect(firstDifference(once, try ReproducibilityTests.trained(rule, seed: 2, steps: 2)) != nil)
  }

  @Test func aTrainersRunsAreTheSame() throws {
    func run(seed: UInt64) throws -> (Model, [EpochReport]) {
      let model = try perceptron([2, 16, 3], seed: 4)
      var samt = SAMTOptimizer.Configuration()
      samt.stepSizes = StepSizes(.element)
      samt.order = .random
      var configuration = Trainer.Configuration()
      configuration.epochs = 2
      configuration.batchSize = 20
      configuration.seed = seed
      let trainer = try Trainer(
        model: model, algorithm: try SAMTOptimizer(for: model, samt), configuration: configuration)
      let reports = try trainer.fit(clouds(200, seed: 1), test: clouds(90, seed: 2))
      return (model, reports)
    }
    let (first, second, other) = (try run(seed: 5), try run(seed: 5), try run(seed: 6))
    #expect(firstDifference(first.0, second.0) == nil)
    #expect(firstDifference(first.0, other.0) != nil)
    #expect(first.1.map(\.training.loss) == second.1.map(\.training.loss))
    #expect(first.1.map(\.blocks) == second.1.map(\.blocks))
  }

  /// A run on augmented images: prefetching or not, on any number of threads.
  private static func augmentedRun(
    prefetches: Bool, seed: UInt64 = 1, augmentation: Augmentation? = Augmentation()
  ) throws -> (Model, [Double]) {
    let model = try perceptron([784, 300, 10], seed: 2)
    var configuration = Trainer.Configuration()
    configuration.epochs = 2
    configuration.batchSize = 64
    configuration.seed = seed
    configuration.augmentation = augmentation
    configuration.prefetches = prefetches
    let trainer = try Trainer(
      model: model, algorithm: Backpropagation(try Adam(model.parameters)), configuration: configuration)
    let (training, test) = Dataset.digits(training: 320, test: 50, seed: 1)
    return (model, try trainer.fit(training, test: test).flatMap { [$0.training.loss, $0.test?.loss ?? .nan] })
  }

  private static func compareAugmentedRuns() throws {
    Threads.count = 1
    let (alone, losses) = try augmentedRun(prefetches: false)
    for threads in [1, 2, 3] {
      Threads.count = threads
      for prefetches in [false, true] {
        let (model, found) = try augmentedRun(prefetches: prefetches)
        #expect(firstDifference(alone, model) == nil, "\(threads) threads, prefetching: \(prefetches)")
        #expect(found == losses)
      }
    }
    #expect(firstDifference(alone, try augmentedRun(prefetches: true, seed: 3).0) != nil)
    #expect(firstDifference(alone, try augmentedRun(prefetches: true, augmentation: nil).0) != nil)
  }

  @Test func neitherPrefetchingNorThreadsChangeABitOfAnAugmentedRun() async {
    await #expect(processExitsWith: .success) { try ReproducibilityTests.compareAugmentedRuns() }
  }
}
