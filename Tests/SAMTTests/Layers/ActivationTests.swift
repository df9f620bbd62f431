import Foundation
import SAMT
import Testing

/// The functions themselves, against double precision; their derivatives are the gradient check's.
@Suite struct ActivationTests {
  struct Function: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let layer: @Sendable () -> any Layer
    let reference: @Sendable (Double) -> Double

    static let all = [
      Function(testDescription: "ReLU", layer: { ReLU() }, reference: { max($0, 0) }),
      Function(
        testDescription: "LeakyReLU", layer: { LeakyReLU(slope: 0.25) }, reference: { $0 > 0 ? $0 : 0.25 * $0 }),
      Function(testDescription: "GELU", layer: { GELU() }, reference: { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }),
      Function(testDescription: "Tanh", layer: { Tanh() }, reference: { tanh($0) }),
      Function(testDescription: "Sigmoid", layer: { Sigmoid() }, reference: { 1 / (1 + exp(-$0)) }),
    ]
  }

  private func applied(_ layer: some Layer, to input: Tensor) -> [Float] {
    var output = Tensor([Float](repeating: .nan, count: input.count), shape: input.shape)
    var saved = layer.makeSaved(for: input.shape)
    layer.forward(input, into: &output, saved: &saved, mode: .training)
    return output.elements
  }

  /// The kernels' own tests bound them tighter; this sees that each layer calls the right one.
  @Test(arguments: Function.all) func values(_ function: Function) {
    let inputs = (-60...60).map { Float($0) / 8 } + [30, -30, 0.001, -0.001]
    let found = applied(function.layer(), to: Tensor(inputs, shape: [5, 25]))
    #expect(found.count == inputs.count)
    for (index, x) in inputs.enumerated() {
      let expected = function.reference(Double(x))
      #expect(abs(Double(found[index]) - expected) <= 1e-6 * max(abs(expected), 0.01), "at \(x)")
    }
  }

  @Test(arguments: Function.all) func notANumberStays(_ function: Function) {
    #expect(applied(function.layer(), to: Tensor([.nan], shape: [1]))[0].isNaN)
  }

  @Test func flattenCopiesInOrder() {
    let input = Tensor((0..<24).map(Float.init), shape: [2, 3, 2, 2])
    #expect(applied(Flatten(), to: input) == input.elements)
  }
}
