import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

/// Statistics of the blocks' gradients at the end of an epoch.
@Suite struct GradientReportTests {
  private func report(_ gradients: [[Float]]) -> [String: Double] {
    let parameters = gradients.map { gradient in
      let parameter = Parameter("weight", shape: [gradient.count], initializer: .zeros, isDecayed: true)
      parameter.gradient = Tensor(gradient, shape: [gradient.count])
      return parameter
    }
    return BlockReport(name: "block", gradient: Moments(ofGradients: parameters)).metrics
  }

  @Test func aBlockJoinsItsParameters() {
    let found = report([[3, -4], [0, 0]])
    #expect(found == ["norm": 5, "rms": 2.5, "mean": -0.25, "largest": 4])
    #expect(report([[2]]) == ["norm": 2, "rms": 2, "mean": 2, "largest": 2])
    #expect(report([]) == ["norm": 0, "rms": 0, "mean": 0, "largest": 0])
  }

  @Test func whatIsNotFiniteShows() {
    let infinite = report([[1, -.infinity], [2]])
    #expect(infinite["norm"] == .infinity && infinite["rms"] == .infinity && infinite["largest"] == .infinity)
    for (name, value) in report([[1, .nan], [2]]) { #expect(value.isNaN, "\(name)") }
  }

  /// The same figures in double precision, of gradients that nothing but the executor has touched.
  private func expect(
    _ reports: [BlockReport], of model: Model, on batch: Batch, _ name: String
  ) {
    let executor = ModelExecutor(for: model, batchSize: batch.count)
    executor.load(batch.inputs)
    _ = executor.evaluateWithGradients(SoftmaxCrossEntropy(), batch.targets, of: model.trainableLayers)
    #expect(reports.map(\.name) == model.blocks.map(\.name), "\(name)")
    for (block, report) in zip(model.blocks, reports) {
      let elements = block.parameters.flatMap { $0.gradient.elements.map(Double.init) }
      let count = Double(elements.count)
      let norm = elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let magnitude = elements.reduce(0) { $0 + abs($1) }
      // Sums of at most `count` elements within a block are in float: count 2^-24 of the sum of magnitudes.
      let roundings = count * 0x1p-24
      let metrics = report.metrics
      #expect(Set(metrics.keys) == ["norm", "rms", "mean", "largest"])
      #expect(abs((metrics["norm"] ?? .nan) - norm) <= roundings * norm, "\(name)")
      #expect(abs((metrics["rms"] ?? .nan) - norm / count.squareRoot()) <= roundings * norm, "\(name)")
      #expect(abs((metrics["mean"] ?? .nan) - elements.reduce(0, +) / count) <= roundings * magnitude, "\(name)")
      #expect(metrics["largest"] == elements.map(abs).max(), "\(name)")
    }
  }

  /// Rules that move all blocks along the gradients of one evaluation.
  private static let rules: [TrainingRule] =
    [TrainingRule.elementwise[0], TrainingRule.elementwise[5]]
    + TrainingRule.alternating.filter { $0.testDescription == "SAMT row, one group" }
    + [
      // The second step is a window's first, which puts gradients aside; the third one is its second.
      TrainingRule.replay(steps: 300, batchSize: 16) {
        $0.window.doublings = 0
        $0.window.shortest = 5
        $0.window.examples = 1
      }
    ]

  /// Before each step a twin takes the weights.
  @Test(arguments: rules) func figuresAreThoseOfTheStepsGradient(_ rule: TrainingRule) throws {
    let make = { try perceptron([2, 12, 3], seed: 4) }
    let (model, twin) = (try make(), try make())
    let algorithm = try rule.make(model)
    try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: 300, batchSize: 16), for: model)
    let executor = ModelExecutor(for: model, batchSize: 16)
    for step in 0..<3 {
      let batch = randomBatch(16, inputs: 2, classes: 3, seed: UInt64(step))
      for (parameter, other) in zip(model.parameters, twin.parameters) { other.value = parameter.value }
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      // The first step of SAMT-Replay looks for step sizes, and evaluates last behind a trial step.
      let isSearch = algorithm is SAMTReplay && step == 0
      let weights = isSearch ? model : twin
      expect(algorithm.gradientReports, of: weights, on: batch, "\(rule.testDescription), step \(step)")
    }
  }

  /// SAMT's first block moves along the gradient before the sweep, and blocks that stand still are left out.
  @Test func aSweepsBlocksHaveTheirOwnGradients() throws {
    let batch = randomBatch(16, inputs: 2, classes: 3, seed: 1)
    func reports(blocksPerBatch: Int?) throws -> [BlockReport] {
      let model = try perceptron([2, 12, 3], seed: 4)
      var configuration = SAMTOptimizer.Configuration()
      configuration.blocksPerBatch = blocksPerBatch
      let algorithm = try SAMTOptimizer(for: model, configuration)
      _ = algorithm.step(batch, in: ModelExecutor(for: model, batchSize: 16), loss: SoftmaxCrossEntropy())
      return algorithm.gradientReports
    }
    let (sweep, one) = (try reports(blocksPerBatch: nil), try reports(blocksPerBatch: 1))
    #expect(sweep.map(\.name) == ["linear1", "linear2"])
    #expect(one == [sweep[0]])
    let model = try perceptron([2, 12, 3], seed: 4)
    let executor = ModelExecutor(for: model, batchSize: 16)
    executor.load(batch.inputs)
    _ = executor.evaluateWithGradients(SoftmaxCrossEntropy(), batch.targets, of: model.trainableLayers)
    func before(_ block: Model.Block) -> BlockReport {
      BlockReport(name: block.name, gradient: Moments(ofGradients: block.parameters))
    }
    #expect(sweep[0] == before(model.blocks[0]))
    #expect(sweep[1] != before(model.blocks[1]), "the first block had moved")
  }

  /// Notes what the algorithm says behind the last step of each epoch.
  private final class Listener: TrainingObserver {
    var heard: [[BlockReport]] = []

    func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
      if progress.step == progress.stepsPerEpoch { heard.append(trainer.algorithm.gradientReports) }
    }
  }

  private static func trainer(
    _ rule: TrainingRule, shards: Int = 1, on communicator: any Communicator = LocalCommunicator()
  ) throws -> Trainer {
    let model = try perceptron([2, 12, 3], seed: 4)
    var configuration = Trainer.Configuration()
    configuration.epochs = 2
    configuration.batchSize = 32
    configuration.shards = shards
    return try Trainer(
      model: model, algorithm: try rule.make(model), configuration: configuration, communicator: communicator)
  }

  @Test(arguments: rules) func anEpochHasThoseOfItsLastStep(_ rule: TrainingRule) throws {
    let trainer = try GradientReportTests.trainer(rule)
    let listener = Listener()
    trainer.observers = [listener]
    let data = clouds(80, seed: 1)
    let reports = try trainer.fit(data, test: data)
    #expect(reports.map(\.gradients) == listener.heard)
    #expect(reports[0].gradients?.isEmpty == false && reports[0].gradients != reports[1].gradients)
  }

  @Test func aMethodWithoutGradientsHasNone() throws {
    let model = try perceptron([2, 12, 3], seed: 4)
    var configuration = Trainer.Configuration()
    configuration.epochs = 2
    configuration.batchSize = 90
    let trainer = try Trainer(
      model: model, algorithm: try MDLAM(for: model, examples: 90), configuration: configuration)
    #expect(try trainer.fit(clouds(90, seed: 1)).map(\.gradients) == [nil, nil])
  }

  @Test(arguments: rules) func ranksHaveTheSame(_ rule: TrainingRule) throws {
    let data = clouds(96, seed: 1)
    func run(on communicator: any Communicator) throws -> [[BlockReport]?] {
      try GradientReportTests.trainer(rule, shards: 4, on: communicator).fit(data).map(\.gradients)
    }
    let alone = try run(on: LocalCommunicator())
    for ranks in [2, 4] {
      let all = try ThreadCommunicator.run(ranks: ranks) { communicator in
        try GradientReportTests.trainer(rule, shards: 4, on: communicator).fit(clouds(96, seed: 1)).map(\.gradients)
      }
      for found in all { #expect(found == alone, "\(ranks) ranks") }
    }
  }
}
