import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct RandomStreamTests {
  @Test func noTwoPurposesShareAStream() {
    var streams: [RandomStream] = [
      .blockOrder, .checkedValues, .checkedWeights, .checkedEntries, .testSplit, .split,
    ]
    let edges = [0, 1, 2, 3, 1000, Int(UInt32.max) - 1, Int(UInt32.max)]
    for index in edges {
      streams += [.layer(index), .etaModel(layer: index)]
      streams += [.exampleOrder(epoch: index + 1), .augmentation(epoch: index + 1)].prefix(index < 1 << 30 ? 2 : 0)
      for dataset in [BuiltInDigits.streams, BuiltInShapes.streams] {
        for split in [Split.training, .test] {
          streams += [.builtInLabels(dataset, split, block: index), .builtInImage(dataset, split, index: index)]
        }
      }
    }
    #expect(Set(streams.map(\.number)).count == streams.count)
  }

  /// An eta model that drew from its layer's own stream would begin with the numbers of the layer's weights.
  @Test func etaModelsDrawNothingThatTheirLayersDrew() throws {
    let model = try perceptron([4, 5, 3], seed: 7)
    var configuration = SAMTOptimizer.Configuration()
    configuration.seed = 7
    let blocks = try SAMTOptimizer(for: model, configuration).blocks
    for block in blocks {
      for layer in model.layers.indices {
        var generator = Generator(seed: 7, for: .layer(layer))
        let eta = EtaModel(
          outputs: 1, hidden: 16, learningRate: 1e-3, initialP: 0, initialQ: 0, using: &generator)
        #expect(block.eta.parameters[..<80] != eta.parameters[..<80], "\(block.name), layer \(layer)")
      }
    }
  }

  /// The weights of a check's objective are no copy of an input that was drawn with the same seed, nor of weights.
  @Test func checksDrawNothingThatLayersDrew() {
    let values = GradientCheck.values([8], seed: 3)
    var generator = Generator(seed: 3, for: .layer(0))
    let drawn: [Float] = (0..<8).map { _ in
      let sign: Float = generator.uniform() < 0.5 ? -1 : 1
      return sign * (0.1 + (1 - 0.1) * Float(generator.uniform()))
    }
    #expect(values.elements != drawn)
  }
}
