import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// One forward and backward pass of whole networks against PyTorch's in double precision, from Golden/architectures.py.
@Suite struct ArchitectureGoldenTests {
  private static let networks: [(String, Int, @Sendable (ConvolutionAlgorithm) throws -> Model)] = [
    ("LeNet-5", 8, { _ in try Model.leNet5() }), ("ResNet-20", 2, { try Model.resNet20(convolution: $0) }),
    ("ResNet-18", 2, { try Model.resNet18(convolution: $0) }),
  ]

  @Test func everyNetworkHasGoldenNumbers() {
    #expect(Set(ArchitectureGoldenTests.networks.map(\.0)) == Set(ArchitectureGolden.networks.keys))
  }

  /// Loss and logits to a ten thousandth, and gradients to as much of their norm, whichever way convolutions go.
  @Test(arguments: networks.indices, [ConvolutionAlgorithm.direct, .winograd])
  func agreesWithPyTorch(index: Int, way: ConvolutionAlgorithm) throws {
    let (name, count, make) = ArchitectureGoldenTests.networks[index]
    let golden = try #require(ArchitectureGolden.networks[name])
    let model = try make(way)
    HashedNumbers.fill(model)
    let executor = ModelExecutor(for: model, batchSize: count)
    executor.load(HashedNumbers.units(model.inputShape.batched(count), stream: golden.stream))
    let labels = (0..<count).map { Int32($0 * 7 % 10) }
    let loss = executor.evaluate(SoftmaxCrossEntropy(), .classes(labels[...]))
    #expect(abs(loss - golden.loss) <= 1e-4 * golden.loss, "\(name): \(loss), not \(golden.loss)")
    let logits = executor.output().elements.map(Double.init)
    #expect(relativeError(logits, golden.logits) <= 1e-4, "\(name)")

    for layer in model.trainableLayers.reversed() { executor.backward(to: layer) }
    try #require(model.parameters.count == golden.gradients.count)
    for (index, parameter) in model.parameters.enumerated() {
      let found = digest(parameter.gradient, stream: UInt32(1 + index))
      let expected = golden.gradients[index]
      try #require(found.count == expected.count)
      // An error as large as a ten thousandth of the norm changes the signed sum by as much, and no entry by more.
      for part in found.indices {
        let error = abs(found[part] - expected[part])
        #expect(
          error <= 1e-4 * expected[0], "\(name), parameter \(index), part \(part): \(found), not \(expected)")
      }
    }
  }

  /// Norm, product with a pattern of signs, and some entries.
  private func digest(_ gradient: Tensor, stream: UInt32) -> [Double] {
    gradient.withSpan { g in
      var (squares, signed) = (0.0, 0.0)
      for i in g.indices {
        let value = Double(g[i])
        squares += value * value
        signed += HashedNumbers.bits(1000 + stream, i) & 1 == 1 ? -value : value
      }
      let entries = (0..<4).map { Double(g[Int(HashedNumbers.bits(2000 + stream, $0)) % g.count]) }
      return [squares.squareRoot(), signed] + entries
    }
  }
}
