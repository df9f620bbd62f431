import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct MDLAMTests {
  private static func regression(_ n: Int, inputs: Int, outputs: Int) -> Batch {
    Batch(
      inputs: GradientCheck.values([n, inputs], magnitudes: 0...1, seed: 3),
      targets: .values(GradientCheck.values([n, outputs], magnitudes: 0...1, seed: 4)))
  }

  /// One, two and four layers of unequal widths, with more examples than features and with fewer.
  private static let shapes: [(widths: [Int], examples: Int)] = [
    ([5, 3], 20), ([30, 4], 12), ([40, 9, 3], 25), ([7, 20, 5, 11, 4], 33),
  ]

  /// With a constant tolerance there is nothing to tighten: no update raises F, whatever the loss.
  @Test(arguments: shapes.indices, [true, false])
  func noUpdateRaisesTheObjective(index: Int, accelerated: Bool) throws {
    let (widths, n) = Self.shapes[index]
    let batches: [(Batch, any Loss)] = [
      (randomBatch(n, inputs: widths[0], classes: widths.last!, seed: 5), SoftmaxCrossEntropy()),
      (Self.regression(n, inputs: widths[0], outputs: widths.last!), MeanSquaredError()),
    ]
    for (batch, loss) in batches {
      let run = try MDLAMRun(try perceptron(widths, seed: 6), batch, loss) {
        $0.penalty = 0.05
        ($0.initialTolerance, $0.finalTolerance) = (0.1, 0.1)
        $0.isAccelerated = accelerated
      }
      run.step()
      var last = run.objective
      let first = last
      run.algorithm.onUpdate = { update, layer in
        let value = run.objective
        // What an update compares are sums in single precision within blocks of thousands of numbers.
        #expect(value <= last + 1e-5 * last, "\(update) \(layer) of \(widths), \(type(of: loss))")
        last = value
      }
      for _ in 0..<60 { run.step() }
      #expect(last < 0.95 * first, "\(widths), \(type(of: loss))")
      #expect(run.algorithm.constraintRise == 0)
    }
  }

  /// The objective reported is that of the variables, and every constraint holds.
  @Test func reportsAreTheVariables() throws {
    let run = try MDLAMRun(
      try perceptron([12, 9, 7, 3], seed: 2), randomBatch(40, inputs: 12, classes: 3, seed: 1)
    ) {
      $0.penalty = 0.1
      ($0.initialTolerance, $0.finalTolerance) = (1, 0.02)
    }
    for iteration in 0..<50 {
      run.step()
      let metrics = run.algorithm.metrics
      let objective = try #require(metrics["objective"])
      #expect(abs(objective - run.objective) <= 1e-5 * objective)
      let epsilon = max(1 / Double(1 << iteration), Double(Float(0.02)))
      #expect(metrics["tolerance"] == epsilon)
      // A sum of a and a step, and a difference, each rounded.
      let gap = try #require(metrics["constraintGap"])
      #expect(gap <= epsilon + 1e-5)
      let blocks = run.algorithm.blockReports
      #expect(blocks.map(\.name) == run.model.layerNames.filter { $0.hasPrefix("linear") })
      #expect(blocks.map { $0.metrics["constraintGap"]! }.max() == gap)
    }
    #expect(run.algorithm.parameterUpdates == 50)
  }

  /// Products that move along with the weights are those of the weights, with the Gram matrix and without.
  @Test(arguments: [(30, 12), (6, 50)]) func productsFollowTheWeights(features: Int, examples: Int) throws {
    let run = try MDLAMRun(
      try perceptron([features, 8, 3], seed: 2), randomBatch(examples, inputs: features, classes: 3, seed: 1)
    ) {
      $0.penalty = 0.5
      ($0.initialTolerance, $0.finalTolerance) = (0.2, 0.2)
    }
    for _ in 1..<MDLAM.refreshInterval { run.step() }
    for (index, layer) in run.algorithm.layers.enumerated() {
      let inputs = index == 0 ? run.batch.inputs : run.algorithm.layers[index - 1].activation
      let expected = run.residual(layer, doubles(inputs))
      // Some ten roundings an iteration, of numbers below 8.
      let bound = 10 * Double(MDLAM.refreshInterval) * 8 * 0x1p-24
      for (got, wanted) in zip(doubles(layer.residual), expected) { #expect(abs(got - wanted) <= bound) }
    }
  }

  /// The loss reported is the model's own, before the step.
  @Test func theReportIsTheModels() throws {
    let run = try MDLAMRun(
      try perceptron([30, 8, 3], seed: 2), randomBatch(12, inputs: 30, classes: 3, seed: 1))
    for _ in 0..<5 {
      let executor = ModelExecutor(for: run.model, batchSize: 12)
      executor.load(run.batch.inputs)
      let expected = executor.evaluate(run.loss, run.batch.targets)
      // The product differs by the roundings of a few updates.
      #expect(abs(run.step().loss - expected) <= 1e-5 * expected)
    }
  }

  @Test func frozenParametersStay() throws {
    let model = try perceptron([30, 8, 6, 3], seed: 2)
    try model.freeze("linear1.bias")
    try model.freeze("linear3.weight")
    let before = model.parameters.map(\.value.elements)
    let run = try MDLAMRun(model, randomBatch(12, inputs: 30, classes: 3, seed: 1)) {
      $0.penalty = 0.5
      ($0.initialTolerance, $0.finalTolerance) = (1e-3, 1e-3)
    }
    for _ in 0..<40 { run.step() }
    for (parameter, old) in zip(model.parameters, before) {
      #expect((parameter.value.elements == old) == parameter.isFrozen, "\(parameter.path)")
    }
  }

  @Test func aLayerMayHaveNoBias() throws {
    let model = try Model(input: [9], seed: 1) {
      Linear(9, 6, bias: false)
      ReLU()
      Linear(6, 2, bias: false)
    }
    let run = try MDLAMRun(model, Self.regression(20, inputs: 9, outputs: 2), MeanSquaredError())
    run.step()
    let first = run.objective
    for _ in 0..<40 { run.step() }
    #expect(run.objective < 0.8 * first)
  }

  @Test func whatIsNoPerceptronIsRefused() throws {
    func problem(_ model: Model, examples: Int = 4, _ change: (inout MDLAM.Configuration) -> Void = { _ in }) -> String
    {
      var configuration = MDLAM.Configuration()
      change(&configuration)
      do throws(SAMTError) {
        _ = try MDLAM(for: model, examples: examples, configuration)
        return "none"
      } catch { return "\(error)" }
    }
    let kind = "mDLAM trains perceptrons of linear layers with ReLU between them, found "
    #expect(problem(try perceptron([4, 3, 2], relu: false)) == kind + "tanh where a ReLU would be")
    #expect(
      problem(
        try Model(input: [4]) {
          Linear(4, 3)
          ReLU()
        }) == kind + "a ReLU behind the last linear layer")
    #expect(
      problem(
        try Model(input: [4]) {
          Dropout(0.5)
          Linear(4, 3)
        }) == kind + "dropout where a linear layer would be")
    #expect(
      problem(
        try Model(input: [4]) {
          Residual { Linear(4, 4) }
        }) == kind + "a residual connection")
    let model = try perceptron([4, 3, 2])
    #expect(problem(model) == "none")
    #expect(problem(model, examples: 0).contains("at least one example, found 0"))
    #expect(problem(model) { $0.penalty = 0 }.contains("penalty must be positive and finite, found 0.0"))
    #expect(problem(model) { $0.weightPenalty = -1 }.contains("weight penalty must be finite and not negative"))
    #expect(problem(model) { $0.finalTolerance = 200 }.contains("found 100.0 to 200.0"))
    #expect(problem(model) { $0.initialTolerance = .infinity }.contains("tolerances"))
  }

  /// A trainer hands all examples over in each step, in their order, or says why it cannot.
  @Test func aTrainerTakesTheWholeDataSet() throws {
    let data = clouds(90, seed: 1)
    func trainer(batchSize: Int, examples: Int = 90, augmented: Bool = false) throws -> Trainer {
      let model = try perceptron([2, 16, 3], seed: 4)
      var configuration = Trainer.Configuration()
      (configuration.batchSize, configuration.epochs) = (batchSize, 40)
      if augmented { configuration.augmentation = Augmentation() }
      var settings = MDLAM.Configuration()
      (settings.penalty, settings.weightPenalty) = (0.1, 1e-3)
      return try Trainer(
        model: model, algorithm: try MDLAM(for: model, examples: examples, settings), configuration: configuration)
    }
    let full = try trainer(batchSize: 90)
    let reports = try full.fit(data, test: clouds(300, seed: 2))
    #expect(reports.count == 40 && reports[39].parameterUpdates == 40)
    #expect((reports[39].test?.metrics["accuracy"] ?? 0) > 0.9, "\(reports[39])")
    let objectives = reports.compactMap { $0.algorithm["objective"] }
    #expect(objectives.count == 40 && objectives[39] < objectives[0])

    func problem(_ trainer: Trainer) -> String {
      do throws(SAMTError) {
        try trainer.fit(data, test: data)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(
      problem(try trainer(batchSize: 30))
        == "MDLAM takes the whole data set in each step: expected a batch size of 90, found 30")
    #expect(
      problem(try trainer(batchSize: 90, examples: 80)).contains("made for 80 examples at once, found batches of 90"))
    #expect(problem(try trainer(batchSize: 90, augmented: true)).contains("augment"))
  }
}
