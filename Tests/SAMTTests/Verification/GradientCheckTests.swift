import SAMT
import SAMTTestSupport
import Testing

/// A layer with values that make its gradient check meaningful, and smooth where it has kinks.
struct LayerCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let input: Shape
  /// Whether the values in any window of 3 x 3 must be further apart than four steps.
  let isSpread: Bool
  let make: @Sendable () -> any Layer

  static let all: [LayerCase] = [
    LayerCase(testDescription: "Linear", input: [4, 7]) { Linear(7, 5) },
    LayerCase(testDescription: "Linear, one example", input: [1, 3]) { Linear(3, 1) },
    LayerCase(testDescription: "Linear without bias", input: [3, 6]) { Linear(6, 4, bias: false) },
    LayerCase(testDescription: "ReLU", input: [5, 9]) { ReLU() },
    LayerCase(testDescription: "LeakyReLU", input: [5, 9]) { LeakyReLU(slope: 0.2) },
    LayerCase(testDescription: "GELU", input: [5, 9]) { GELU() },
    LayerCase(testDescription: "Tanh", input: [5, 9]) { Tanh() },
    LayerCase(testDescription: "Sigmoid", input: [5, 9]) { Sigmoid() },
    LayerCase(testDescription: "Flatten", input: [2, 3, 2, 2]) { Flatten() },
    LayerCase(testDescription: "Dropout", input: [6, 8]) { Dropout(0.4) },
    LayerCase(testDescription: "Dropout2d", input: [4, 5, 2, 2]) { Dropout2d(0.4) },
    LayerCase(testDescription: "Conv2d", input: [2, 2, 4, 5]) { Conv2d(2, 3, kernelSize: 3, padding: 1) },
    LayerCase(testDescription: "Conv2d, strided, without bias", input: [2, 2, 5, 4]) {
      Conv2d(2, 2, kernelSize: Size2D(3, 2), stride: Size2D(2, 1), padding: Size2D(1, 0), bias: false)
    },
    LayerCase(testDescription: "Conv2d, dilated, grouped", input: [1, 4, 5, 5]) {
      Conv2d(4, 6, kernelSize: 2, padding: 1, dilation: 2, groups: 2)
    },
    LayerCase(testDescription: "MaxPool2d", input: [2, 2, 4, 5], isSpread: true) { MaxPool2d(kernelSize: 2) },
    LayerCase(testDescription: "MaxPool2d, overlapping", input: [1, 2, 5, 6], isSpread: true) {
      MaxPool2d(kernelSize: 3, stride: 2, padding: 1)
    },
    LayerCase(testDescription: "AvgPool2d", input: [2, 2, 4, 4]) { AvgPool2d(kernelSize: 2) },
    LayerCase(testDescription: "AvgPool2d, overlapping", input: [1, 2, 5, 4]) {
      AvgPool2d(kernelSize: Size2D(3, 2), stride: Size2D(2, 1), padding: 1)
    },
    LayerCase(testDescription: "GlobalAveragePool", input: [2, 3, 4, 3]) { GlobalAveragePool() },
    LayerCase(testDescription: "BatchNorm2d", input: [4, 3, 2, 3]) { BatchNorm2d(3) },
    LayerCase(testDescription: "BatchNorm1d", input: [8, 5]) { BatchNorm1d(5) },
    LayerCase(testDescription: "BatchNorm1d, sequences", input: [3, 2, 5]) { BatchNorm1d(2) },
    LayerCase(testDescription: "BatchNorm2d, not affine", input: [4, 2, 2, 2]) { BatchNorm2d(2, affine: false) },
    LayerCase(testDescription: "LayerNorm", input: [4, 9]) { LayerNorm(9) },
    LayerCase(testDescription: "LayerNorm, two axes", input: [3, 2, 2, 4]) { LayerNorm([2, 4]) },
  ]

  init(
    testDescription: String, input: Shape, isSpread: Bool = false, make: @escaping @Sendable () -> any Layer
  ) {
    self.testDescription = testDescription
    self.input = input
    self.isSpread = isSpread
    self.make = make
  }

  /// Every layer with every fault that it can have.
  static let brokenTwins: [(LayerCase, BackwardFault)] = all.flatMap { layer in
    BackwardFault.allCases.filter { !$0.needsParameters || !layer.make().parameters.isEmpty }.map { (layer, $0) }
  }

  /// A layer initialized from a fixed seed.
  func layer() -> any Layer {
    let layer = make()
    var generator = Generator(seed: 3)
    layer.initialize(using: &generator)
    return layer
  }

  /// Magnitudes from 0.1 on are further from a kink at 0 than two steps of 1/32.
  var values: Tensor {
    guard isSpread else { return GradientCheck.values(input, magnitudes: 0.1...1.5, seed: 4) }
    // Nine levels, each once in a window; planes begin at different ones.
    let elements = (0..<input.count).map { index in
      let (plane, h, w) = (
        index / (input[2] * input[3]), index / input[3] % input[2], index % input[3]
      )
      return Float((3 * (h % 3) + w % 3 + 4 * plane) % 9 - 4) * 0.25
    }
    return Tensor(elements, shape: input)
  }
}

