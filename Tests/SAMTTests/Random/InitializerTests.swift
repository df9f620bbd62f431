import SAMT
import Testing

@Suite struct InitializerTests {
  private func filled(_ initializer: Initializer, over value: Float = 7, seed: UInt64 = 1) -> [Float] {
    var tensor = Tensor([Float](repeating: value, count: 10_000), shape: [100, 100])
    var generator = Generator(seed: seed)
    initializer.fill(&tensor, using: &generator)
    return tensor.elements
  }

  @Test(arguments: [Float(7), .nan, .infinity]) func zerosOverwriteAnything(_ value: Float) {
    #expect(filled(.zeros, over: value).allSatisfy { $0 == 0 })
  }

  /// Five standard errors of 1 / sqrt(3 n) for the mean of +-1.
  @Test func uniformFillsItsBounds() {
    let elements = filled(.uniform(bound: 0.25), over: .nan)
    #expect(elements.allSatisfy { $0 >= -0.25 && $0 <= 0.25 })
    #expect(elements.min() ?? 1 < -0.249 && elements.max() ?? -1 > 0.249)
    #expect(abs(elements.reduce(0, +) / 10_000) <= 0.25 * 5 / Float(30_000).squareRoot())
  }

  /// Five standard errors of sqrt(2 / n) for the variance.
  @Test func normalHasItsDeviation() {
    let elements = filled(.normal(deviation: 0.5), over: .nan)
    let variance = elements.reduce(0) { $0 + $1 * $1 } / 10_000
    #expect(abs(variance / 0.25 - 1) <= 5 * Float(2.0 / 10_000).squareRoot())
  }

  @Test func inverseRootIsPyTorchs() {
    #expect(Initializer.inverseRoot(inputs: 16) == .uniform(bound: 0.25))
    #expect(Initializer.inverseRoot(inputs: 0) == .uniform(bound: 1))
  }

  @Test func seedsDecide() {
    #expect(filled(.uniform(bound: 1)) == filled(.uniform(bound: 1)))
    #expect(filled(.uniform(bound: 1)) != filled(.uniform(bound: 1), seed: 2))
    #expect(filled(.normal(deviation: 1)) == filled(.normal(deviation: 1)))
  }

  /// A weight of 40 outputs, 10 inputs and kernels of 2 x 2: 40 inputs of an output, 160 outputs of an input.
  private func filledWeight(_ initializer: Initializer) -> [Float] {
    var tensor = Tensor(zeros: [40, 10, 2, 2])
    var generator = Generator(seed: 2)
    initializer.fill(&tensor, using: &generator)
    return tensor.elements
  }

  /// Initializer, variance, kurtosis: 3 of a normal distribution, 1.8 of a uniform one.
  private static let fans: [(Initializer, Double, Double)] = [
    (.kaimingNormal(), 0.05, 3), (.kaimingNormal(.outputs, gain: 1), 0.00625, 3), (.kaimingUniform(), 0.05, 1.8),
    (.kaimingUniform(.outputs), 0.0125, 1.8), (.xavierNormal(gain: 2), 0.04, 3), (.xavierUniform(), 0.01, 1.8),
  ]

  /// Five standard errors of sqrt((kurtosis - 1) / n), for the variance of 1600 draws.
  @Test(arguments: fans) func fansSetTheVariance(_ initializer: Initializer, _ variance: Double, _ kurtosis: Double) {
    let elements = filledWeight(initializer).map(Double.init)
    let found = elements.reduce(0) { $0 + $1 * $1 } / 1600
    #expect(abs(found / variance - 1) <= 5 * ((kurtosis - 1) / 1600).squareRoot(), "\(found), not \(variance)")
    if kurtosis == 1.8 {
      let bound = (3 * variance).squareRoot()
      #expect(elements.allSatisfy { abs($0) <= bound * 1.000001 })
      #expect(elements.map(abs).max() ?? 0 > 0.99 * bound)
    }
  }

  @Test(arguments: [[5, 12], [12, 5], [4, 3, 2, 2], [6, 6]]) func orthogonalIsOrthogonal(_ lengths: [Int]) {
    var tensor = Tensor(zeros: Shape(lengths))
    var generator = Generator(seed: 3)
    Initializer.orthogonal(gain: 2).fill(&tensor, using: &generator)
    let (rows, columns) = (lengths[0], tensor.shape.elementsPerRow)
    let x = tensor.elements.map(Double.init)
    let (count, length) = (min(rows, columns), max(rows, columns))
    func element(_ vector: Int, _ i: Int) -> Double {
      rows <= columns ? x[vector * columns + i] : x[i * columns + vector]
    }
    for a in 0..<count {
      for b in 0..<count {
        let product = (0..<length).reduce(0) { $0 + element(a, $1) * element(b, $1) }
        // Entries below 2, rounded to single precision: a dozen products of two such roundings.
        #expect(abs(product - (a == b ? 4 : 0)) <= 24 * 4 * 0x1p-24, "\(a), \(b)")
      }
    }
  }

  @Test func onesOverwriteAnything() {
    #expect(filled(.ones, over: .nan).allSatisfy { $0 == 1 })
  }

  /// PyTorch: weight and bias of a convolution within 1 / sqrt(inputs of an output), normalizations 1 and 0.
  @Test func layersStartAsPyTorchs() {
    var generator = Generator(seed: 1)
    let (conv, norm) = (Conv2d(8, 30, kernelSize: 5), BatchNorm2d(7))
    conv.initialize(using: &generator)
    norm.initialize(using: &generator)
    let bound = 1 / Float(200).squareRoot()
    for parameter in conv.parameters {
      #expect(parameter.value.elements.allSatisfy { abs($0) <= bound })
      #expect(parameter.value.elements.map(abs).max() ?? 0 > 0.9 * bound)
    }
    #expect(norm.weight?.value.elements == [Float](repeating: 1, count: 7))
    #expect(norm.bias?.value.elements == [Float](repeating: 0, count: 7))
    #expect(norm.runningVariance.elements == [Float](repeating: 1, count: 7))
  }
}
