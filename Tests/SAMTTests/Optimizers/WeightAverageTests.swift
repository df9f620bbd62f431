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
    // With a decay of 0.5 the warm-up is over after 11 values, with one of 0.999 it lasts.
    WeightAverage.Kind.exponential(decay: 0.5), .exponential(decay: 0.999), .exponential(decay: 0),
    .polynomial(gamma: 0), .polynomial(gamma: 3),
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
        case .exponential(let decay): max(1 - Double(decay), 10 / (Double(n) + 9))
        case .polynomial(let gamma): min(1, (Double(gamma) + 1) / (Double(n) + Double(gamma)))
        }
      let values = parameters.flatMap { $0.value.elements.map(Double.init) }
      for i in expected.indices { expected[i] += weight * (values[i] - expected[i]) }
      let found = average.withAverages { parameters.flatMap { $0.value.elements.map(Double.init) } }
      // Values below 1: each update rounds by 2^-24 at most, twice, and the factor once; errors are averaged too.
      for i in expected.indices { #expect(abs(found[i] - expected[i]) <= Double(n) * 4 * 0x1p-24, "n \(n), \(i)") }
    }
  }

  /// A weight that went from 0 to 1 within the first 20 of 100 steps: little is left of its beginning.
  ///
  /// A constant decay of 0.999 has taken in a tenth of the way by then.
  @Test func aLongAverageOfAShortTrainingIsNearItsEnd() throws {
    let parameter = Parameter("a", shape: [1], initializer: .zeros, isDecayed: true)
    let average = try WeightAverage(of: [parameter], .exponential(decay: 0.999))
    for n in 1...100 {
      parameter.value = Tensor([min(Float(n) / 20, 1)], shape: [1])
      average.update()
    }
    // What is left of the values up to n = 20 is the product of 1 - 10 / (n + 9) over n = 21 ... 100, (n - 1) / (n + 9):
    // 20 ... 29 / (100 ... 109) = 1.7e-6.
    let found = average.withAverages { parameter.value.elements[0] }
    #expect(abs(found - 1) <= 1e-5)
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
