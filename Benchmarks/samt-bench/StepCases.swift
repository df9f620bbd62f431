import SAMT

private let hidden = 400
private let batchSize = 128

/// Whole training steps of an MLP 784-400-10 through the public API.
func stepCases() -> [BenchmarkCase] {
  func samt(_ granularity: StepSizes.Granularity) -> (Model) throws(SAMTError) -> any TrainingAlgorithm {
    { model throws(SAMTError) in
      var configuration = SAMTOptimizer.Configuration()
      configuration.stepSizes = StepSizes(granularity)
      return try SAMTOptimizer(for: model, configuration)
    }
  }
  let once = StepPasses(first: (1, 1, 0), second: (1, 1, 1))
  // Two blocks: one evaluation at the start, and one behind each of the two moves, which the next block starts from.
  let alternating = StepPasses(first: (2, 2, 0), second: (3, 2, 2))
  return [
    stepCase("adam", once) { model throws(SAMTError) in Backpropagation(try Adam(model.parameters)) },
    stepCase("prodigy", once) { model throws(SAMTError) in Backpropagation(try Prodigy(model.parameters)) },
    stepCase("schedule-free-adamw", once) { model throws(SAMTError) in
      Backpropagation(try ScheduleFreeAdamW(model.parameters))
    },
    stepCase("soaa", once) { model throws(SAMTError) in
      Backpropagation(try SOAA(model.parameters, plannedSteps: 10_000))
    },
    stepCase("sgd", once) { model throws(SAMTError) in
      Backpropagation(try SGD(model.parameters, learningRate: 0.5))
    },
    stepCase("schedule-free-sgd", once) { model throws(SAMTError) in
      Backpropagation(try ScheduleFreeSGD(model.parameters, learningRate: 0.5))
    },
    stepCase("samt-s", alternating, samt(.scalar)),
    stepCase("samt-e", alternating, samt(.element)),
  ]
}

/// How often a step runs each of the two linear layers: forward, into the parameters, into the layer's input.
private struct StepPasses {
  let first: (forward: Int, parameters: Int, input: Int)
  let second: (forward: Int, parameters: Int, input: Int)

  var total: LayerPasses {
    LayerPasses(
      forward: first.forward + second.forward, parameterGradient: first.parameters + second.parameters,
      inputGradient: first.input + second.input)
  }

  /// A pass is one matrix product, whichever it is.
  var operations: Double {
    let firsts = first.forward + first.parameters + first.input
    let seconds = second.forward + second.parameters + second.input
    return 2 * Double(batchSize * hidden * (784 * firsts + 10 * seconds))
  }
}

private func stepCase(
  _ name: String, _ passes: StepPasses, _ make: @escaping (Model) throws(SAMTError) -> any TrainingAlgorithm
) -> BenchmarkCase {
  // Weights, gradients, two more of each size, the batch and the activations: for grouping, so roughly.
  let footprint = 4 * (4 * hidden * 795 + batchSize * (784 + 4 * hidden))
  return BenchmarkCase(
    kernel: "step", name: "\(name) 784-\(hidden)-10", work: .operations(passes.operations), footprint: footprint,
    unit: "steps"
  ) {
    let model = try Model(input: [784]) {
      Linear(784, hidden)
      ReLU()
      Linear(hidden, 10)
    }
    let algorithm = try make(model)
    let executor = ModelExecutor(for: model, batchSize: batchSize)
    let batch = Dataset.digits(count: batchSize, seed: 0).batch(0..<batchSize)
    let loss = SoftmaxCrossEntropy()
    let reset = ParameterReset(of: model, every: 50)
    return PreparedCase(
      verify: {
        let losses = (0..<50).map { index in
          let before = executor.passes
          let report = algorithm.step(batch, in: executor, loss: loss)
          return (loss: report.loss, areCounted: index > 0 || executor.passes.since(before) == passes.total)
        }
        guard losses.allSatisfy(\.areCounted) else { return "a step's layer passes are not those it is credited with" }
        guard losses.allSatisfy(\.loss.isFinite), losses[49].loss < losses[0].loss / 2 else {
          return "50 steps on one batch took the loss from \(losses[0].loss) to \(losses[49].loss)"
        }
        return nil
      },
      body: {
        _ = algorithm.step(batch, in: executor, loss: loss)
        reset.count()
      })
  }
}

extension LayerPasses {
  fileprivate func since(_ before: LayerPasses) -> LayerPasses {
    LayerPasses(
      forward: forward - before.forward, parameterGradient: parameterGradient - before.parameterGradient,
      inputGradient: inputGradient - before.inputGradient)
  }
}
