import SAMT
import SAMTTestSupport
import Testing

/// SAMT-Replay saved behind any step and restored into another object goes on with the same bits.
@Suite struct ReplayStateTests {
  /// Orthogonalized kernels, running statistics, and masks to be replayed.
  private static func model(seed: UInt64) throws -> Model {
    try Model(input: [1, 8, 8], seed: seed) {
      Conv2d(1, 6, kernelSize: 3, padding: 1, bias: false)
      BatchNorm2d(6)
      ReLU()
      Dropout2d(0.2)
      MaxPool2d(kernelSize: 2)
      Flatten()
      Dropout(0.3)
      Linear(96, 4)
    }
  }

  private static let steps = 24

  /// Windows of 1, 2, then 4 moves, with lessons behind the third step.
  private static func algorithm(for model: Model) throws -> SAMTReplay {
    var configuration = SAMTReplay.Configuration()
    configuration.window.examples = 32
    configuration.window.shortest = 4
    configuration.proposal = .etaModel()
    let algorithm = try SAMTReplay(for: model, configuration)
    try algorithm.begin(TrainingPlan(epochs: 3, stepsPerEpoch: 20, batchSize: 8), for: model)
    return algorithm
  }

  /// Every seventh minibatch is a partial one.
  private static func batch(_ step: Int, _ isClasses: Bool) -> Batch {
    let count = step % 7 == 5 ? 3 : 8
    let inputs = GradientCheck.values([count, 1, 8, 8], magnitudes: 0...1, seed: UInt64(step))
    if isClasses {
      return Batch(inputs: inputs, targets: .classes((0..<count).map { Int32(($0 + step) % 4) }[...]))
    }
    return Batch(
      inputs: inputs, targets: .values(GradientCheck.values([count, 4], magnitudes: 0...1, seed: UInt64(100 + step))))
  }

  private final class Run {
    let model: Model
    let algorithm: SAMTReplay
    let loss: any Loss
    private let executors: [Int: ModelExecutor]

    init(seed: UInt64, isClasses: Bool) throws {
      let model = try ReplayStateTests.model(seed: seed)
      self.model = model
      algorithm = try ReplayStateTests.algorithm(for: model)
      loss = isClasses ? SoftmaxCrossEntropy() : MeanSquaredError()
      executors = [3: ModelExecutor(for: model, batchSize: 3), 8: ModelExecutor(for: model, batchSize: 8)]
    }

    func step(_ batch: Batch) -> Double {
      algorithm.step(batch, in: executors[batch.count]!, loss: loss).loss
    }

    var states: [State] { [State(of: model), State(of: algorithm)] }
  }

  @Test(arguments: [true, false]) func anotherObjectGoesOnWithTheSameBits(isClasses: Bool) throws {
    let whole = try Run(seed: 1, isClasses: isClasses)
    var states = [whole.states]
    var losses: [Double] = []
    for step in 0..<ReplayStateTests.steps {
      losses.append(whole.step(ReplayStateTests.batch(step, isClasses)))
      states.append(whole.states)
    }
    #expect(losses.allSatisfy { $0.isFinite })
    for start in 0...ReplayStateTests.steps {
      let other = try Run(seed: 2, isClasses: isClasses)
      try states[start][0].restore(into: other.model)
      try states[start][1].restore(into: other.algorithm)
      for step in start..<min(start + 9, ReplayStateTests.steps) {
        let loss = other.step(ReplayStateTests.batch(step, isClasses))
        #expect(loss == losses[step], "from step \(start), at \(step)")
        let found = other.states
        for index in found.indices {
          let difference = found[index].firstDifference(states[step + 1][index])
          #expect(difference == nil, "from step \(start), behind \(step): \(difference ?? "")")
        }
      }
    }
  }

  /// The other side: what the state leaves out would show.
  @Test func anotherWindowGoesOnOtherwise() throws {
    let whole = try Run(seed: 1, isClasses: true)
    for step in 0..<4 { _ = whole.step(ReplayStateTests.batch(step, true)) }
    let other = try Run(seed: 2, isClasses: true)
    try State(of: whole.model).restore(into: other.model)
    for run in [whole, other] { _ = run.step(ReplayStateTests.batch(4, true)) }
    #expect(firstDifference(whole.model, other.model) != nil)
  }
}
