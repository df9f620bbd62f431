import SAMT
import SAMTTestSupport
import Testing

@Suite struct ModelTests {
  @Test func equalNamesAreNumbered() throws {
    let model = try Model(input: [4]) {
      Linear(4, 4)
      ReLU()
      Linear(4, 4)
      ReLU()
      Linear(4, 2, name: "head")
    }
    #expect(model.layerNames == ["linear1", "relu1", "linear2", "relu2", "head"])
    #expect(model.trainableLayers == [0, 2, 4])
    #expect(model.inputShape == [4] && model.outputShape == [2])
    #expect(model.parameters.map(\.name) == ["weight", "bias", "weight", "bias", "weight", "bias"])
    #expect(model.parameters[2] === (model.layers[2] as? Linear)?.weight)
  }

  /// Names identify blocks, so numbering must not make a name that is there already.
  @Test func numberedNamesAreUnique() throws {
    let model = try Model(input: [4]) {
      Linear(4, 4, name: "linear1")
      Linear(4, 4)
      Linear(4, 4)
    }
    #expect(Set(model.layerNames).count == 3, "\(model.layerNames)")
    #expect(model.layerNames[0] == "linear1")
  }

  @Test func shapeErrorsNameTheNumberedLayer() {
    #expect(throws: SAMTError.shape(layer: "linear2", expected: "[*, 5]", found: [1, 4])) {
      try Model(input: [3]) {
        Linear(3, 4)
        ReLU()
        Linear(5, 2)
      }
    }
    #expect(throws: SAMTError.shape(layer: "linear", expected: "[*, 784]", found: [1, 1, 28, 28])) {
      try Model(input: [1, 28, 28]) { Linear(784, 10) }
    }
  }

  @Test func aModelNeedsLayersAndAtMostThreeAxes() {
    #expect(throws: SAMTError.configuration("a model needs at least one layer")) { try Model(input: [3]) {} }
    #expect(throws: SAMTError.configuration("an input has at most three axes, found [1, 2, 3, 4]")) {
      try Model(input: [1, 2, 3, 4]) { Flatten() }
    }
  }

  @Test func parametersCannotBeShared() throws {
    let (linear, rectifier) = (Linear(4, 4), ReLU())
    let error = #expect(throws: SAMTError.self) {
      try Model(input: [4]) {
        linear
        rectifier
        linear
      }
    }
    guard case .configuration(let problem) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problem.contains("share parameters"))
    let model = try Model(input: [4]) {
      rectifier
      linear
      rectifier
    }
    #expect(model.layerNames == ["relu1", "linear", "relu2"])
  }

  @Test func flattenMakesRoomForImages() throws {
    let model = try Model(input: [1, 28, 28]) {
      Flatten()
      Linear(784, 10)
    }
    #expect(model.outputShape == [10])
    #expect(model(Tensor(zeros: [3, 1, 28, 28])).shape == [3, 10])
  }

  @Test func seedsDecideTheParameters() throws {
    let model = try perceptron([6, 5, 4], seed: 1)
    #expect(firstDifference(model, try perceptron([6, 5, 4], seed: 1)) == nil)
    #expect(firstDifference(model, try perceptron([6, 5, 4], seed: 2)) != nil)
    // Layers draw from streams of their own: equal shapes get unequal values.
    let twins = try Model(input: [4], seed: 1) {
      Linear(4, 4)
      Linear(4, 4)
    }
    #expect(bits(twins.parameters[0].value) != bits(twins.parameters[2].value))
  }

  @Test func loopsAndConditionsBuildLayers() throws {
    for isDeep in [false, true] {
      let model = try Model(input: [3]) {
        if isDeep { for _ in 0..<3 { Linear(3, 3) } }
        if isDeep { ReLU() } else { Tanh() }
      }
      #expect(model.layerNames == (isDeep ? ["linear1", "linear2", "linear3", "relu"] : ["tanh"]))
    }
  }

  /// Each output is computed from its own row alone, so batches may be cut anywhere.
  @Test func rowsAreIndependent() throws {
    let model = try perceptron([6, 9, 4])
    let inputs = GradientCheck.values([7, 6], seed: 1)
    let all = model(inputs)
    for i in 0..<7 {
      let alone = model(inputs[rows: i..<i + 1])
      // Sums of nine products, perhaps in another order.
      for (found, expected) in zip(alone.elements, all[rows: i..<i + 1].elements) {
        #expect(abs(found - expected) <= 1e-6)
      }
      #expect(alone.shape == [1, 4])
    }
  }

  @Test func outputsAreThoseOfTheReference() throws {
    let model = try perceptron([5, 7, 6, 3], relu: false)
    let batch = randomBatch(8, inputs: 5, classes: 3, seed: 4)
    let reference = ReferenceNetwork(
      blocks: (0..<3).map { Matrix(model.parameters[2 * $0].value).joined(Matrix(model.parameters[2 * $0 + 1].value)) },
      inputs: Matrix(batch.inputs), labels: (0..<8).map { $0 % 3 })
    let executor = ModelExecutor(for: model, batchSize: 8)
    executor.load(batch.inputs)
    #expect(abs(executor.evaluate(SoftmaxCrossEntropy(), batch.targets) - reference.loss) <= 1e-6)
    for block in (0..<3).reversed() {
      executor.backward(to: model.trainableLayers[block])
      let found = Matrix(model.parameters[2 * block].gradient).joined(Matrix(model.parameters[2 * block + 1].gradient))
      // Some thirty products summed in single precision, twice.
      #expect(relativeError(found.elements, reference.gradient(block).elements) <= 1e-5, "block \(block)")
    }
  }
}
