import Foundation
import SAMTTestSupport

@testable import SAMT

/// mDLAM on a perceptron and a data set, step by step.
struct MDLAMRun {
  let model: Model
  let algorithm: MDLAM
  let batch: Batch
  let loss: any Loss
  let executor: ModelExecutor

  init(
    _ model: Model, _ batch: Batch, _ loss: any Loss = SoftmaxCrossEntropy(),
    _ change: (inout MDLAM.Configuration) -> Void = { _ in }
  ) throws {
    var configuration = MDLAM.Configuration()
    change(&configuration)
    self.model = model
    self.batch = batch
    self.loss = loss
    algorithm = try MDLAM(for: model, examples: batch.count, configuration)
    executor = ModelExecutor(for: model, batchSize: batch.count)
    try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: 1, batchSize: batch.count), for: model)
  }

  @discardableResult func step() -> StepReport { algorithm.step(batch, in: executor, loss: loss) }

  /// F of the variables, in double precision and from the formula alone.
  var objective: Double {
    let layers = algorithm.layers
    var total = outputLoss(layers[layers.count - 1].preactivation)
    var inputs = doubles(batch.inputs)
    for layer in layers {
      let residual = residual(layer, inputs)
      total += Double(algorithm.configuration.penalty) / 2 * residual.reduce(0) { $0 + $1 * $1 }
      total +=
        Double(algorithm.configuration.weightPenalty) / 2 * doubles(layer.weight.value).reduce(0) { $0 + $1 * $1 }
      inputs = doubles(layer.activation)
    }
    return total
  }

  /// inputs W^T + b - z.
  func residual(_ layer: MDLAMLayer, _ inputs: [Double]) -> [Double] {
    let (weight, z) = (doubles(layer.weight.value), doubles(layer.preactivation))
    let (h, d) = (layer.weight.shape[0], layer.weight.shape[1])
    let bias = layer.bias.map { doubles($0.value) } ?? [Double](repeating: 0, count: h)
    return z.indices.map { index in
      let (row, column) = (index / h, index % h)
      return (0..<d).reduce(bias[column] - z[index]) { $0 + inputs[row * d + $1] * weight[column * d + $1] }
    }
  }

  private func outputLoss(_ z: Tensor) -> Double {
    let (z, columns) = (doubles(z), z.shape[1])
    switch batch.targets {
    case .classes(let labels):
      return labels.enumerated().reduce(0) { sum, item in
        let row = z[item.offset * columns..<(item.offset + 1) * columns]
        let largest = row.max()!
        return sum + largest + log(row.reduce(0) { $0 + exp($1 - largest) }) - row[row.startIndex + Int(item.element)]
      }
    case .values(let values):
      return zip(z, doubles(values)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(columns)
    }
  }
}

/// The elements of a tensor in double precision.
func doubles(_ tensor: Tensor) -> [Double] { tensor.elements.map(Double.init) }
