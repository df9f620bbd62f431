import Foundation
import SAMT
import SAMTTestSupport
import Testing

@Suite struct CheckpointWriterTests {
  private func trainer(epochs: Int) throws -> Trainer {
    let model = try perceptron([2, 5, 3])
    var configuration = Trainer.Configuration()
    configuration.epochs = epochs
    configuration.batchSize = 8
    return try Trainer(
      model: model, algorithm: Backpropagation(try Adam(model.parameters, learningRate: 0.01)),
      configuration: configuration)
  }

  /// Notes what the checkpoint says after each step.
  private final class Reader: TrainingObserver {
    let path: String
    var steps: [Int?] = []

    init(_ path: String) { self.path = path }

    func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
      let file = try? SafetensorsFile(contentsOf: path, access: .copied)
      steps.append((try? file?.integers("trainer.step")).flatMap { $0.map { Int($0[0]) } })
    }
  }

  @Test func checkpointsComeAtTheirIntervalAndAfterEachEpoch() throws {
    try withTemporaryDirectory { directory in
      let path = directory.path + "/last.safetensors"
      let trainer = try trainer(epochs: 2)
      let reader = Reader(path)
      trainer.observers = [CheckpointWriter(lastPath: path, every: .steps(3)), reader]
      try trainer.fit(clouds(64, seed: 1), test: clouds(8, seed: 2))
      // After the third and the sixth of eight steps; then at the end of the epoch, where no step of the next is done.
      #expect(reader.steps == [nil, nil, 3, 3, 3, 6, 6, 6, 0, 0, 3, 3, 3, 6, 6, 6])
    }
  }

  @Test func theBestModelIsTheFirstOfTheBestEpochs() throws {
    try withTemporaryDirectory { directory in
      let (last, best) = (directory.path + "/last.safetensors", directory.path + "/best.safetensors")
      let trainer = try trainer(epochs: 6)
      trainer.observers = [CheckpointWriter(lastPath: last, bestPath: best)]
      try trainer.fit(clouds(64, seed: 1), test: clouds(60, seed: 2))
      let accuracies = trainer.reports.map { $0.test?["accuracy"] }
      let model = try Model(contentsOf: best)
      let result = try Evaluator(model, loss: SoftmaxCrossEntropy()).evaluate(clouds(60, seed: 2))
      #expect(result["accuracy"] == accuracies.compactMap { $0 }.max())
      let epoch = try #require(accuracies.firstIndex(of: result["accuracy"]))
      #expect(result == trainer.reports[epoch].test)
    }
  }

  @Test func aStoppedTrainingLeavesItsLastStep() throws {
    final class Stopper: TrainingObserver {
      func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) { if progress.step == 5 { trainer.stop() } }
    }
    try withTemporaryDirectory { directory in
      let path = directory.path + "/last.safetensors"
      let stopped = try trainer(epochs: 2)
      stopped.observers = [Stopper(), CheckpointWriter(lastPath: path)]
      try stopped.fit(clouds(64, seed: 1), test: clouds(8, seed: 2))
      #expect(stopped.reports.isEmpty)
      let resumed = try trainer(epochs: 2)
      try resumed.resume(from: path)
      #expect(State(of: resumed).firstDifference(State(of: stopped)) == nil)
    }
  }

  @Test func failuresAreToldOnceAndTriedAgain() throws {
    try withTemporaryDirectory { directory in
      let trainer = try trainer(epochs: 3)
      let writer = CheckpointWriter(lastPath: directory.path + "/none/last", bestPath: directory.path + "/none/best")
      trainer.observers = [writer]
      #expect(throws: SAMTError.self) { try trainer.fit(clouds(64, seed: 1), test: clouds(8, seed: 2), epochs: 1) }

      var warnings: [SAMTError] = []
      writer.onFailure = { warnings.append($0) }
      try trainer.fit(clouds(64, seed: 1), test: clouds(8, seed: 2), epochs: 2)
      #expect(warnings.count == 2 && writer.failure != nil, "one for each file")
      try FileManager.default.createDirectory(atPath: directory.path + "/none", withIntermediateDirectories: false)
      try trainer.fit(clouds(64, seed: 1), test: clouds(8, seed: 2), epochs: 1)
      #expect(warnings.count == 2)
      let resumed = try self.trainer(epochs: 3)
      try resumed.resume(from: writer.lastPath)
      #expect(State(of: resumed).firstDifference(State(of: trainer)) == nil)
    }
  }
}
