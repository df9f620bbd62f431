import Foundation

/// The memory of one or more tensors: 64-byte aligned, its capacity rounded up to whole cache lines.
///
/// From 2 MiB on it begins at a multiple of them and asks Linux for pages of that size. Strided kernels, such as batch
/// normalization, otherwise meet a page of 4 KiB with every run, more of them than the CPU keeps addresses of.
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
    let bytes = 4 * capacity
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: bytes >= Self.largePage ? Self.largePage : 64)
    #if os(Linux)
      // A request that the system may refuse: then pages are small.
      if bytes >= Self.largePage { _ = madvise(memory, bytes / Self.largePage * Self.largePage, Int32(MADV_HUGEPAGE)) }
    #endif
    base = memory.initializeMemory(as: Float.self, repeating: 0, count: capacity)
    owner = .own
  }

  /// Bytes of a large page on x86-64, and on ARM with small ones of 4 KiB.
  private static let largePage = 2 << 20

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
