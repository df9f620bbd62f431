import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct BatchBuffersTests {
  private func count(_ buffers: [Buffer]) -> Int {
    Set(buffers.filter { $0.tensor.count > 0 }.map { ObjectIdentifier($0) }).count
  }

  /// The loss's gradient, and two that change places, whatever the length; outputs are all kept in training.
  @Test(arguments: [4, 5, 12]) func aChainNeedsThreeGradients(layers: Int) throws {
    let model = try perceptron([Int](repeating: 3, count: layers + 1))
    let training = BatchBuffers(for: model, batchSize: 2, mode: .training)
    #expect(count(training.gradients) == 3)
    #expect(count(training.outputs) == model.layers.count)
    let inference = BatchBuffers(for: model, batchSize: 2, mode: .inference)
    #expect(count(inference.outputs) == 3)
    #expect(count(inference.gradients) == 1)
  }

  /// In ResNet-20 a ReLU follows each of the nine sums, and the next block reads that alone.
  @Test(arguments: [Mode.training, .inference]) func aReLUSharesTheBufferOfItsSum(mode: Mode) throws {
    let model = try Model.resNet20()
    let buffers = BatchBuffers(for: model, batchSize: 1, mode: mode)
    #expect(buffers.isRectified.filter { $0 }.count == 9)
    for node in model.graph.nodes.indices where buffers.isRectified[node] {
      #expect(buffers.outputs[node] === buffers.outputs[node + 1])
    }
    let residual = try BatchBuffers(for: residualModel(), batchSize: 1, mode: mode)
    #expect(!residual.isRectified.contains(true))
  }

  /// No gradient's buffer is given to another node before the first has been passed down.
  @Test func gradientsLastUntilTheyWerePassedDown() throws {
    for model in [try residualModel(), try Model.resNet20()] {
      let buffers = BatchBuffers(for: model, batchSize: 1, mode: .training)
      let graph = model.graph
      for node in graph.nodes.indices.dropFirst() {
        let lowest = graph.lowestSource(of: node)
        #expect(buffers.gradientLasts[node] <= lowest)
        for other in max(lowest, 1)..<node where buffers.gradients[other] === buffers.gradients[node] {
          #expect(graph.gradientOwners[other] == graph.gradientOwners[node], "\(other), \(node)")
        }
      }
      #expect(count(buffers.gradients) < model.layers.count / 2)
    }
  }
}
