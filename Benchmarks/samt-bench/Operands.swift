import CKernels
import Foundation

/// Half the distance from 1 to the next float: the largest relative error of one rounded operation.
let rounding = 0x1p-24

/// Memory for a kernel to work on, aligned as tensors are.
final class Operand<Element> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(_ count: Int, repeating value: Element) {
    self.count = count
    base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Element>.stride, alignment: 64)
      .initializeMemory(as: Element.self, repeating: value, count: count)
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  subscript(index: Int) -> Element { base[index] }

  func fill(_ value: Element) { base.update(repeating: value, count: count) }

  /// The elements as they are now.
  func copy() -> Operand {
    let copy = Operand(count, repeating: base[0])
    copy.base.update(from: base, count: count)
    return copy
  }
}

typealias Floats = Operand<Float>

extension Operand<Float> {
  /// A prime, so that no kernel's blocks can fall in step with it.
  private static var period: Int { 65521 }

  /// `count` floats made of random numbers in 0 ..< 1, which repeat after many.
  convenience init(_ count: Int, seed: UInt64, _ make: (Float) -> Float = { 2 * $0 - 1 }) {
    self.init(count, repeating: .nan)
    fill(seed: seed, make)
  }

  func fill(seed: UInt64, _ make: (Float) -> Float = { 2 * $0 - 1 }) {
    var filled = min(count, Floats.period)
    ck_uniform(ck_active(), seed, 0, 0, filled, base)
    for i in 0..<filled { base[i] = make(base[i]) }
    while filled < count {
      let next = min(filled, count - filled)
      (base + filled).update(from: base, count: next)
      filled += next
    }
  }
}

/// One of the seven whole numbers from -3 on, given a random number in 0 ..< 1.
func smallInteger(_ x: Float) -> Float { (7 * x).rounded(.down) - 3 }

/// Compares numbers with what they should be; the first that is off, or nil.
///
/// Looks at all of them, or at a hundred thousand spread over them where there are more than half a million.
func firstMismatch(
  _ what: String, _ count: Int, got: (Int) -> Double, wanted: (Int) -> (value: Double, bound: Double)
) -> String? {
  let stride = count > 500_000 ? count / 100_000 | 1 : 1
  for i in Swift.stride(from: count - 1, through: 0, by: -stride) {
    let (value, bound) = wanted(i)
    // Written so that a NaN fails.
    guard abs(got(i) - value) <= bound else {
      return "\(what)[\(i)] is \(got(i)), expected \(value) within \(bound)"
    }
  }
  return nil
}