private func breaking(_ layer: some Layer, _ fault: BackwardFault) -> any Layer { BrokenLayer(layer, fault) }

@Suite struct GradientCheckTests {
  @Test(arguments: LayerCase.all) func layersAreRight(_ layer: LayerCase) throws {
    let result = try GradientCheck().check(layer.layer(), input: layer.values)
    // Rounding explains 2e-6 |y|, and |y| stays below 5 here; three times that.
    #expect(result.passes(tolerance: 3e-5), "\(result)")
    #expect(result.tensors.map(\.name) == ["input"] + layer.layer().parameters.map(\.name))
  }

  @Test(arguments: LayerCase.brokenTwins)
  func brokenTwinsAreCaught(_ layer: LayerCase, _ fault: BackwardFault) throws {
    let healthy = layer.layer()
    let result = try GradientCheck().check(breaking(healthy, fault), input: layer.values)
    #expect(!result.passes(), "\(fault) passed: \(result)")
    let faulty =
      switch fault {
      case .inputScaled, .inputNegated, .inputEntryMissing: "input"
      case .weightScaled, .parametersAdded: "weight"
      case .lastParameterMissing: healthy.parameters[healthy.parameters.count - 1].name
      }
    #expect(result.worst.name == faulty, "\(fault): \(result)")
  }

  @Test func theWorstEntryIsNamed() throws {
    let result = try GradientCheck().check(
      breaking(LayerCase.all[0].layer(), .inputEntryMissing), input: LayerCase.all[0].values)
    #expect(result.worst.relativeError == .infinity)
    #expect(result.worst.worstIndex == [3, 6])
    #expect(result.worst.analytic.isNaN && result.worst.numeric.isFinite)
    #expect("\(result)".contains("input[3, 6]"), "\(result)")
  }

  @Test func aCheckOfZerosFails() throws {
    // Not initialized, so the weights are zeros and so is the input's gradient.
    let result = try GradientCheck().check(Linear(3, 2), input: GradientCheck.values([2, 3], seed: 1))
    #expect(result.tensors[0].isVacuous)
    #expect(!result.passes())
  }

  @Test func largeTensorsAreSampled() throws {
    var check = GradientCheck()
    check.entriesPerTensor = 10
    let result = try check.check(LayerCase.all[0].layer(), input: LayerCase.all[0].values)
    #expect(result.tensors.map(\.entries) == [10, 10, 5])
    #expect(result.passes(), "\(result)")
  }

  @Test func valuesStandAsBefore() throws {
    let layer = Linear(7, 5)
    var generator = Generator(seed: 3)
    layer.initialize(using: &generator)
    let before = layer.parameters.map { bits($0.value) }
    let input = LayerCase.all[0].values
    let inputBefore = bits(input)
    _ = try GradientCheck().check(layer, input: input)
    #expect(layer.parameters.map { bits($0.value) } == before)
    #expect(bits(input) == inputBefore)
  }

  @Test func valuesKeepTheirDistanceFromZero() {
    let values = GradientCheck.values([1000], magnitudes: 0.25...0.5, seed: 1).elements
    #expect(values.allSatisfy { abs($0) >= 0.25 && abs($0) <= 0.5 })
    // Half are negative: five standard deviations of sqrt(1000) / 2.
    #expect(abs(values.count { $0 < 0 } - 500) <= 80)
  }

  @Test func aLayerThatRefusesItsInputThrows() {
    #expect(throws: SAMTError.shape(layer: "linear", expected: "[*, 7]", found: [4, 8])) {
      try GradientCheck().check(Linear(7, 5), input: Tensor(zeros: [4, 8]))
    }
  }
}
