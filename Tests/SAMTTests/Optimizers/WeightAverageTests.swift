import SAMT
import SAMTTestSupport
import Testing

@Suite struct WeightAverageTests {
  private struct Stop: Error {}

  /// Two parameters, and the path that their values take.
  private func parameters() -> [Parameter] {
    [
      Parameter("a", shape: [2, 3], initializer: .zeros, isDecayed: true),
      Parameter("b", shape: [2], initializer: .zeros, isDecayed: false),
    ]
  }

  private func set(_ parameters: [Parameter], _ step: Int) {
    for (index, parameter) in parameters.enumerated() {
      parameter.value = GradientCheck.values(parameter.shape, seed: UInt64(10 * step + index))
    }
  }

  @Test(arguments: [
    WeightAverage.Kind.exponential(decay: 0.9), .exponential(decay: 0), .polynomial(gamma: 0), .polynomial(gamma: 3),
  ])
  func averagesFollowTheirFormula(_ kind: WeightAverage.Kind) throws {
    let parameters = parameters()
    let average = try WeightAverage(of: parameters, kind)
    var expected = [Double](repeating: 0, count: 8)
    for n in 1...20 {
      set(parameters, n)
      average.update()
      let weight: Double =
        switch kind {
        case .exponential(let decay): n == 1 ? 1 : 1 - Double(decay)
        case .polynomial(let gamma): min(1, (Double(gamma) + 1) / (Double(n) + Double(gamma)))
        }
      let values = parameters.flatMap { $0.value.elements.map(Double.init) }
      for i in expected.indices { expected[i] += weight * (values[i] - expected[i]) }
      let found = average.withAverages { parameters.flatMap { $0.value.elements.map(Double.init) } }
      // Values below 1: each update rounds by 2^-24 at most, twice, and the factor once; errors are averaged too.
      for i in expected.indices { #expect(abs(found[i] - expected[i]) <= Double(n) * 4 * 0x1p-24, "n \(n), \(i)") }
    }
  }

  @Test(arguments: [
    WeightAverage.Kind.exponential(decay: 2), .exponential(decay: 1), .exponential(decay: -0.1),
    .exponential(decay: .nan), .polynomial(gamma: -0.5), .polynomial(gamma: .nan), .polynomial(gamma: .infinity),
  ])
  func kindsThatAreNoAverageAreRefused(_ kind: WeightAverage.Kind) {
    #expect(throws: SAMTError.self) { try WeightAverage(of: parameters(), kind) }
  }

  /// With gamma 0 it is the plain mean.
  @Test func polynomialZeroIsTheMean() throws {
    let parameters = parameters()
    let average = try WeightAverage(of: parameters, .polynomial(gamma: 0))
    for value in [Float(1), 2, 3, 6] {
      for parameter in parameters {
        parameter.value = Tensor([Float](repeating: value, count: parameter.shape.count), shape: parameter.shape)
      }
      average.update()
    }
    let found = average.withAverages { parameters.flatMap { $0.value.elements } }
    #expect(found.allSatisfy { abs($0 - 3) <= 1e-6 })
  }

  @Test func parametersComeBackExactly() throws {
    let parameters = parameters()
    let average = try WeightAverage(of: parameters, .exponential(decay: 0.5))
    set(parameters, 1)
    average.update()
    set(parameters, 2)
    average.update()
    let before = parameters.map { bits($0.value) }
    let inside = average.withAverages { parameters.map { bits($0.value) } }
    #expect(inside != before)
    #expect(parameters.map { bits($0.value) } == before)
    #expect(throws: Stop.self) { try average.withAverages { throw Stop() } }
    #expect(parameters.map { bits($0.value) } == before)
    #expect(average.withAverages { parameters.map { bits($0.value) } } == inside)
  }

  @Test func anEmptyAverageChangesNothing() throws {
    let parameters = parameters()
    set(parameters, 1)
    let before = parameters.map { bits($0.value) }
    let average = try WeightAverage(of: parameters, .polynomial(gamma: 1))
    #expect(average.withAverages { parameters.map { bits($0.value) } } == before)
  }
}
