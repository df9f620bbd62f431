import SAMT
import SAMTTestSupport
import Testing

@Suite struct ArchitectureTests {
  @Test func leNet5() throws {
    let model = try Model.leNet5()
    #expect(model.inputShape == [1, 28, 28] && model.outputShape == [10])
    // 6 (25 + 1) + 16 (150 + 1) + 120 (400 + 1) + 84 (120 + 1) + 10 (84 + 1)
    #expect(model.parameters.reduce(0) { $0 + $1.value.count } == 61_706)
    // Twice the products, and the biases: 4704 (51) + 1600 (301) + 120 (801) + 84 (241) + 10 (169)
    #expect(model.operations == 839_558)
  }

  /// ResNet-20 has 269,722 parameters with shortcuts that have none; the projections and their normalizations add
  /// 512 + 64 and 2048 + 128.
  @Test func resNets() throws {
    let (small, large) = (try Model.resNet20(), try Model.resNet18())
    #expect(small.parameters.reduce(0) { $0 + $1.value.count } == 269_722 + 576 + 2176)
    #expect(large.parameters.reduce(0) { $0 + $1.value.count } == 11_173_962)
    #expect(small.layerNames.prefix(4) == ["conv1", "bn1", "layer1.0.conv1", "layer1.0.bn1"])
    #expect(small.layerNames.contains("layer2.0.downsample.0") && small.layerNames.contains("layer3.2.conv2"))
    #expect(small.layerNames.last == "fc")
    #expect(small.layers.count { $0 is Conv2d } == 21 && large.layers.count { $0 is Conv2d } == 20)
    #expect(small.outputShape == [10] && large.outputShape == [10])
  }

  @Test func vggSmall() throws {
    let model = try Model.vggSmall(classes: 100, channels: 1)
    #expect(model.inputShape == [1, 32, 32] && model.outputShape == [100])
    #expect(model.layers.count { $0 is Conv2d } == 6)
    let loss = SoftmaxCrossEntropy()
    let executor = ModelExecutor(for: model, batchSize: 10)
    let inputs = GradientCheck.values([10, 1, 32, 32], magnitudes: 0...1, seed: 1)
    let batch = Batch(inputs: inputs, targets: .classes((0..<10).map { Int32($0 * 11) }[...]))
    let algorithm = Backpropagation(try Adam(model.parameters))
    let losses = (0..<8).map { _ in algorithm.step(batch, in: executor, loss: loss).loss }
    #expect(losses[7] < losses[0] / 2, "\(losses)")
  }

  @Test(arguments: [false, true]) func smallCNN(batchNorm: Bool) throws {
    let model = try Model.smallCNN(batchNorm: batchNorm)
    #expect(model.inputShape == [3, 32, 32] && model.outputShape == [10])
    // Kernels, then biases or each channel's gamma and beta, then 1024 inputs of the last layer.
    let edges = 16 + 32 + 64
    #expect(
      model.parameters.reduce(0) { $0 + $1.value.count }
        == 9 * (3 * 16 + 16 * 32 + 32 * 64) + (batchNorm ? 2 : 1) * edges + 10 * 1025)
    #expect(model.layerNames.first == "conv1" && model.layerNames.contains("relu3") && model.layerNames.last == "fc")
    #expect(model.layerNames.contains("norm2") == batchNorm)
    #expect(try Model.smallCNN(classes: 3, channels: 1, widths: [4, 5, 6, 7, 8]).outputShape == [3])
    for widths in [[], [4, 0], [1, 1, 1, 1, 1, 1]] {
      #expect(throws: SAMTError.self) { try Model.smallCNN(widths: widths) }
    }
  }

  @Test(arguments: [(0, 3), (10, 0)]) func nonsenseThrows(classes: Int, channels: Int) {
    #expect(throws: SAMTError.self) { try Model.leNet5(classes: classes, channels: channels) }
    #expect(throws: SAMTError.self) { try Model.smallCNN(classes: classes, channels: channels) }
    #expect(throws: SAMTError.self) { try Model.vggSmall(classes: classes, channels: channels) }
    #expect(throws: SAMTError.self) { try Model.resNet20(classes: classes, channels: channels) }
    #expect(throws: SAMTError.self) { try Model.resNet18(classes: classes, channels: channels) }
  }

  @Test func aSummaryIsATable() throws {
    let model = try Model(input: [1, 6, 6]) {
      Sequential("a") {
        Conv2d(1, 2, kernelSize: 3)
        ReLU()
      }
      Flatten()
      Linear(32, 50, bias: false)
    }
    #expect(
      model.summary() == """
        layer    output  parameters  operations
        a.conv    2x4x4          20         608
        a.relu    2x4x4           0           0
        flatten      32           0           0
        linear       50       1,600       3,200
        total                 1,620       3,808
        """)
  }

  /// One sweep over a network's stages, and over all of its layers.
  @Test(arguments: [BlockGrouping.perStage, .perLayer]) func samtTrainsAResNet(_ blocks: BlockGrouping) throws {
    let model = try Model.resNet20(seed: 3)
    var configuration = SAMTOptimizer.Configuration()
    configuration.blocks = blocks
    configuration.blocksPerBatch = blocks == .perStage ? nil : 4
    let samt = try SAMTOptimizer(for: model, configuration)
    #expect(samt.blockReports.map(\.name) == model.trainableLayers.map { model.layerNames[$0] })
    let inputs = GradientCheck.values([4, 3, 32, 32], magnitudes: 0...1, seed: 1)
    let executor = ModelExecutor(for: model, batchSize: 4)
    let batch = Batch(inputs: inputs, targets: .classes([0, 1, 2, 3]))
    let losses = (0..<4).map { _ in samt.step(batch, in: executor, loss: SoftmaxCrossEntropy()).loss }
    #expect(losses[3] < losses[0], "\(losses)")
  }
}
