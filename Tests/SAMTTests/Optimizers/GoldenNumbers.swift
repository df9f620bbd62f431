import Foundation
import SAMT

/// scale sin(0.37 i^2 + phase) + addend, i counting from 1: the formula from which the scripts that write golden values
/// of optimizers make their inputs, too.
func goldenNumbers(_ shape: Shape, phase: Double, scale: Double, addend: Float = 0) -> Tensor {
  Tensor((1...shape.count).map { Float(scale * sin(0.37 * Double($0) * Double($0) + phase)) + addend }, shape: shape)
}
