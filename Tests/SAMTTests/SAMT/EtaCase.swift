import SAMT
import SAMTTestSupport
import Testing

/// One way to set step sizes.
struct EtaCase: CustomTestStringConvertible, Sendable {
  let granularity: StepSizes.Granularity
  let projection: StepSizes.Projection
  let isGated: Bool

  var testDescription: String {
    let form =
      switch projection {
      case .logarithmicTanh: "logarithmic"
      case .relativeTanh: "relative"
      case .sigmoid: "sigmoid"
      }
    return "\(granularity.rawValue), \(form), \(isGated ? "gated" : "right only")"
  }

  /// Small enough for gradients entry by entry, with a learning rate that moves the eta model within a few steps.
  func stepSizes(initial: Double = 0.3, learningRate: Double = 1e-2, hiddenUnits: Int = 4) -> StepSizes {
    StepSizes(
      granularity, initial: initial, projection: projection, isGated: isGated, learningRate: learningRate,
      hiddenUnits: hiddenUnits)
  }

  static let projections: [StepSizes.Projection] = [.logarithmicTanh, .relativeTanh, .sigmoid]

  /// All five granularities with all three projections, gated and right only.
  static let all: [EtaCase] = StepSizes.Granularity.allCases.flatMap { granularity in
    projections.flatMap { projection in
      [true, false].map { EtaCase(granularity: granularity, projection: projection, isGated: $0) }
    }
  }
}

extension Generator {
  /// A list of normal numbers.
  mutating func normals(_ count: Int, deviation: Double = 1) -> [Double] {
    (0..<count).map { _ in deviation * normal() }
  }
}

/// A network of 3-4-3 units with tanh, five examples: small, smooth, and every block matrix rectangular.
func smallReferenceNetwork() -> ReferenceNetwork {
  var generator = Generator(seed: 21)
  return ReferenceNetwork(
    blocks: [
      Matrix(4, 4, generator.normals(16, deviation: 0.6)), Matrix(3, 5, generator.normals(15, deviation: 0.6)),
    ],
    inputs: Matrix(5, 3, generator.normals(15)), labels: [0, 1, 2, 1, 0])
}
