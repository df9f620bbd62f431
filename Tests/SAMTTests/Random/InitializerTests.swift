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
}
