import Testing

@testable import SAMT

@Suite struct EvaluationStatisticsTests {
  /// Evaluates weights twice as large as those that are trained, which it never moves.
  private final class Doubling: TrainingAlgorithm {
    let model: Model
    private(set) var parameterUpdates = 0
    let hasEvaluationWeights = true

    init(_ model: Model) { self.model = model }

    func visitState(_ visitor: StateVisitor) { visitor.visit("updates", &parameterUpdates) }
    func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
      parameterUpdates += 1
      executor.load(batch.inputs)
      return StepReport(loss: executor.evaluate(loss, batch.targets))
    }
    func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) {
      func scale(_ factor: Float) {
        for parameter in model.parameters {
          parameter.value = Tensor(parameter.value.elements.map { $0 * factor }, shape: parameter.shape)
        }
      }
      scale(2)
      defer { scale(0.5) }
      try body()
    }
  }

  /// Eight numbers, 0 to 7, of two classes.
  private let data = Dataset(
    inputs: Tensor((0..<8).map(Float.init), shape: [8, 1]), labels: [0, 1, 0, 1, 0, 1, 0, 1], classCount: 2)

  private func model() throws -> Model {
    try Model(input: [1], seed: 3) {
      Linear(1, 2)
      BatchNorm1d(2)
      Dropout(0.5)
      Linear(2, 2)
    }
  }

  private func trainer(_ model: Model, _ algorithm: any TrainingAlgorithm, batchSize: Int) throws -> Trainer {
    var configuration = Trainer.Configuration()
    configuration.batchSize = batchSize
    return try Trainer(model: model, algorithm: algorithm, configuration: configuration)
  }

  /// Observes the running statistics that are evaluated with.
  private func expectStatistics(
    of norm: BatchNorm, mean: [Float], variance: [Float]?, _ comment: Comment? = nil,
    location: SourceLocation = #_sourceLocation
  ) {
    func expectClose(_ found: [Float], _ expected: [Float]) {
      // A handful of sums, products and divisions of float.
      let isClose = zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
      #expect(found.count == expected.count && isClose, "\(found), not \(expected)", sourceLocation: location)
    }
    expectClose(norm.runningMean.elements, mean)
    if let variance { expectClose(norm.runningVariance.elements, variance) }
  }

  @Test(arguments: [8, 4]) func statisticsAreThoseOfTheEvaluatedWeights(batchSize: Int) throws {
    let model = try model()
    let norm = try #require(model.layers[1] as? BatchNorm)
    let trainer = try trainer(model, Doubling(model), batchSize: batchSize)
    try trainer.fit(data, test: data, epochs: 2)
    let (weight, bias) = (model.parameters[0].value.elements, model.parameters[1].value.elements)
    let trained = (norm.runningMean.elements, norm.runningVariance.elements, norm.batchesTracked)
    let generator = try #require(model.layers[2].generator)

    // Of 0 to 7 the mean is 3.5, the unbiased variance 6; the mean of two halves' means is that of all.
    let mean = zip(weight, bias).map { 2 * ($0 * 3.5 + $1) }
    let variance = weight.map { 4 * $0 * $0 * 6 }
    for _ in 0..<2 {
      try trainer.withEvaluationWeights {
        expectStatistics(of: norm, mean: mean, variance: batchSize == 8 ? variance : nil)
      }
    }
    #expect(norm.runningMean.elements == trained.0 && norm.runningVariance.elements == trained.1)
    #expect(norm.batchesTracked == trained.2 && trained.2 == 2 * 8 / batchSize)
    #expect(model.layers[2].generator == generator)
    // The trained ones follow the trained weights, and are on their way from 0 to their mean.
    #expect(abs(trained.0[0]) < abs(mean[0]))
  }

  /// What is reported is what these weights and statistics come to.
  @Test func reportsAndAveragesAreEvaluatedWithThem() throws {
    let model = try model()
    let trainer = try trainer(model, Doubling(model), batchSize: 8)
    trainer.average = try WeightAverage(of: model.parameters, .exponential(decay: 0.9))
    let report = try #require(try trainer.fit(data, test: data, epochs: 1).last)
    var evaluated: Evaluation?
    try trainer.withEvaluationWeights { () throws(SAMTError) in
      evaluated = try Evaluator(model, loss: SoftmaxCrossEntropy()).evaluate(data)
    }
    #expect(report.test == evaluated)

    // The average of weights that never move is these weights, whose statistics are the batch's own.
    let norm = try #require(model.layers[1] as? BatchNorm)
    let executor = ModelExecutor(for: model, batchSize: 8)
    norm.beginGathering()
    executor.load(data.inputs)
    _ = executor.output()
    norm.endGathering()
    let whole = try Evaluator(model, loss: SoftmaxCrossEntropy()).evaluate(data)
    let averaged = try #require(report.averagedTest)
    // The examples came in another order, and their sums are rounded otherwise.
    #expect(abs(averaged.loss - whole.loss) <= 1e-5)
  }

  @Test func modelsWithoutBatchNormHaveNone() throws {
    let model = try Model(input: [1], seed: 1) { Linear(1, 2) }
    #expect(try EvaluationStatistics(of: model, on: data, Trainer.Configuration()) == nil)
  }
}
