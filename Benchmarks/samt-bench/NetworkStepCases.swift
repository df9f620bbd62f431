import SAMT

/// Whole training steps of convolutional networks, with Adam.
func networkStepCases() -> [BenchmarkCase] {
  [
    networkStepCase("lenet5", batchSize: 128) { () throws(SAMTError) in try Model.leNet5() },
    networkStepCase("resnet20", batchSize: 64) { () throws(SAMTError) in try Model.resNet20() },
    networkStepCase("resnet18", batchSize: 64) { () throws(SAMTError) in try Model.resNet18() },
  ]
}

private func networkStepCase(
  _ name: String, batchSize: Int, _ make: @escaping () throws(SAMTError) -> Model
) -> BenchmarkCase {
  // Forward, into the parameters, into the inputs: three times the products, but for the first layer's input.
  let forward = (try? make().operations) ?? 0
  return BenchmarkCase(
    kernel: "step", name: "adam \(name) batch \(batchSize)", work: .operations(3 * Double(batchSize * forward)),
    footprint: 64 << 20, unit: "steps"
  ) {
    let model = try make()
    let algorithm = Backpropagation(try Adam(model.parameters))
    let executor = ModelExecutor(for: model, batchSize: batchSize)
    let inputs = GradientCheck.values(model.inputShape.batched(batchSize), magnitudes: 0...1, seed: 1)
    let batch = Batch(inputs: inputs, targets: .classes((0..<batchSize).map { Int32($0 % 10) }[...]))
    let loss = SoftmaxCrossEntropy()
    let reset = ParameterReset(of: model, every: 50)
    return PreparedCase(
      verify: {
        let losses = (0..<8).map { _ in algorithm.step(batch, in: executor, loss: loss).loss }
        guard losses.allSatisfy(\.isFinite), losses[7] < losses[0] else {
          return "eight steps on one batch took the loss from \(losses[0]) to \(losses[7])"
        }
        return nil
      },
      body: {
        _ = algorithm.step(batch, in: executor, loss: loss)
        reset.count()
      })
  }
}
