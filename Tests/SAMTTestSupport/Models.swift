import Foundation
import SAMT

/// A perceptron of the given widths, tanh or ReLU between its layers.
package func perceptron(_ widths: [Int], seed: UInt64 = 1, relu: Bool = true) throws(SAMTError) -> Model {
  try Model(input: [widths[0]], seed: seed) {
    for layer in 1..<widths.count {
      Linear(widths[layer - 1], widths[layer])
      if layer < widths.count - 1 {
        if relu { ReLU() } else { Tanh() }
      }
    }
  }
}

/// A batch of random inputs, labels going round.
package func randomBatch(_ count: Int, inputs: Int, classes: Int, seed: UInt64) -> Batch {
  Batch(
    inputs: GradientCheck.values([count, inputs], magnitudes: 0...1, seed: seed),
    targets: .classes((0..<count).map { Int32($0 % classes) }[...]))
}

/// Points of three overlapping clouds around the corners of a triangle: lines separate all but one in a hundred.
package func clouds(_ count: Int, seed: UInt64) -> Dataset {
  let corners: [(Double, Double)] = [(1, 0), (-0.5, 0.87), (-0.5, -0.87)]
  var generator = Generator(seed: seed)
  var elements: [Float] = []
  for i in 0..<count {
    elements.append(Float(corners[i % 3].0 + 0.35 * generator.normal()))
    elements.append(Float(corners[i % 3].1 + 0.35 * generator.normal()))
  }
  return Dataset(
    inputs: Tensor(elements, shape: [count, 2]), labels: (0..<count).map { Int32($0 % 3) }, classCount: 3)
}

/// A disc inside a ring: no line separates more than two thirds.
package func rings(_ count: Int, seed: UInt64) -> Dataset {
  var generator = Generator(seed: seed)
  var elements: [Float] = []
  for i in 0..<count {
    let radius = (i % 2 == 0 ? 0.2 : 1.2) + 0.6 * generator.uniform()
    let angle = 2 * Double.pi * generator.uniform()
    elements.append(Float(radius * cos(angle)))
    elements.append(Float(radius * sin(angle)))
  }
  return Dataset(
    inputs: Tensor(elements, shape: [count, 2]), labels: (0..<count).map { Int32($0 % 2) }, classCount: 2)
}
