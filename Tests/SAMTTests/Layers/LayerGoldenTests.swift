import Foundation
import SAMT
import Testing

/// Output and gradients against PyTorch's, from Golden/layers.py.
@Suite struct LayerGoldenTests {
  private static let layers: [(String, Shape, @Sendable () -> any Layer)] = [
    ("Conv2d", [2, 2, 3, 4], { Conv2d(2, 3, kernelSize: 3, padding: 1) }),
    (
      "Conv2d, strided", [1, 2, 5, 4],
      { Conv2d(2, 2, kernelSize: Size2D(3, 2), stride: Size2D(2, 1), padding: Size2D(1, 0), bias: false) }
    ),
    (
      "Conv2d, dilated", [1, 1, 4, 5],
      { Conv2d(1, 2, kernelSize: Size2D(2, 3), padding: Size2D(1, 2), dilation: Size2D(1, 2)) }
    ),
    ("Conv2d, grouped", [1, 4, 3, 3], { Conv2d(4, 6, kernelSize: 2, groups: 2) }),
    ("MaxPool2d", [2, 2, 4, 5], { MaxPool2d(kernelSize: 2) }),
    ("MaxPool2d, overlapping", [1, 2, 5, 6], { MaxPool2d(kernelSize: 3, stride: 2, padding: 1) }),
    ("AvgPool2d", [2, 2, 4, 5], { AvgPool2d(kernelSize: 2) }),
    (
      "AvgPool2d, overlapping", [1, 2, 5, 4],
      { AvgPool2d(kernelSize: Size2D(3, 2), stride: Size2D(2, 1), padding: 1) }
    ),
    ("GlobalAveragePool", [2, 3, 2, 3], { GlobalAveragePool() }),
    ("BatchNorm2d", [2, 3, 2, 3], { BatchNorm2d(3) }),
    ("BatchNorm2d, settings", [2, 2, 2, 2], { BatchNorm2d(2, momentum: 0.3, epsilon: 0.1, affine: false) }),
    ("BatchNorm2d, rectified", [3, 3, 3, 3], { BatchNorm2d(3, relu: true) }),
    ("BatchNorm1d, rectified", [6, 4], { BatchNorm1d(4, relu: true) }),
    ("BatchNorm1d", [5, 4], { BatchNorm1d(4) }),
    ("BatchNorm1d, sequences", [3, 3, 4], { BatchNorm1d(3) }),
    ("LayerNorm", [4, 6], { LayerNorm(6) }),
    ("LayerNorm, two axes", [3, 2, 3], { LayerNorm([2, 3], epsilon: 0.01) }),
  ]

  /// scale sin(step i + phase), the formula from which the script too makes its inputs.
  private func wave(_ shape: Shape, _ step: Double, _ phase: Double, _ scale: Double) -> Tensor {
    Tensor((0..<shape.count).map { Float(scale * sin(step * Double($0) + phase)) }, shape: shape)
  }

  /// What the script computes, in its order.
  private func results(_ layer: some Layer, _ shape: Shape) throws -> [[Float]] {
    var generator = Generator(seed: 1)
    layer.initialize(using: &generator)
    for (index, parameter) in layer.parameters.enumerated() {
      let k = Double(index)
      parameter.makeGradient()
      parameter.value = wave(parameter.shape, 0.5 + 0.3 * k, 0.3 + 0.2 * k, 0.6)
    }
    let input = wave(shape, 0.9, 0.1, 1.2)
    var output = Tensor(zeros: try layer.outputShape(for: shape))
    var gradient = Tensor(zeros: shape)
    var saved = layer.makeSaved(for: shape)
    layer.beginBatch(&saved, mode: .training)
    layer.forward(input, into: &output, saved: &saved, mode: .training)
    let outputGradient = wave(output.shape, 1.3, 0.7, 1)
    layer.inputGradient(outputGradient, input: input, output: output, saved: &saved, into: &gradient)
    layer.parameterGradients(outputGradient, input: input, output: output, saved: &saved)
    var results = [output.elements, gradient.elements] + layer.parameters.map(\.gradient.elements)
    if let norm = layer as? BatchNorm {
      layer.beginBatch(&saved, mode: .inference)
      layer.forward(input, into: &output, saved: &saved, mode: .inference)
      results += [norm.runningMean.elements, norm.runningVariance.elements, output.elements]
    }
    return results
  }

  @Test func everyLayerHasGoldenNumbers() {
    #expect(Set(LayerGoldenTests.layers.map(\.0)) == Set(LayerGolden.results.keys))
  }

  @Test(arguments: layers.indices) func agreesWithPyTorch(index: Int) throws {
    let (name, shape, make) = LayerGoldenTests.layers[index]
    let golden = try #require(LayerGolden.results[name])
    let found = try results(make(), shape)
    try #require(found.count == golden.count)
    for (part, values) in found.enumerated() {
      try #require(values.count == golden[part].count, "\(name), part \(part)")
      // Some twenty roundings of numbers of a few units, and the script's ninth digit.
      let scale = golden[part].map(abs).max() ?? 0
      for (i, value) in values.enumerated() {
        let error = abs(Double(value) - golden[part][i])
        #expect(error <= 32 * 0x1p-24 * max(scale, 1), "\(name), part \(part), element \(i)")
      }
    }
  }
}
