import SAMTTestSupport
import Testing

@testable import SAMT

/// Gradients inside a deep network in training mode, against numeric ones.
///
/// A single weight of twenty layers moves the loss too little to be seen, so each tensor is moved along its own
/// gradient: the slope there must be the gradient's length. Smooth functions stand in for the rectifiers, whose kinks
/// such a move would cross by the hundred; those are compared with PyTorch's in ``ArchitectureGoldenTests``.
@Suite struct ResNetGradientTests {
  private let batch = Batch(
    inputs: GradientCheck.values([4, 3, 32, 32], magnitudes: 0...1, seed: 1), targets: .classes([0, 3, 6, 9]))

  /// ResNet-20 made smooth, with a fault in one of its layers.
  private func model(fault: (layer: String, BackwardFault)? = nil) throws -> Model {
    let parts = Model.resNetParts(
      widths: [16, 32, 64], blocks: 3, classes: 10, channels: 3, convolution: .automatic)
    let smooth = replacing(parts) { layer in
      switch layer {
      case let norm as BatchNorm where norm.settings.relu:
        [.layer(BatchNorm2d(norm.settings.channels, name: norm.name)), .layer(GELU(name: "relu"))]
      case is ReLU: [.layer(GELU(name: "relu"))]
      default: [.layer(layer)]
      }
    }
    let names = try Model(input: [3, 32, 32]) { smooth }.layerNames
    var index = 0
    return try Model(input: [3, 32, 32], seed: 5) {
      replacing(smooth) { layer in
        defer { index += 1 }
        guard let fault, names[index] == fault.layer else { return [.layer(layer)] }
        return [.layer(twin(of: layer, fault.1))]
      }
    }
  }

  private func twin(of layer: some Layer, _ fault: BackwardFault) -> any Layer { BrokenLayer(layer, fault) }

  /// The same parts with other layers, visited in the order in which a model numbers them.
  private func replacing(_ parts: [ModelPart], _ change: (any Layer) -> [ModelPart]) -> [ModelPart] {
    parts.flatMap { part -> [ModelPart] in
      switch part {
      case .sequential(let sequential):
        return [.sequential(Sequential(sequential.name) { replacing(sequential.parts, change) })]
      case .residual(let residual):
        let projection = replacing(residual.projection, change)
        return [
          .residual(
            Residual(residual.name) {
              replacing(residual.body, change)
            } projection: {
              projection
            })
        ]
      case .layer(let layer): return change(layer)
      }
    }
  }

  /// The largest relative difference between a gradient's length and the slope along it, and the layer it is in.
  private func worst(_ model: Model) -> (error: Double, layer: String) {
    let loss = SoftmaxCrossEntropy()
    let executor = ModelExecutor(for: model, batchSize: batch.count)
    executor.load(batch.inputs)
    _ = executor.evaluate(loss, batch.targets)
    for parameter in model.parameters { Kernels.scale(&parameter.gradient, by: .nan) }
    for layer in model.trainableLayers.reversed() { executor.backward(to: layer) }
    var worst = (error: 0.0, layer: "")
    for layer in model.trainableLayers {
      for parameter in model.layers[layer].parameters {
        let (value, gradient) = (parameter.value, parameter.gradient)
        let length = Kernels.dot(gradient, gradient).squareRoot()
        func slope(_ step: Double) -> Double {
          let ends = [step, -step].map { distance in
            parameter.value = value
            Kernels.add(gradient, scaledBy: Float(distance / length), to: &parameter.value)
            executor.invalidate(from: layer)
            return executor.evaluate(loss, batch.targets)
          }
          return (ends[0] - ends[1]) / (2 * step)
        }
        // Truncation falls with the fourth power of the step, what rounding of the loss does with its inverse. Weights in
        // front of a normalization are the less linear, and have the longer gradients.
        let size = max(Kernels.dot(value, value).squareRoot(), 1)
        let step = (value.shape.rank == 4 ? 0.001 : 0.01) * size
        let numeric = (4 * slope(step) - slope(2 * step)) / 3
        parameter.value = value
        executor.invalidate(from: layer)
        let error = abs(numeric - length) / length
        // A NaN is the worst, and stays so.
        if !worst.error.isNaN, !(error <= worst.error) {
          worst = (error, "\(model.layerNames[layer]).\(parameter.name)")
        }
      }
    }
    return worst
  }

  /// The loss is rounded to some 2^-23, and the shortest gradients move it by a thousand times that.
  private let tolerance = 3e-3

  @Test func allGradientsAreRight() throws {
    let worst = worst(try model())
    #expect(worst.error <= tolerance, "\(worst)")
  }

  @Test(arguments: [
    ("layer2.0.conv1", BackwardFault.inputNegated), ("layer2.0.downsample.0", .inputNegated),
    ("layer3.2.bn1", .inputNegated), ("layer1.1.bn2", .lastParameterMissing), ("conv1", .parametersAdded),
  ])
  func aBrokenLayerIsCaught(_ layer: String, _ fault: BackwardFault) throws {
    let worst = worst(try model(fault: (layer, fault)))
    #expect(!(worst.error <= tolerance), "\(fault) in \(layer) passed: \(worst)")
  }
}
