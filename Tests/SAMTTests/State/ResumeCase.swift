import SAMT
import SAMTTestSupport

/// A training to be interrupted: a rule, a model, and what else a trainer can be asked for.
struct ResumeCase: Sendable {
  let name: String
  let rule: TrainingRule
  let model: @Sendable (UInt64) throws -> Model
  let data: @Sendable () -> Dataset
  var average: WeightAverage.Kind?
  var augmentation: Augmentation?
  /// 90 examples are five batches of 16, and one of ten; the training has twelve steps.
  var batchSize = 16
  var stepsPerEpoch = 6

  /// Every rule on a perceptron with dropout; one rule of each kind on a model of images, with all other options.
  static let all: [ResumeCase] =
    (TrainingRule.elementwise + TrainingRule.alternating + [TrainingRule.unfactored] + replays).map {
      ResumeCase(name: "\($0.testDescription), perceptron", rule: $0, model: perceptron, data: { clouds(90, seed: 1) })
    }
    + [TrainingRule.elementwise[3], TrainingRule.alternating[0], TrainingRule.alternating[6]].map {
      ResumeCase(
        name: "\($0.testDescription), images", rule: $0, model: images, data: imageData,
        average: .exponential(decay: 0.9), augmentation: Augmentation(padding: 2))
    } + [
      ResumeCase(
        name: "SGD, polynomial average", rule: TrainingRule.elementwise[0], model: perceptron,
        data: { clouds(90, seed: 1) }, average: .polynomial(gamma: 3))
    ] + [true, false].map(mdlam)

  /// SAMT-Replay in the middle of a window that is kept, and of one that is taken back.
  private static let replays = [("kept", 0.1), ("taken back", 0.001)].map { name, size in
    TrainingRule.replay(steps: 300, batchSize: 16, "SAMT-Replay, a window \(name)") {
      $0.initialStepSize = size
      $0.search = nil
      $0.schedule.warmUp = 0
      $0.window.doublings = 0
      $0.window.shortest = 5
      $0.window.examples = 1
      // Any gradient is taken for a dead network's, where the loss has not halved.
      if name == "taken back" {
        $0.restore?.deadGradient = .infinity
      } else {
        $0.proposal = .etaModel(seed: 7)
      }
    }
  }

  /// A full-batch method: an epoch is a step.
  private static func mdlam(isAccelerated: Bool) -> ResumeCase {
    let rule = TrainingRule("mDLAM\(isAccelerated ? "" : ", not accelerated")") { model in
      var configuration = MDLAM.Configuration()
      configuration.penalty = 0.1
      configuration.initialTolerance = 1
      configuration.isAccelerated = isAccelerated
      return try MDLAM(for: model, examples: 90, configuration)
    }
    return ResumeCase(
      name: "\(rule.testDescription), perceptron", rule: rule,
      model: { try SAMTTestSupport.perceptron([2, 12, 7, 3], seed: $0) }, data: { clouds(90, seed: 1) },
      batchSize: 90, stepsPerEpoch: 1)
  }

  private static let perceptron: @Sendable (UInt64) throws -> Model = { seed in
    try Model(input: [2], seed: seed) {
      Linear(2, 12)
      BatchNorm1d(12)
      Tanh()
      Dropout(0.2)
      Linear(12, 3)
    }
  }

  /// Large enough that the kernels use both threads.
  private static let images: @Sendable (UInt64) throws -> Model = { seed in
    try Model(input: [1, 12, 12], seed: seed) {
      Conv2d(1, 16, kernelSize: 3, padding: 1)
      BatchNorm2d(16, relu: true)
      Residual {
        Conv2d(16, 16, kernelSize: 3, padding: 1)
        Dropout2d(0.2)
        LayerNorm([16, 12, 12])
      }
      MaxPool2d(kernelSize: 2)
      Flatten()
      Linear(576, 10)
    }
  }

  private static let imageData: @Sendable () -> Dataset = {
    Dataset(
      inputs: GradientCheck.values([90, 1, 12, 12], magnitudes: 0...1, seed: 4),
      labels: (0..<90).map { Int32($0 % 10) },
      classCount: 10)
  }

  /// A trainer whose model begins at `seed`.
  func trainer(seed: UInt64 = 1) throws -> Trainer {
    let model = try model(seed)
    var configuration = Trainer.Configuration()
    configuration.epochs = 12 / stepsPerEpoch
    configuration.batchSize = batchSize
    configuration.augmentation = augmentation
    let trainer = try Trainer(model: model, algorithm: try rule.make(model), configuration: configuration)
    trainer.average = try average.map { try WeightAverage(of: model.parameters, $0) }
    return trainer
  }

  /// Trains to the end, calling `body` after each step, counted from 1 over all epochs.
  func run(_ trainer: Trainer, after body: @escaping (Int) throws -> Void = { _ in }) throws {
    let counter = StepCounter(body)
    trainer.observers = [counter]
    try trainer.fit(data(), test: data())
    if let error = counter.error { throw error }
  }

  private final class StepCounter: TrainingObserver {
    let body: (Int) throws -> Void
    var error: (any Error)?

    init(_ body: @escaping (Int) throws -> Void) { self.body = body }

    func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
      do { try body((progress.epoch - 1) * progress.stepsPerEpoch + progress.step) } catch { self.error = error }
    }
  }
}

extension State {
  /// The state without what depends on the clock.
  var withoutTime: State {
    filter { name, _ in name != "trainer.seconds" && name != "trainer.reports" }
  }
}

/// Reports without what depends on the clock.
func withoutTime(_ reports: [EpochReport]) -> [EpochReport] {
  reports.map { report in
    var report = report
    report.seconds = 0
    report.samplesPerSecond = 0
    return report
  }
}
