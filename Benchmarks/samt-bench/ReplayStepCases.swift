import SAMT

/// Windows of 20 steps of SAMT-Replay, the replay included: beside 20 times a step of Adam on the same network.
func replayStepCases() -> [BenchmarkCase] {
  [
    replayStepCase("784-400-10", batchSize: 128) { () throws(SAMTError) in
      try Model(input: [784]) {
        Linear(784, 400)
        ReLU()
        Linear(400, 10)
      }
    },
    replayStepCase("lenet5", batchSize: 128) { () throws(SAMTError) in try Model.leNet5() },
    replayStepCase("resnet20", batchSize: 64) { () throws(SAMTError) in try Model.resNet20() },
    replayStepCase("resnet18", batchSize: 64) { () throws(SAMTError) in try Model.resNet18() },
  ]
}

private let window = 20

private func replayStepCase(
  _ name: String, batchSize: Int, _ make: @escaping () throws(SAMTError) -> Model
) -> BenchmarkCase {
  // Forward, into the parameters, into the inputs; the replay on top.
  let forward = (try? make().operations) ?? 0
  return BenchmarkCase(
    kernel: "step", name: "samt \(name) batch \(batchSize), \(window) steps",
    work: .operations(3 * Double((window + 1) * batchSize * forward)), footprint: 64 << 20, unit: "windows"
  ) {
    let model = try make()
    var configuration = SAMTReplay.Configuration()
    // Full windows from the beginning, and steps so small that nothing is taken back.
    configuration.window.examples = window * batchSize
    configuration.window.shortest = window
    configuration.window.doublings = 0
    configuration.initialStepSize = 1e-3
    configuration.schedule.warmUp = 0
    configuration.search = nil
    configuration.lesson = nil
    let algorithm = try SAMTReplay(for: model, configuration)
    try algorithm.begin(TrainingPlan(epochs: 10, stepsPerEpoch: 100_000, batchSize: batchSize), for: model)
    let executor = ModelExecutor(for: model, batchSize: batchSize)
    let inputs = GradientCheck.values(model.inputShape.batched(batchSize), magnitudes: 0...1, seed: 1)
    let batch = Batch(inputs: inputs, targets: .classes((0..<batchSize).map { Int32($0 % 10) }[...]))
    let loss = SoftmaxCrossEntropy()
    let reset = ParameterReset(of: model, every: window)
    func run() -> Double {
      var last = 0.0
      for _ in 0..<window { last = algorithm.step(batch, in: executor, loss: loss).loss }
      return last
    }
    return PreparedCase(
      verify: {
        let (first, second) = (run(), run())
        guard first.isFinite, second < first, algorithm.restores == 0 else {
          return "two windows on one batch took the loss from \(first) to \(second), \(algorithm.restores) taken back"
        }
        return nil
      },
      body: {
        _ = run()
        reset.count(window)
      })
  }
}
