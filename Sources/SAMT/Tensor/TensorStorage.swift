/// The memory of one or more tensors: 64-byte aligned, its capacity rounded up to whole cache lines.
///
/// Sendable because it is written only while one tensor alone holds it, and then through `inout`.
final class TensorStorage: @unchecked Sendable {
  private enum Owner {
    case own
    case adopted(readOnly: Bool, release: @Sendable (UnsafeMutablePointer<Float>) -> Void)
  }

  let base: UnsafeMutablePointer<Float>
  let capacity: Int
  private let owner: Owner

  /// Zeroed memory for `count` floats.
  init(count: Int) {
    capacity = (max(count, 1) + 15) & ~15
    base = UnsafeMutableRawPointer.allocate(byteCount: 4 * capacity, alignment: 64)
      .initializeMemory(as: Float.self, repeating: 0, count: capacity)
    owner = .own
  }

  /// Memory that lives elsewhere, such as a mapped file; `release` is called with `base` when the last tensor lets go of it.
  init(
    adopting base: UnsafeMutablePointer<Float>, count: Int, readOnly: Bool,
    release: @escaping @Sendable (UnsafeMutablePointer<Float>) -> Void
  ) {
    self.base = base
    capacity = count
    owner = .adopted(readOnly: readOnly, release: release)
  }

  var isReadOnly: Bool { if case .adopted(true, _) = owner { true } else { false } }

  deinit {
    switch owner {
    case .own: UnsafeMutableRawPointer(base).deallocate()
    case .adopted(_, let release): release(base)
    }
  }
}
