import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

/// Models that are written, and built again from their files alone.
@Suite struct ModelFileTests {
  private static let models: [(String, @Sendable () throws -> Model)] = [
    ("mlp", { try Model.mlp(inputs: 12, hidden: [7, 5], outputs: 3, inputDropout: 0.1, dropout: 0.5, seed: 3) }),
    ("LeNet-5", { try Model.leNet5(seed: 3) }),
    ("small VGG", { try Model.vggSmall(seed: 3) }),
    ("ResNet-20", { try Model.resNet20(classes: 7, channels: 1, seed: 3) }),
    ("residual connections in every position", { try residualModel() }),
    (
      "every layer",
      {
        try Model(input: [2, 9, 8], seed: 4) {
          Conv2d(
            2, 6, kernelSize: Size2D(3, 2), stride: Size2D(2, 1), padding: Size2D(2, 1), dilation: Size2D(2, 1),
            groups: 2, bias: false, algorithm: .direct, name: "c")
          BatchNorm2d(6, momentum: 0.2, epsilon: 1e-3, affine: false, relu: true)
          LeakyReLU(slope: 0.3)
          MaxPool2d(kernelSize: 3, stride: 1, padding: 1)
          AvgPool2d(kernelSize: Size2D(1, 2))
          Dropout2d(0.25)
          Residual {
            Sequential("named") { GELU() }
          } projection: {
            Sigmoid()
          }
          LayerNorm([5, 4], epsilon: 1e-4)
          GlobalAveragePool()
          BatchNorm1d(6)
          Dropout(0.1)
          Flatten()
          Tanh()
          ReLU()
          Linear(6, 4, bias: false)
        }
      }
    ),
  ]

  private func inputs(_ model: Model, seed: UInt64 = 5) -> Tensor {
    GradientCheck.values(model.inputShape.batched(3), magnitudes: 0...1, seed: seed)
  }

  /// Running statistics that are not those of a new model.
  private func warmUp(_ model: Model) {
    let executor = ModelExecutor(for: model, batchSize: 3)
    executor.load(inputs(model, seed: 9))
    _ = executor.output()
  }

