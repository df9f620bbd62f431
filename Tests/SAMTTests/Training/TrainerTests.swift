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

  /// An algorithm that learns nothing: loss n at its n-th step, and what it was given.
  private final class Recorder: TrainingAlgorithm {
    var batches: [[Float]] = []
    var parameterUpdates: Int { batches.count }

    func visitState(_ visitor: StateVisitor) {}

    func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
      batches.append(batch.inputs.elements)
      executor.load(batch.inputs)
      _ = executor.evaluate(loss, batch.targets)
      return StepReport(loss: Double(batches.count))
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
    // 100 examples are three minibatches of 32, and one of four.
    let reports = try trainer.fit(clouds(100, seed: 1), test: clouds(60, seed: 2))
    #expect(reports == witness.epochs)
    #expect(reports.map(\.epoch) == [1, 2, 3])
    #expect(witness.steps.map(\.step) == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    #expect(witness.steps.allSatisfy { $0.stepsPerEpoch == 4 && $0.epochs == 3 })
    #expect(reports.map(\.parameterUpdates) == [8, 16, 24])
    #expect(reports.map(\.layerPasses.forward) == [20, 40, 60])
    for (index, report) in reports.enumerated() {
      let last = witness.steps[4 * index + 3]
      #expect(report.training == Evaluation(loss: last.loss, metrics: last.metrics))
      #expect(report.blocks.map(\.name) == ["linear1", "linear2"])
      #expect(report.averagedTest == nil)
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
    #expect(witness.epochs.map(\.training.loss) == [2.5, 6.5])
    // Nothing moves the model, so what was measured on the epoch is what it comes to on all examples.
    let accuracy = try Evaluator(trainer.model, loss: SoftmaxCrossEntropy()).evaluate(data)["accuracy"]
    #expect(witness.epochs.map { $0.training["accuracy"] } == [accuracy, accuracy])
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
    #expect(report.test == (try Evaluator(trainer.model, loss: SoftmaxCrossEntropy()).evaluate(test)))
  }

  @Test func averagesAreEvaluatedBesideTheWeights() throws {
    let trainer = try trainer(epochs: 2, adam)
    let average = try WeightAverage(of: trainer.model.parameters, .polynomial(gamma: 5))
    trainer.average = average
    let test = clouds(75, seed: 2)
    let report = try #require(try trainer.fit(clouds(320, seed: 1), test: test).last)
    let evaluator = Evaluator(trainer.model, loss: SoftmaxCrossEntropy())
    #expect(report.test == (try evaluator.evaluate(test)))
    let averaged = try average.withAverages { try evaluator.evaluate(test) }
    #expect(report.averagedTest == averaged)
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

  /// The last batch of an epoch has what is left; a batch norm cannot be trained on one example of a perceptron's.
  @Test func aLastBatchThatALayerCannotBeTrainedOnIsRefused() throws {
    let model = try Model(input: [2]) {
      Linear(2, 3)
      BatchNorm1d(3, name: "bn")
    }
    func fit(_ count: Int, dropsLastBatch: Bool = false) throws -> [EpochReport] {
      var configuration = Trainer.Configuration()
      configuration.epochs = 1
      configuration.batchSize = 8
      configuration.dropsLastBatch = dropsLastBatch
      return try Trainer(model: model, algorithm: Recorder(), configuration: configuration).fit(clouds(count, seed: 1))
    }
    #expect(
      throws: SAMTError.configuration(
        "an epoch's last minibatch has 1 of 8 examples: bn: the variance of a batch with one element in a channel; "
          + "leave it out, or choose another batch size")
    ) { try fit(17) }
    #expect(try fit(18).count == 1 && fit(17, dropsLastBatch: true).count == 1)
    #expect(throws: SAMTError.configuration("7 training examples do not fill a minibatch of 8")) {
      try fit(7, dropsLastBatch: true)
    }
    #expect(try fit(7).count == 1)
  }

  /// Means over an epoch count every example alike, whatever the sizes of its batches.
  @Test func aSmallerLastBatchCountsByItsExamples() throws {
    let recorder = Recorder()
    let trainer = try trainer(epochs: 2, batchSize: 8) { _ in recorder }
    let data = clouds(19, seed: 1)
    let reports = try trainer.fit(data)
    #expect(recorder.batches.map(\.count) == [16, 16, 6, 16, 16, 6])
    // Losses 1, 2 and 3, then 4, 5 and 6, of eight, eight and three examples.
    let losses: [Double] = [33.0 / 19, 90.0 / 19]
    #expect(reports.map(\.training.loss) == losses)
    let accuracy = try Evaluator(trainer.model, loss: SoftmaxCrossEntropy()).evaluate(data)["accuracy"]
    #expect(reports.allSatisfy { $0.training["accuracy"] == accuracy && $0.test == nil })
  }

  /// A batch as large as the data is one minibatch, of which the plan knows.
  @Test func fewerExamplesThanABatchAreOneMinibatch() throws {
    let trainer = try trainer(epochs: 3, batchSize: 64) { try SAMTReplay(for: $0) }
    let reports = try trainer.fit(clouds(40, seed: 1))
    #expect(reports.allSatisfy { $0.parameterUpdates > 0 })
    #expect(reports[2].training.loss < reports[0].training.loss)
  }

  @Test func valuesAreLearned() throws {
    // y = (2 x0 - x1, x1) + (3, -1): a linear model finds it.
    let inputs = GradientCheck.values([90, 2], magnitudes: 0...1, seed: 3)
    let x = inputs.elements
    var values: [Float] = []
    for i in 0..<90 {
      values.append(2 * x[2 * i] - x[2 * i + 1] + 3)
      values.append(x[2 * i + 1] - 1)
    }
    let data = Dataset(inputs: inputs, values: Tensor(values, shape: [90, 2]))
    let model = try perceptron([2, 2])
    var configuration = Trainer.Configuration()
    configuration.epochs = 40
    configuration.batchSize = 16
    let trainer = try Trainer(
      model: model, algorithm: Backpropagation(try SGD(model.parameters, learningRate: 0.2)), loss: MeanSquaredError(),
      configuration: configuration)
    #expect(trainer.criterion == Criterion(name: "rmse", direction: .smaller))
    let last = try #require(try trainer.fit(data, validation: data).last?.validation)
    #expect(last.loss < 1e-4 && last.metrics["rmse"].map { $0 < 1e-2 } == true, "\(last)")
    #expect(last.metrics["r2"].map { $0 > 0.999 && $0 <= 1 } == true, "\(last)")
    #expect(abs(last.loss.squareRoot() - (last.metrics["rmse"] ?? .nan)) <= 1e-6)
  }

  @Test func metricsOfOneNameAreRefused() throws {
    let model = try perceptron([2, 3])
    #expect(throws: SAMTError.configuration("two metrics have one name: accuracy, accuracy")) {
      try Trainer(model: model, algorithm: Recorder(), metrics: [Accuracy(), BinaryAccuracy()])
    }
  }

  @Test func aLossOfOtherTargetsIsRefused() throws {
    let model = try perceptron([2, 3])
    let trainer = try Trainer(model: model, algorithm: Recorder(), loss: MeanSquaredError())
    let problem = "MeanSquaredError does not take the training data's targets: expected values, found classes"
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
    #expect(parts.reports.map(\.training.loss) == reports.map(\.training.loss))
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
    #expect(parts.reports.map(\.training.loss) == whole.reports.map(\.training.loss))
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
      return StepReport(loss: 1, endsTraining: parameterUpdates == 7)
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
    let reports = try trainer.fit(clouds(96, seed: 1), test: clouds(60, seed: 2))
    #expect(reports.count == 2 && trainer.algorithm.parameterUpdates == 7)
    #expect(algorithm?.plans == [TrainingPlan(epochs: 4, stepsPerEpoch: 3, batchSize: 32)])
    #expect(reports.map(\.algorithm) == [["updates": 3], ["updates": 6]])
    #expect(reports[0].blocks == [BlockReport(name: "all", metrics: ["norm": 2])])
    // A model of zeros gives three classes one probability.
    #expect(abs(try #require(reports[0].test).loss - 1.0986123) <= 1e-6)
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
    #expect(throws: SAMTError.configuration("the training data is empty")) { try trainer.fit(none) }
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
