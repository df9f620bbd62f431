import Foundation
import SAMT

/// Numbers that Golden/architectures.py computes, too: functions of a stream and an index.
package enum HashedNumbers {
  /// 32 bits for an index.
  package static func bits(_ stream: UInt32, _ index: Int) -> UInt32 {
    var x = UInt32(truncatingIfNeeded: index) &+ 0x9E37_79B9 &* stream
    x = (x ^ x &>> 16) &* 0x7FEB_352D
    x = (x ^ x &>> 15) &* 0x846C_A68B
    return x ^ x &>> 16
  }

  /// A number in -1 ..< 1 that single precision has.
  package static func unit(_ stream: UInt32, _ index: Int) -> Float { Float(bits(stream, index) >> 8) * 0x1p-23 - 1 }

  /// Such numbers.
  package static func units(_ shape: Shape, stream: UInt32) -> Tensor {
    var tensor = Tensor(zeros: shape)
    fill(&tensor, stream: stream, factor: 1, addend: 0)
    return tensor
  }

  /// Gives a model's parameters values that keep a signal's size: weights near +-sqrt(6 / inputs), a normalization's
  /// factors around 1.
  package static func fill(_ model: Model) {
    for (index, parameter) in model.parameters.enumerated() {
      let shape = parameter.value.shape
      let power = (0.5 * log2(6 / Double(shape.elementsPerRow))).rounded()
      let (factor, addend): (Float, Float) =
        parameter.name == "bias" ? (0.25, 0) : shape.rank == 1 ? (0.5, 1) : (Float(exp2(power)), 0)
      fill(&parameter.value, stream: UInt32(1 + index), factor: factor, addend: addend)
    }
  }

  /// Factors are powers of two, so a sum with 1 is all that is rounded.
  private static func fill(_ tensor: inout Tensor, stream: UInt32, factor: Float, addend: Float) {
    tensor.withMutableSpan { span in
      for i in span.indices { span[i] = factor * unit(stream, i) + addend }
    }
  }
}
