import CKernels

/// The numerical kernels, on tensors: shapes are checked here, then C does the work.
///
/// Outputs are `inout`, so an output never aliases an input and nothing is allocated. Shape mismatches trap with both
/// shapes in the message.
public enum Kernels {
  static var table: OpaquePointer { ck_active() }

  /// Traps unless `found` is `expected`.
  static func require(_ found: Shape, _ expected: Shape, _ operand: StaticString) {
    ensure(found == expected, "\(operand): expected shape \(expected), found \(found)")
  }

  /// Traps unless both hold equally many elements.
  static func requireCount(_ found: Tensor, _ expected: Tensor, _ operand: StaticString) {
    ensure(
      found.count == expected.count, "\(operand): expected as many elements as \(expected.shape), found \(found.shape)")
  }
}
