import Foundation
import SAMT
import Testing

/// SAMT-Replay against numbers from an independent script in double precision, Golden/replay.py.
@Suite struct ReplayGoldenTests {
  /// scale sin(step i + phase), the formula from which the script too makes its inputs.
  private func wave(_ shape: Shape, _ step: Double, _ phase: Double, _ scale: Double = 1) -> Tensor {
    Tensor((0..<shape.count).map { Float(scale * sin(step * Double($0) + phase)) }, shape: shape)
  }

  private static let cases: [(name: String, shape: Shape, bound: Double)] = [
    // D is below 2 here, and two dozen roundings make it; those of a moment weigh up to twice where its terms cancel.
    ("nadam", [5, 3], 64 * 0x1p-24),
    // Each iteration may multiply an error of the smallest singular values' squares by a^2 = 12, at most five times, but
    // the matrices are well conditioned: their errors stay those of a few dozen roundings of |X| = 1, times |p'| <= 12.
    ("wide", [4, 7], 1000 * 0x1p-24), ("tall", [7, 4], 1000 * 0x1p-24), ("row", [1, 6], 1000 * 0x1p-24),
  ]

  @Test(arguments: cases.indices) func directions(index: Int) throws {
    let (name, shape, bound) = ReplayGoldenTests.cases[index]
    let golden = try #require(ReplayGolden.directions[name])
    let direction: any UpdateDirection =
      name == "nadam" ? try NAdamDirection(for: shape) : try OrthogonalizedDirection(for: shape)
    var found = Tensor(zeros: shape)
    try #require(golden.count == 3)
    for step in 0..<3 {
      let gradient = wave(shape, 1.9, 0.5 + Double(step), 0.8)
      // What is taken back leaves no trace.
      direction.takeSnapshot()
      _ = direction.advance(wave(shape, 0.3, 0.1), into: &found)
      direction.restore()
      let squares = direction.advance(gradient, into: &found)
      let elements = found.elements
      try #require(elements.count == golden[step].count)
      for i in elements.indices {
        let error = abs(Double(elements[i]) - golden[step][i])
        #expect(error <= bound, "\(name), step \(step), element \(i): \(elements[i]), not \(golden[step][i])")
      }
      let wanted = golden[step].reduce(0) { $0 + $1 * $1 }
      #expect(abs(squares - wanted) <= 2 * bound * golden[step].reduce(0) { $0 + abs($1) } + 1e-6 * wanted)
    }
  }

  /// The script's network.
  private func model() throws -> Model {
    let model = try Model(input: [2, 4, 4]) {
      Conv2d(2, 3, kernelSize: 3, padding: 1)
      Tanh()
      Flatten()
      Linear(48, 3)
    }
    let first: [(Shape, Double, Double, Double)] = [
      ([3, 2, 3, 3], 0.7, 0.2, 0.3), ([3], 1.1, 0.4, 0.1), ([3, 48], 0.9, 0.6, 0.2), ([3], 1.3, 0.8, 0.1),
    ]
    try #require(model.parameters.count == first.count)
    for (parameter, (shape, step, phase, scale)) in zip(model.parameters, first) {
      try #require(parameter.value.shape == shape)
      parameter.value = wave(shape, step, phase, scale)
    }
    return model
  }

  /// Search, windows, lessons and what is taken back, step by step: every decision, and every number within a multiple
  /// of what rounding does to the script itself in single precision.
  @Test(arguments: Array(ReplayGolden.trainings.keys)) func aTrainingStepByStep(name: String) throws {
    let golden = try #require(ReplayGolden.trainings[name])
    let model = try model()
    var configuration = SAMTReplay.Configuration()
    configuration.initialStepSize = golden.initialStepSize
    if !golden.searches { configuration.search = nil }
    configuration.window.examples = ReplayGolden.window * ReplayGolden.batchSize
    configuration.window.shortest = ReplayGolden.window
    let algorithm = try SAMTReplay(for: model, configuration)
    try algorithm.begin(
      TrainingPlan(
        epochs: ReplayGolden.epochs, stepsPerEpoch: ReplayGolden.plannedSteps / ReplayGolden.epochs,
        batchSize: ReplayGolden.batchSize), for: model)
    let executor = ModelExecutor(for: model, batchSize: ReplayGolden.batchSize)
    let labels = (0..<ReplayGolden.batchSize).map { Int32($0 % 3) }
    try #require(golden.logStepSizes.count == 2 * golden.losses.count && golden.rounding.count == 3)
    let bounds = golden.rounding.map { 8 * $0 + 0x1p-20 }
    for step in golden.losses.indices {
      let inputs = wave([ReplayGolden.batchSize, 2, 4, 4], 1.7, 0.3 * Double(step % 5))
      let report = algorithm.step(
        Batch(inputs: inputs, targets: .classes(labels[...])), in: executor, loss: SoftmaxCrossEntropy())
      let loss = golden.losses[step]
      #expect(abs(report.loss - loss) <= bounds[0], "loss before step \(step + 1): \(report.loss), not \(loss)")
      for (block, size) in algorithm.stepSizes.enumerated() {
        let wanted = golden.logStepSizes[2 * step + block]
        let error = abs(log(size) - wanted)
        #expect(error <= bounds[1], "s[\(block)] behind step \(step + 1): \(log(size)), not \(wanted)")
      }
      guard let wanted = golden.weights[step + 1] else { continue }
      let found = model.parameters.flatMap(\.value.elements)
      try #require(found.count == wanted.count)
      for i in found.indices {
        let error = abs(Double(found[i]) - wanted[i])
        #expect(error <= bounds[2], "weight \(i) behind step \(step + 1): \(found[i]), not \(wanted[i])")
      }
    }
    #expect(algorithm.restores == golden.restores)
    #expect(algorithm.searchTrials == golden.trials)
  }
}
