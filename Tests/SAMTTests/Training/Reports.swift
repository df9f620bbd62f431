@testable import SAMT

/// A trainer for observers that need one and do not look at it.
func someTrainer() throws(SAMTError) -> Trainer {
  let model = try Model(input: [1]) { Linear(1, 1) }
  return try Trainer(model: model, algorithm: Backpropagation(try SGD(model.parameters, learningRate: 1)))
}

/// A report with every field filled.
func sampleReport(epoch: Int = 3, loss: Double = 0.125) -> EpochReport {
  EpochReport(
    epoch: epoch, training: Evaluation(loss: loss, metrics: ["accuracy": 0.75]),
    test: Evaluation(loss: 0.25, metrics: ["accuracy": 0.8125]),
    averagedTest: Evaluation(loss: 0.25, metrics: ["accuracy": 0.875]), seconds: 1.5, samplesPerSecond: 12_345,
    parameterUpdates: 42, layerPasses: LayerPasses(forward: 5, parameterGradient: 4, inputGradient: 2),
    algorithm: ["radius": 0.5],
    blocks: [
      BlockReport(name: "linear1", metrics: ["stepSize": 0.5, "gate": 0.25, "rejections": 0]),
      BlockReport(name: "linear2", metrics: ["stepSize": 0.0625, "gate": 1, "rejections": 7]),
    ],
    gradients: [
      BlockReport(name: "linear1", metrics: ["norm": 2, "rms": 0.5, "mean": -0.125, "largest": 1]),
      BlockReport(name: "linear2", metrics: ["norm": 0.5, "rms": 0.0625, "mean": 0, "largest": 0.25]),
    ])
}