  @Test(arguments: models.indices, [SafetensorsFile.Access.mapped, .copied])
  func aModelIsBuiltAgainFromItsFile(index: Int, access: SafetensorsFile.Access) throws {
    let model = try ModelFileTests.models[index].1()
    warmUp(model)
    model.inputNormalization = ChannelStatistics(means: [0.1, 1.0 / 3], deviations: [0.25, 0.7])
    model.classNames = ["caf\u{e9}", "\"b\""]
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      try model.save(to: path)
      let again = try Model(contentsOf: path, access: access)
      #expect(again.layerNames == model.layerNames && again.inputShape == model.inputShape)
      #expect(again.summary() == model.summary())
      #expect(zip(again.layers, model.layers).allSatisfy { type(of: $0) == type(of: $1) })
      #expect(again.inputNormalization == model.inputNormalization && again.classNames == model.classNames)
      #expect(bits(again(inputs(model))) == bits(model(inputs(model))))
      func weights(_ model: Model) -> State {
        State(of: model).filter { name, _ in !name.hasSuffix("generator") }
      }
      #expect(weights(again).firstDifference(weights(model)) == nil)
      // What was loaded can be trained and saved again.
      warmUp(again)
      try again.save(to: path)
      #expect(weights(try Model(contentsOf: path)).firstDifference(weights(again)) == nil)
    }
  }

  @Test func namesAreThoseOfPyTorch() throws {
    let names = State(of: try Model.resNet18()).names
    for name in [
      "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "bn1.num_batches_tracked",
      "layer1.0.conv1.weight", "layer2.0.downsample.0.weight", "layer2.0.downsample.1.running_var",
      "layer4.1.bn2.bias", "fc.weight", "fc.bias",
    ] { #expect(names.contains(name), "\(name)") }
    // torchvision's resnet18 has 122 entries.
    #expect(names.count == 122)
    #expect(
      State(of: try Model.leNet5()).names.filter { $0.hasSuffix("bias") } == [
        "conv1.bias", "conv2.bias", "fc1.bias", "fc2.bias", "fc3.bias",
      ])
    let generators = State(of: try Model.vggSmall()).names.filter { $0.hasSuffix("generator") }
    #expect(generators == ["classifier.2.generator"])
  }

  private func reason(_ body: () throws -> Void) -> String? {
    do { try body() } catch SAMTError.file(_, let reason) { return reason } catch { return "another error: \(error)" }
    return nil
  }

  @Test func allThatDoesNotFitIsInOneError() throws {
    let model = try Model.mlp(inputs: 12, hidden: [7], outputs: 3, seed: 1)
    let other = try Model.mlp(inputs: 12, hidden: [8, 7], outputs: 3, seed: 2)
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      try other.save(to: path)
      let before = State(of: model)
      let found = try #require(reason { try model.load(from: path) })
      #expect(
        found == "fc1.weight: expected a tensor of shape [7, 12], found a tensor of shape [8, 12]; "
          + "fc1.bias: expected a tensor of shape [7], found a tensor of shape [8]; "
          + "fc2.weight: expected a tensor of shape [3, 7], found a tensor of shape [7, 8]; "
          + "fc2.bias: expected a tensor of shape [3], found a tensor of shape [7]; "
          + "unexpected: fc3.weight; unexpected: fc3.bias")
      #expect(before.firstDifference(State(of: model)) == nil)
      let missing = try #require(reason { try other.load(from: path, renaming: { $0 == "fc2.bias" ? nil : $0 }) })
      #expect(missing == "missing: fc2.bias, a tensor of shape [7]")
      // Not strict, what fits is taken and the rest stays.
      try model.load(
        from: path,
        renaming: { $0.hasPrefix("fc2") ? "fc1" + $0.dropFirst(3) + "x" : $0 == "fc3.bias" ? "fc2.bias" : nil },
        strict: false)
      #expect(model.parameters[3].value.elements == other.parameters[5].value.elements)
      #expect(
        before.filter { name, _ in name != "fc2.bias" }.firstDifference(
          State(of: model).filter { name, _ in name != "fc2.bias" }) == nil)
    }
  }

  @Test func weightsComeUnderOtherNames() throws {
    let model = try Model.mlp(inputs: 4, hidden: [3], outputs: 2, seed: 1)
    let other = try Model(input: [4], seed: 2) {
      Linear(4, 3, name: "0")
      ReLU(name: "1")
      Linear(3, 2, name: "2")
    }
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      try other.save(to: path)
      try model.load(from: path) { "fc\(1 + Int(String($0.prefix(1)))! / 2)" + $0.dropFirst(1) }
      #expect(bits(model(inputs(model))) == bits(other(inputs(model))))
      #expect(throws: SAMTError.configuration("two tensors would be renamed to a")) {
        try model.load(from: path) { _ in "a" }
      }
    }
  }

  /// A layer of a user's own: y = a x, one number a.
  private final class Gain: StorableLayer {
    struct Settings: LayerSettings {
      var initial: Float
      var problem: String? { initial > 0 ? nil : "initial \(initial)" }
    }
    static let typeName = "gain"
    let name: String
    let settings: Settings
    let parameters: [Parameter]

    init(_ settings: Settings, name: String) {
      self.settings = settings
      self.name = name
      parameters = [Parameter("a", shape: [1], initializer: .ones, isDecayed: false)]
    }
    func outputShape(for input: Shape) throws(SAMTError) -> Shape { input }
    func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
      Kernels.copy(input, into: &output)
      Kernels.scale(&output, by: parameters[0].value.elements[0] * settings.initial)
    }
    func inputGradient(
      _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void, into inputGradient: inout Tensor
    ) {}
  }

  @Test func layersOfOnesOwnAreStoredToo() throws {
    let model = try Model(input: [3], seed: 1) {
      Linear(3, 2)
      Gain(Gain.Settings(initial: 2.5), name: "gain")
    }
    model.parameters[2].value = Tensor([3], shape: [1])
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      try model.save(to: path)
      let again = try Model(contentsOf: path, layerTypes: [Gain.self])
      #expect(bits(again(inputs(model))) == bits(model(inputs(model))))
      #expect(reason { _ = try Model(contentsOf: path) } == "architecture: no layer type is called gain")
      try model.load(from: path)
    }
  }

  /// A layer without settings that can be stored: the file is for a model that is there already.
  @Test func withoutAnArchitectureOnlyWeightsAreThere() throws {
    func model() throws -> Model {
      try Model(input: [3], seed: 1) { BrokenLayer(Linear(3, 2), .inputScaled) }
    }
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      try model().save(to: path)
      try model().load(from: path)
      #expect(reason { _ = try Model(contentsOf: path) }?.contains("does not say how the model is built") == true)
    }
  }

  @Test(arguments: [
    (
      #"{"input":[4],"parts":[{"layer":"linear","name":"a","settings":{"inputs":4,"outputs":-1,"bias":true}}]}"#,
      "architecture: a: 4 inputs, -1 outputs"
    ),
    (
      #"{"input":[4],"parts":[{"layer":"linear","name":"a","settings":{"inputs":4,"outputs":2000000000,"bias":true}}]}"#,
      "expected a tensor of shape [2000000000, 4]"
    ),
    (#"{"input":[4,1,1,1],"parts":[]}"#, "expected an input of at most three axes"),
    (#"{"input":[9000000000000000000,9],"parts":[]}"#, "expected an input of at most three axes"),
    (#"{"input":[4]}"#, "no parts at the top"),
    (
      #"{"input":[4],"parts":[{"layer":"linear","name":"a","settings":{"inputs":4,"bias":true}}]}"#,
      "no outputs at parts [0]"
    ),
    (#"{"input":[4],"parts":[{"layer":"what","name":"a","settings":{}}]}"#, "no layer type is called what"),
    (
      #"{"input":[4],"parts":[{"layer":"dropout","name":"a","settings":{"probability":1}}]}"#,
      "probability 1.0 outside 0 ..< 1"
    ),
    (
      #"{"input":[4],"parts":[{"layer":"conv2d","name":"a","settings":{"inputChannels":1,"outputChannels":1,"bias":false,"geometry":{"kernelSize":{"height":1,"width":1},"stride":{"height":0,"width":1},"padding":{"height":0,"width":0},"dilation":{"height":1,"width":1},"groups":1,"algorithm":"direct"}}}]}"#,
      "convolution: kernel 1x1, stride 0x1"
    ),
    ("[", "architecture"), ("", "architecture"),
  ])
  func hostileArchitecturesAreRefused(json: String, part: String) throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      try SafetensorsFile.write(
        [("a.weight", .tensor(Tensor(zeros: [2, 4]))), ("a.bias", .tensor(Tensor(zeros: [2])))],
        metadata: ["samt.architecture": json], to: path)
      let found = try #require(reason { _ = try Model(contentsOf: path) })
      #expect(found.contains(part), "\(found)")
    }
  }

  @Test(arguments: [#"{"means":[1,2],"deviations":[1]}"#, #"{"means":[1]}"#, "[]"])
  func hostileNormalizationsAreRefused(json: String) throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      let relu = #"{"input":[2],"parts":[{"layer":"relu","name":"r","settings":{}}]}"#
      try SafetensorsFile.write(
        [], metadata: ["samt.architecture": relu, "samt.normalization": json], to: path)
      let found = try #require(reason { _ = try Model(contentsOf: path) })
      #expect(found.contains("samt.normalization: expected means and deviations"), "\(found)")
    }
  }

  /// Deep nesting must end in an error, and many layers of one name within a moment.
  @Test func largeArchitecturesDoNotHang() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.safetensors").path
      let deep = #"{"input":[4],"parts":"# + String(repeating: #"[{"sequential":null,"parts":"#, count: 5000)
      try SafetensorsFile.write([], metadata: ["samt.architecture": deep], to: path)
      #expect(reason { _ = try Model(contentsOf: path) } != nil)
      let layer = #"{"layer":"relu","name":"r","settings":{}}"#
      let many = #"{"input":[4],"parts":["# + [String](repeating: layer, count: 20_000).joined(separator: ",") + "]}"
      try SafetensorsFile.write([], metadata: ["samt.architecture": many], to: path)
      #expect(try Model(contentsOf: path).layers.count == 20_000)
      // Each layer's path has the container's name: 2 MB of text would make 25 GB of paths.
      let long = String(repeating: "n", count: 1_000_000)
      let layers = [String](repeating: layer, count: 25_000).joined(separator: ",")
      let named = #"{"input":[4],"parts":[{"sequential":"\#(long)","parts":[\#(layers)]}]}"#
      try SafetensorsFile.write([], metadata: ["samt.architecture": named], to: path)
      #expect(reason { _ = try Model(contentsOf: path) }?.contains("layer paths of at most 1048576 bytes") == true)
    }
  }

  @Test func frozenParametersAreNotTrained() throws {
    let model = try Model.mlp(inputs: 4, hidden: [3, 3], outputs: 2, seed: 1)
    try model.freeze("fc1")
    try model.freeze("fc3.bias")
    #expect(model.trainableParameters.map(\.path) == ["fc2.weight", "fc2.bias", "fc3.weight"])
    #expect(model.blocks.map(\.name) == ["fc2", "fc3"])
    #expect(model.blocks.map { $0.parameters.map(\.path) } == [["fc2.weight", "fc2.bias"], ["fc3.weight"]])
    #expect(throws: SAMTError.self) { try model.freeze("fc") }
    let batch = randomBatch(8, inputs: 4, classes: 2, seed: 1)
    for make: (Model) throws -> any TrainingAlgorithm in [
      { try SAMTOptimizer(for: $0) },
      { Backpropagation(try Adam($0.trainableParameters, weightDecay: 0.1)) },
    ] {
      let before = State(of: model)
      let algorithm = try make(model)
      try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: 1, batchSize: 8), for: model)
      _ = algorithm.step(batch, in: ModelExecutor(for: model, batchSize: 8), loss: SoftmaxCrossEntropy())
      let after = State(of: model)
      let moved = before.names.filter { !before[$0]!.isIdentical(to: after[$0]!) }
      #expect(moved == ["fc2.weight", "fc2.bias", "fc3.weight"])
    }
    let all = Backpropagation(try Adam(model.parameters))
    #expect(throws: SAMTError.configuration("the optimizer moves fc1.weight, which this model does not train")) {
      try all.begin(TrainingPlan(epochs: 1, stepsPerEpoch: 1, batchSize: 8), for: model)
    }
  }

  @Test func anAlgorithmOfAnotherModelIsRefused() throws {
    let (model, other) = (try perceptron([2, 3]), try perceptron([2, 3]))
    for algorithm: any TrainingAlgorithm in [
      Backpropagation(try Adam(other.parameters)), try SAMTOptimizer(for: other),
    ] {
      let trainer = try Trainer(model: model, algorithm: algorithm)
      #expect(throws: SAMTError.self) { try trainer.fit(clouds(300, seed: 1), test: clouds(30, seed: 2)) }
    }
  }

  @Test func checkpointsAreModelFilesToo() throws {
    let model = try Model.mlp(inputs: 2, hidden: [3], outputs: 3, dropout: 0.5, seed: 1)
    let trainer = try Trainer(model: model, algorithm: try SAMTOptimizer(for: model))
    trainer.average = try WeightAverage(of: model.parameters, .exponential(decay: 0.5))
    try trainer.fit(clouds(256, seed: 1), test: clouds(30, seed: 2), epochs: 1)
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("c.safetensors").path
      try trainer.checkpoint(to: path)
      let again = try Model(contentsOf: path)
      #expect(bits(again(inputs(model))) == bits(model(inputs(model))))
      let other = try Model.mlp(inputs: 2, hidden: [3], outputs: 3, seed: 5)
      try other.load(from: path)
      #expect(bits(other(inputs(model))) == bits(model(inputs(model))))
    }
    let clash = try Model(input: [2]) { Linear(2, 2, name: "optimizer") }
    #expect(throws: SAMTError.configuration("a layer cannot be named optimizer: checkpoints use the name")) {
      try Trainer(model: clash, algorithm: SAMTOptimizer(for: clash))
    }
  }
}
