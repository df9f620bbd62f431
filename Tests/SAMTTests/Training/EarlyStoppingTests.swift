import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct EarlyStoppingTests {
  /// An algorithm whose n-th epoch of one step sets the first bias so that the accuracy is the n-th of a list.
  private final class Scripted: TrainingAlgorithm {
    let model: Model
    let biases: [Float]
    var parameterUpdates = 0

    init(_ model: Model, _ biases: [Float]) { (self.model, self.biases) = (model, biases) }

    func visitState(_ visitor: StateVisitor) { visitor.visit("updates", &parameterUpdates) }
    func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
      let bias = biases[min(parameterUpdates, biases.count - 1)]
      model.parameters[1].value.withMutableSpan { $0[0] = bias }
      parameterUpdates += 1
      return StepReport(loss: 1)
    }
  }

  /// Ten examples whose first logit is the bias and whose targets are 0: the squared error is the bias's square.
  private let data = Dataset(inputs: Tensor(zeros: [10, 1]), values: Tensor(zeros: [10, 1]))

  private func trainer(_ biases: [Float], patience: Int, epochs: Int = 8) throws -> Trainer {
    let model = try Model(input: [1]) { Linear(1, 1) }
    var configuration = Trainer.Configuration()
    configuration.epochs = epochs
    configuration.batchSize = 10
    let trainer = try Trainer(
      model: model, algorithm: Scripted(model, biases), loss: MeanSquaredError(), configuration: configuration)
    trainer.earlyStopping = try EarlyStopping(of: model, patience: patience)
    return trainer
  }

  private func bias(_ trainer: Trainer) -> Float { trainer.model.parameters[1].value.elements[0] }

  @Test func theBestEpochsWeightsComeBack() throws {
    let trainer = try trainer([4, 2, 3, 1, 1, 2, 3, 0], patience: 3)
    let reports = try trainer.fit(data, validation: data)
    #expect(
      reports.map(\.epoch) == [1, 2, 3, 4, 5, 6, 7], "three epochs after the fourth, of which the fifth is equal")
    #expect(trainer.earlyStopping?.bestEpoch == 4 && bias(trainer) == 1)
    // It is over: another call trains nothing.
    #expect(try trainer.fit(data, validation: data).isEmpty && bias(trainer) == 1)
  }

  /// After the last epoch, too; and NaN is never the best.
  @Test func withoutAnEarlyEndTheBestWeightsComeBack() throws {
    let trainer = try trainer([.nan, 3, .nan, 5], patience: 3, epochs: 4)
    #expect(try trainer.fit(data, test: data).count == 4)
    #expect(trainer.earlyStopping?.bestEpoch == 2 && bias(trainer) == 3)
  }

  /// A training that was stopped for another reason goes on from its last weights.
  @Test func aStoppedTrainingKeepsItsLastWeights() throws {
    final class Stopper: TrainingObserver {
      func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
        if progress.epoch == 3 { trainer.stop() }
      }
    }
    let trainer = try trainer([1, 2, 3, 4], patience: 5)
    trainer.observers = [Stopper()]
    #expect(try trainer.fit(data, validation: data).count == 3)
    #expect(bias(trainer) == 3)
  }

  /// The checkpoint of the last epoch has its weights and the best ones; who resumes from it ends as the others do.
  @Test(arguments: 1...6) func checkpointsKnowTheBestEpoch(stop: Int) throws {
    let biases: [Float] = [4, 2, 3, 1, 1, 2, 3, 0]
    let whole = try trainer(biases, patience: 3)
    let reports = try whole.fit(data, validation: data)
    let first = try trainer(biases, patience: 3)
    var state = State()
    final class Keeper: TrainingObserver {
      let body: (Int, Trainer) -> Void
      init(_ body: @escaping (Int, Trainer) -> Void) { self.body = body }
      func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) { body(report.epoch, trainer) }
    }
    first.observers = [Keeper { epoch, trainer in if epoch == stop { state = State(of: trainer) } }]
    try first.fit(data, validation: data)
    let resumed = try trainer(biases, patience: 3)
    try state.restore(into: resumed)
    #expect(bias(resumed) == biases[stop - 1])
    let rest = try resumed.fit(data, validation: data)
    #expect(rest.map(\.epoch) == reports.map(\.epoch).filter { $0 > stop })
    #expect(State(of: whole).withoutTime.firstDifference(State(of: resumed).withoutTime) == nil)
  }

  @Test func settingsThatMakeNoSenseAreTypedErrors() throws {
    #expect(throws: SAMTError.configuration("the patience must be at least 1, found 0")) {
      try trainer([1], patience: 0)
    }
    #expect(throws: SAMTError.configuration("early stopping needs validation or test examples")) {
      try trainer([1], patience: 1).fit(data)
    }
  }
}
