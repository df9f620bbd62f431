import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// SAMT-Replay where there is little to go by: a handful of steps, of a handful of examples.
@Suite struct ShortTrainingTests {
  private struct Outcome {
    var before: Double
    var after: Double
    var restores: Int
  }

  private func loss(_ model: Model, _ data: Dataset) -> Double {
    let executor = ModelExecutor(for: model, batchSize: data.count)
    let batch = data.batch(0..<data.count)
    executor.load(batch.inputs)
    return executor.evaluate(SoftmaxCrossEntropy(), batch.targets)
  }

  /// A training of so many steps on the clouds.
  private func train(steps: Int, batchSize: Int, seed: UInt64) throws -> Outcome {
    let data = clouds(steps * batchSize, seed: 100 + seed)
    let test = clouds(300, seed: 5)
    let model = try perceptron([2, 8, 6, 3], seed: seed)
    let before = loss(model, test)
    let algorithm = try SAMTReplay(for: model)
    try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: steps, batchSize: batchSize), for: model)
    let executor = ModelExecutor(for: model, batchSize: batchSize)
    for step in 0..<steps {
      let batch = data.batch(step * batchSize..<(step + 1) * batchSize)
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    }
    return Outcome(before: before, after: loss(model, test), restores: algorithm.restores)
  }

  /// Each step counts: the mean loss over twenty networks falls with the number of steps.
  @Test func moreStepsReachMore() throws {
    var last = Double.infinity
    for steps in [1, 2, 5, 20, 60] {
      var (before, after) = (0.0, 0.0)
      for seed in 1...20 {
        let outcome = try train(steps: steps, batchSize: 6, seed: UInt64(seed))
        before += outcome.before / 20
        after += outcome.after / 20
      }
      #expect(after < before && after < last, "\(steps) steps: from \(before) to \(after)")
      last = after
    }
  }

  /// Minibatches of four examples differ by more than a factor of two, which is no reason to take steps back.
  @Test func noiseTakesNothingBack() throws {
    var restores = 0
    for seed in 1...20 { restores += try train(steps: 50, batchSize: 4, seed: UInt64(seed)).restores }
    // A window of one move may well make its minibatch worse; that is one in two trainings, not two or three in each.
    #expect(restores <= 20, "\(restores) of 20 trainings")
  }

  /// One hidden unit that both classes would rather have dead: the first trial kills it, and makes the loss fall.
  @Test func theSearchKillsNoLayer() throws {
    func trained(_ search: DoublingSearch) throws -> (model: Model, trials: Int) {
      let model = try perceptron([2, 1, 2])
      let values: [[Float]] = [[1, 1], [0], [-1, 1], [0, 0]]
      for (parameter, value) in zip(model.parameters, values) {
        parameter.value = Tensor(value, shape: parameter.shape)
      }
      var configuration = SAMTReplay.Configuration()
      configuration.search = search
      configuration.initialStepSize = 2
      let algorithm = try SAMTReplay(for: model, configuration)
      try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: 20, batchSize: 1), for: model)
      let batch = Batch(inputs: Tensor([1, 1], shape: [1, 2]), targets: .classes([0]))
      _ = algorithm.step(batch, in: ModelExecutor(for: model, batchSize: 1), loss: SoftmaxCrossEntropy())
      return (model, algorithm.searchTrials)
    }
    func isAlive(_ model: Model) -> Bool {
      let (weights, bias) = (model.parameters[0].value.elements, model.parameters[1].value.elements)
      return weights[0] + weights[1] + bias[0] > 0
    }
    var careless = DoublingSearch()
    careless.deadGradient = 0
    let (alive, dead) = (try trained(DoublingSearch()), try trained(careless))
    #expect(isAlive(alive.model) && alive.trials > 1)
    #expect(!isAlive(dead.model) && dead.trials == 1, "the other side: without the guard the first trial is kept")
  }
}
