import SAMT
import Testing

@Suite struct LayerShapeTests {
  @Test func linear() throws {
    let layer = Linear(7, 5, name: "fc")
    #expect(try layer.outputShape(for: [3, 7]) == [3, 5])
    #expect(layer.weight.shape == [5, 7])
    #expect(layer.bias?.shape == [5])
    #expect(layer.parameters.map(\.name) == ["weight", "bias"])
    #expect(layer.parameters.map(\.isDecayed) == [true, false])
    #expect(Linear(7, 5, bias: false).parameters.map(\.name) == ["weight"])
  }

  @Test(arguments: [[3, 6], [3], [3, 7, 1], [3, 1, 7]]) func linearRefusesOtherShapes(_ lengths: [Int]) {
    let shape = Shape(lengths)
    #expect(throws: SAMTError.shape(layer: "fc", expected: "[*, 7]", found: shape)) {
      try Linear(7, 5, name: "fc").outputShape(for: shape)
    }
  }

  @Test func flatten() throws {
    #expect(try Flatten().outputShape(for: [3, 2, 4, 5]) == [3, 40])
    #expect(try Flatten().outputShape(for: [3, 7]) == [3, 7])
    #expect(try Flatten().outputShape(for: [3]) == [3, 1])
    #expect(throws: SAMTError.shape(layer: "flat", expected: "[*, ...]", found: [])) {
      try Flatten(name: "flat").outputShape(for: [])
    }
  }

  @Test func elementwiseLayersKeepTheShape() throws {
    let layers: [any Layer] = [ReLU(), LeakyReLU(), GELU(), Tanh(), Sigmoid(), Dropout(0.5)]
    for layer in layers {
      #expect(try layer.outputShape(for: [2, 3, 4]) == [2, 3, 4], "\(layer.name)")
      #expect(layer.parameters.isEmpty)
    }
    #expect(layers.map(\.name) == ["relu", "leakyReLU", "gelu", "tanh", "sigmoid", "dropout"])
  }

  @Test func errorsSayWhatWhereAndWhatWasExpected() {
    let error = SAMTError.shape(layer: "conv2", expected: "[*, 32, 14, 14]", found: [128, 32, 7, 7])
    #expect("\(error)" == "conv2: expected [*, 32, 14, 14], found [128, 32, 7, 7]")
  }

  /// W and b start uniform in +-1 / sqrt(inputs).
  @Test func linearStartsAsPyTorchs() {
    let layer = Linear(400, 300)
    var generator = Generator(seed: 1)
    layer.initialize(using: &generator)
    let weights = layer.weight.value.elements
    #expect(weights.allSatisfy { abs($0) <= 0.05 })
    #expect(weights.max()! > 0.0499 && weights.min()! < -0.0499)
    #expect(layer.bias!.value.elements.allSatisfy { abs($0) <= 0.05 })
    #expect(Set(layer.bias!.value.elements).count > 290)
  }

  @Test func nonsenseTraps() async {
    await #expect(processExitsWith: .failure) { _ = Linear(0, 5) }
    await #expect(processExitsWith: .failure) { _ = Linear(5, -1) }
    await #expect(processExitsWith: .failure) { _ = Dropout(1) }
    await #expect(processExitsWith: .failure) { _ = Dropout(-0.1) }
    await #expect(processExitsWith: .failure) { _ = Dropout(.nan) }
  }
}
