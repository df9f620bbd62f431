import SAMT

/// Iterations of mDLAM at the size of Cora: 140 nodes of 7165 features, an MLP 7165-100-100-7.
func mdlamCases() -> [BenchmarkCase] { [true, false].map(mdlamCase) }

private let widths = [7165, 100, 100, 7]
private let examples = 140

private func mdlamCase(isAccelerated: Bool) -> BenchmarkCase {
  BenchmarkCase(
    kernel: "step", name: "mdlam 7165-100-100-7\(isAccelerated ? "" : " not accelerated")",
    work: .operations(operations(isAccelerated: isAccelerated)),
    footprint: 4 * (3 * widths[0] * widths[1] + examples * widths[0]), unit: "iterations"
  ) {
    let model = try Model.mlp(inputs: widths[0], hidden: [widths[1], widths[2]], outputs: widths[3])
    var configuration = MDLAM.Configuration()
    configuration.isAccelerated = isAccelerated
    let algorithm = try MDLAM(for: model, examples: examples, configuration)
    try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: 1, batchSize: examples), for: model)
    let executor = ModelExecutor(for: model, batchSize: examples)
    // As small as features that were averaged over neighbours: steps of W have theta 1, as at Cora.
    var inputs = GradientCheck.values([examples, widths[0]], magnitudes: 0...1, seed: 1)
    Kernels.scale(&inputs, by: 0.04)
    let batch = Batch(inputs: inputs, targets: .classes((0..<examples).map { Int32($0 % widths[3]) }[...]))
    let loss = SoftmaxCrossEntropy()
    // At a minimum, weights would stay, and their gradient not be computed: every so often it begins anew.
    let interval = 50
    let start = State(of: algorithm)
    let reset = ParameterReset(of: model, every: interval)
    return PreparedCase(
      verify: {
        _ = algorithm.step(batch, in: executor, loss: loss)
        let first = algorithm.metrics["objective"] ?? .nan
        for _ in 1..<interval { _ = algorithm.step(batch, in: executor, loss: loss) }
        let last = algorithm.metrics["objective"] ?? .nan
        reset.count(interval)
        return last < 0.8 * first ? nil : "\(interval) iterations took the objective from \(first) to \(last)"
      },
      body: {
        if algorithm.iterations >= interval { try? start.restore(into: algorithm) }
        _ = algorithm.step(batch, in: executor, loss: loss)
        reset.count()
      })
  }
}

/// What an iteration multiplies and adds.
///
/// The first layer: its gradient with the inputs, and what the Gram matrix makes of it. Each of the others: one product
/// for the report's loss, and for its weights and its inputs gradient and move, with acceleration also the residual that
/// they begin at.
private func operations(isAccelerated: Bool) -> Double {
  let first = 2 * examples * widths[1] * (widths[0] + examples)
  let others = 2 * examples * (widths[1] * widths[2] + widths[2] * widths[3])
  return Double(first + others * (isAccelerated ? 7 : 5))
}
