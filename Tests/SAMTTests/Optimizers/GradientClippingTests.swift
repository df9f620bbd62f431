import SAMT
import SAMTTestSupport
import Testing

@Suite struct GradientClippingTests {
  private func parameters(_ gradients: [[Float]]) -> [Parameter] {
    gradients.map { elements in
      let parameter = Parameter("p", shape: [elements.count], initializer: .zeros, isDecayed: true)
      parameter.gradient = Tensor(elements, shape: [elements.count])
      return parameter
    }
  }

  @Test func aJointNormAboveTheLimitIsScaledToIt() {
    // The joint norm of (3, 4) and (12) is 13, and 1.3 / 13 scales by a tenth, rounded once.
    let parameters = parameters([[3, 4], [-12]])
    GradientClipping.norm(1.3).apply(to: parameters)
    let found = parameters.flatMap { $0.gradient.elements }
    for (index, expected) in [Float(0.3), 0.4, -1.2].enumerated() {
      #expect(abs(found[index] - expected) <= 0x1p-22 * abs(expected), "\(index)")
    }
    #expect(found.count == 3)
  }

  @Test(arguments: [Float(13), 14, .infinity]) func aNormWithinTheLimitStays(_ limit: Float) {
    let parameters = parameters([[3, 4], [-12]])
    GradientClipping.norm(limit).apply(to: parameters)
    #expect(parameters.flatMap { $0.gradient.elements } == [3, 4, -12])
  }

  @Test(arguments: [Float.nan, .infinity]) func aNormThatIsNoNumberLeavesAllAsItIs(_ poison: Float) {
    let parameters = parameters([[3, poison], [-12]])
    let before = parameters.map { bits($0.gradient) }
    GradientClipping.norm(1).apply(to: parameters)
    #expect(parameters.map { bits($0.gradient) } == before)
  }

  @Test func valuesAreLimitedOneByOne() {
    let parameters = parameters([[3, -0.5, 0.25], [-12, .infinity, .nan]])
    GradientClipping.value(0.5).apply(to: parameters)
    #expect(parameters[0].gradient.elements == [0.5, -0.5, 0.25])
    let second = parameters[1].gradient.elements
    #expect(second[0] == -0.5 && second[1] == 0.5 && second[2].isNaN)
  }

  @Test(arguments: [
    GradientClipping.norm(-1), .norm(0), .norm(.nan), .value(-1), .value(0), .value(.nan), .value(-.infinity),
  ])
  func limitsThatAreNoneAreRefused(_ clipping: GradientClipping) throws {
    let model = try perceptron([2, 3])
    let algorithm = Backpropagation(try Adam(model.parameters), clipping: clipping)
    let trainer = try Trainer(model: model, algorithm: algorithm)
    let problem = try #require(clipping.problem)
    #expect(throws: SAMTError.configuration(problem)) {
      try trainer.fit(clouds(300, seed: 1), test: clouds(30, seed: 2))
    }
  }

  @Test func aLimitWithoutSenseSaysSo() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      GradientClipping.value(-1).apply(to: [])
    }
    expectMessage(result, "must be positive, found -1.0")
  }

  /// Norms of many elements are summed in double: 2^22 ones have a norm of 2^11 exactly.
  @Test func largeNormsAreExact() {
    let parameter = Parameter("p", shape: [1 << 22], initializer: .zeros, isDecayed: true)
    parameter.gradient = Tensor([Float](repeating: 1, count: 1 << 22), shape: [1 << 22])
    GradientClipping.norm(1024).apply(to: [parameter])
    #expect(parameter.gradient[rows: 0..<3].elements == [0.5, 0.5, 0.5])
  }
}
