import SAMT
import SAMTTestSupport
import Testing

@Suite struct TrainerTests {
  /// Keeps everything it is told, and objects at an epoch of its choice.
  private final class Witness: TrainingObserver {
    var steps: [TrainingProgress] = []
    var epochs: [EpochReport] = []
    let objectsAt: Int

    init(objectsAt: Int = 0) { self.objectsAt = objectsAt }

    func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) { steps.append(progress) }
    func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError) {
      epochs.append(report)
      if report.epoch == objectsAt { throw .output(path: "log", reason: "full") }
    }
  }

  /// An algorithm that learns nothing: loss n and n right answers at its n-th step, and what it was given.
  private final class Recorder: TrainingAlgorithm {
    var batches: [[Float]] = []
    var parameterUpdates: Int { batches.count }

    func visitState(_ visitor: StateVisitor) {}

    func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
      batches.append(batch.inputs.elements)
      return StepReport(loss: Double(batches.count), correct: batches.count)
    }
  }

  private func trainer(
    epochs: Int = 3, batchSize: Int = 32, _ make: (Model) throws -> any TrainingAlgorithm
  ) throws -> Trainer {
    let model = try perceptron([2, 12, 3], relu: false)
    var configuration = Trainer.Configuration()
    configuration.epochs = epochs
    configuration.batchSize = batchSize
    return try Trainer(model: model, algorithm: try make(model), configuration: configuration)
  }

  private func adam(_ model: Model) throws -> any TrainingAlgorithm {
    Backpropagation(try Adam(model.parameters, learningRate: 0.02))
  }

  @Test func reportsAreWhatObserversSee() throws {
    let trainer = try trainer { try SAMTOptimizer(for: $0) }
    let witness = Witness()
    trainer.observers = [witness]
    // 100 examples are three minibatches of 32; four are left out.
    let reports = try trainer.fit(clouds(100, seed: 1), test: clouds(60, seed: 2))
    #expect(reports == witness.epochs)
    #expect(reports.map(\.epoch) == [1, 2, 3])
    #expect(witness.steps.map(\.step) == [1, 2, 3, 1, 2, 3, 1, 2, 3])
    #expect(witness.steps.allSatisfy { $0.stepsPerEpoch == 3 && $0.epochs == 3 })
    #expect(reports.map(\.parameterUpdates) == [6, 12, 18])
    #expect(reports.map(\.layerPasses.forward) == [15, 30, 45])
    for (index, report) in reports.enumerated() {
      let last = witness.steps[3 * index + 2]
      #expect(report.trainingLoss == last.loss && report.trainingAccuracy == last.accuracy)
      #expect(report.blocks.map(\.name) == ["linear1", "linear2"])
      #expect(report.averagedTestAccuracy == nil)
      #expect(report.seconds > 0 && report.samplesPerSecond > 0)
    }
  }

  /// Means over the epoch so far, of what the algorithm says; every epoch sees each example once, in a new order.
  @Test func trainingFiguresAreTheAlgorithms() throws {
    let recorder = Recorder()
    let trainer = try trainer(epochs: 2, batchSize: 10) { _ in recorder }
    let witness = Witness()
    trainer.observers = [witness]
    let data = clouds(40, seed: 1)
    _ = try trainer.fit(data, test: data)
    #expect(witness.steps.map(\.loss) == [1, 1.5, 2, 2.5, 5, 5.5, 6, 6.5])
    #expect(witness.steps.map(\.accuracy) == [0.1, 0.15, 0.2, 0.25, 0.5, 0.55, 0.6, 0.65])
    #expect(witness.epochs.map(\.trainingLoss) == [2.5, 6.5])
    #expect(witness.epochs.map(\.trainingAccuracy) == [0.25, 0.65])
    try #require(recorder.batches.count == 8)
    let epochs = [recorder.batches[..<4], recorder.batches[4...]].map { $0.flatMap { $0 } }
    #expect(epochs[0] != epochs[1])
    let sorted = data.inputs.elements.sorted()
    #expect(epochs.allSatisfy { $0.sorted() == sorted })
  }

  @Test func testFiguresAreTheEvaluators() throws {
    let trainer = try trainer(adam)
    let test = clouds(75, seed: 2)
    let report = try #require(try trainer.fit(clouds(320, seed: 1), test: test).last)
    let expected = Evaluator(trainer.model, loss: SoftmaxCrossEntropy()).evaluate(test)
    #expect(report.testLoss == expected.loss && report.testAccuracy == expected.accuracy)
  }

  @Test func averagesAreEvaluatedBesideTheWeights() throws {
    let trainer = try trainer(epochs: 2, adam)
    let average = try WeightAverage(of: trainer.model.parameters, .polynomial(gamma: 5))
    trainer.average = average
    let test = clouds(75, seed: 2)
    let report = try #require(try trainer.fit(clouds(320, seed: 1), test: test).last)
    let evaluator = Evaluator(trainer.model, loss: SoftmaxCrossEntropy())
    #expect(report.testAccuracy == evaluator.evaluate(test).accuracy)
    let averaged = average.withAverages { evaluator.evaluate(test).accuracy }
    #expect(report.averagedTestAccuracy == averaged)
  }

  /// One example has one element in a channel of a perceptron's; of an image's channel it has many.
  @Test func aBatchThatALayerCannotBeTrainedOnIsRefused() throws {
    func trainer(_ model: Model, batchSize: Int) throws -> Trainer {
      var configuration = Trainer.Configuration()
      configuration.batchSize = batchSize
      return try Trainer(model: model, algorithm: Recorder(), configuration: configuration)
    }
    let perceptron = try Model(input: [2]) {
      Sequential("stage") {
        Linear(2, 3)
        BatchNorm1d(3, name: "bn")
      }
    }
    let problem = "stage.bn: the variance of a batch with one element in a channel"
    #expect(throws: SAMTError.configuration(problem)) { try trainer(perceptron, batchSize: 1) }
    _ = try trainer(perceptron, batchSize: 2)
    _ = try trainer(try Model(input: [3, 1, 2]) { BatchNorm2d(3) }, batchSize: 1)
    #expect(throws: SAMTError.self) { try trainer(try Model(input: [3, 1, 1]) { BatchNorm2d(3) }, batchSize: 1) }
  }

  @Test func aLossOfOtherTargetsIsRefused() throws {
    let model = try perceptron([2, 3])
    let trainer = try Trainer(model: model, algorithm: Recorder(), loss: MeanSquaredError())
    let problem = "MeanSquaredError does not take the training data's targets, which are classes"
    #expect(throws: SAMTError.configuration(problem)) {
      try trainer.fit(clouds(256, seed: 1), test: clouds(30, seed: 2))
    }
  }

  @Test func anObserversErrorStopsTheTraining() throws {
    let trainer = try trainer(adam)
    let witness = Witness(objectsAt: 2)
    trainer.observers = [witness]
    #expect(throws: SAMTError.output(path: "log", reason: "full")) {
      try trainer.fit(clouds(64, seed: 1), test: clouds(30, seed: 2))
    }
    #expect(witness.epochs.map(\.epoch) == [1, 2])
  }

  /// Epoch numbers and orders go on; the result is that of one call.
  @Test func fitGoesOnWhereItEnded() throws {
    let (data, test) = (clouds(320, seed: 1), clouds(75, seed: 2))
    let whole = try trainer(epochs: 6, adam)
    let reports = try whole.fit(data, test: test)
    let parts = try trainer(epochs: 3, adam)
    #expect(try parts.fit(data, test: test, epochs: 2).map(\.epoch) == [1, 2])
    #expect(try parts.fit(data, test: test).map(\.epoch) == [3])
    #expect(try parts.fit(data, test: test).map(\.epoch) == [4, 5, 6])
    #expect(parts.reports.map(\.epoch) == [1, 2, 3, 4, 5, 6])
    #expect(parts.reports.map(\.trainingLoss) == reports.map(\.trainingLoss))
    #expect(firstDifference(whole.model, parts.model) == nil)
    #expect(throws: SAMTError.configuration("the number of epochs must be at least 1, found 0")) {
      try parts.fit(data, test: test, epochs: 0)
    }
  }

  /// Stops the training after so many steps in all.
  private final class Stopper: TrainingObserver {
    var left: Int
    var ends = 0

    init(after steps: Int) { left = steps }

    func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
      left -= 1
      if left == 0 { trainer.stop() }
    }
    func didFinishTraining(of trainer: Trainer) { ends += 1 }
  }

  /// In the middle of an epoch, and at its end, which is still evaluated.
  @Test(arguments: [1, 4, 10, 13, 20]) func anObserverStopsTheTraining(after steps: Int) throws {
    let (data, test) = (clouds(320, seed: 1), clouds(75, seed: 2))
    let whole = try trainer(adam)
    _ = try whole.fit(data, test: test)
    let parts = try trainer(adam)
    let stopper = Stopper(after: steps)
    parts.observers = [stopper]
    #expect(try parts.fit(data, test: test).count == steps / 10)
    #expect(parts.algorithm.parameterUpdates == steps && stopper.ends == 1)
    #expect(try parts.fit(data, test: test).last?.epoch == 3)
    #expect(parts.reports.map(\.trainingLoss) == whole.reports.map(\.trainingLoss))
    #expect(firstDifference(whole.model, parts.model) == nil)
  }

  /// An algorithm that evaluates zeros, says what it is told, and ends the training.
  private final class Ending: TrainingAlgorithm {
    let model: Model
    var plans: [TrainingPlan] = []
    var parameterUpdates = 0
    var metrics: [String: Double] { ["updates": Double(parameterUpdates)] }
    var blockReports: [BlockReport] { [BlockReport(name: "all", metrics: ["norm": 2])] }

    init(_ model: Model) { self.model = model }

    func begin(_ plan: TrainingPlan, for model: Model) { plans.append(plan) }
    func visitState(_ visitor: StateVisitor) { visitor.visit("updates", &parameterUpdates) }
    func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
      parameterUpdates += 1
      return StepReport(loss: 1, correct: 0, endsTraining: parameterUpdates == 7)
    }
    func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) {
      let values = model.parameters.map(\.value)
      for parameter in model.parameters { parameter.value = Tensor(zeros: parameter.shape) }
      defer { for (parameter, value) in zip(model.parameters, values) { parameter.value = value } }
      try body()
    }
  }

  @Test func algorithmsAreToldThePlanAndEndTheTraining() throws {
    var algorithm: Ending?
    let trainer = try trainer(epochs: 4) {
      algorithm = Ending($0)
      return algorithm!
    }
    let before = trainer.model.parameters.map { bits($0.value) }
    // Three minibatches an epoch: the seventh step is the first of the third.
    let reports = try trainer.fit(clouds(100, seed: 1), test: clouds(60, seed: 2))
    #expect(reports.count == 2 && trainer.algorithm.parameterUpdates == 7)
    #expect(algorithm?.plans == [TrainingPlan(epochs: 4, stepsPerEpoch: 3, batchSize: 32)])
    #expect(reports.map(\.metrics) == [["updates": 3], ["updates": 6]])
    #expect(reports[0].blocks == [BlockReport(name: "all", metrics: ["norm": 2])])
    // A model of zeros gives three classes one probability.
    #expect(abs(reports[0].testLoss - 1.0986123) <= 1e-6)
    #expect(trainer.model.parameters.map { bits($0.value) } == before)
  }

  @Test func dataThatDoesNotFitIsATypedError() throws {
    let trainer = try trainer(adam)
    let good = clouds(64, seed: 1)
    let wide = Dataset(inputs: Tensor(zeros: [64, 5]), labels: [Int32](repeating: 0, count: 64), classCount: 3)
    #expect(throws: SAMTError.shape(layer: "training data", expected: "examples of shape [2]", found: [5])) {
      try trainer.fit(wide, test: good)
    }
    #expect(throws: SAMTError.shape(layer: "test data", expected: "examples of shape [2]", found: [5])) {
      try trainer.fit(good, test: wide)
    }
    let many = Dataset(inputs: Tensor(zeros: [64, 2]), labels: [Int32](repeating: 0, count: 64), classCount: 4)
    #expect(throws: SAMTError.configuration("the training data has 4 classes, the model 3 outputs")) {
      try trainer.fit(many, test: good)
    }
    let none = Dataset(inputs: Tensor(zeros: [0, 2]), labels: [], classCount: 3)
    #expect(throws: SAMTError.configuration("the test data is empty")) { try trainer.fit(good, test: none) }
    #expect(throws: SAMTError.configuration("31 training examples do not fill a minibatch of 32")) {
      try trainer.fit(clouds(31, seed: 1), test: good)
    }
  }

  @Test func augmentationOfWhatIsNoImageIsATypedError() throws {
    let model = try perceptron([2, 12, 3])
    var configuration = Trainer.Configuration()
    configuration.augmentation = Augmentation()
    let trainer = try Trainer(model: model, algorithm: try adam(model), configuration: configuration)
    #expect(
      throws: SAMTError.configuration("augmentation needs images of shape [channels, height, width], found [2]")
    ) {
      try trainer.fit(clouds(200, seed: 1), test: clouds(30, seed: 2))
    }
  }

  @Test func settingsOutOfRangeAreTypedErrors() throws {
    #expect(throws: SAMTError.configuration("the number of epochs must be at least 1, found 0")) {
      try trainer(epochs: 0, adam)
    }
    #expect(throws: SAMTError.configuration("the batch size must be at least 1, found -1")) {
      try trainer(batchSize: -1, adam)
    }
  }
}
