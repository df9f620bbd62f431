/// A sum of vectors in a fixed binary tree: neighbours first, then neighbouring sums, an odd one waiting.
///
/// The vectors come one after the other, and no more than one sum of each power of two is held: that of 13 vectors holds
/// the sums of the first eight, the next four and the last. A sum over 2^k neighbours is the same wherever they stand,
/// which is why ranks can make theirs apart.
struct PairwiseSum {
  /// Behind ``add(_:)`` of the last vector, the sum.
  let incoming = Buffer([0])
  /// Sums of as many vectors as powers of two.
  private let partials: [Buffer]
  private let vectors: Int
  private var added = 0

  /// Sums of `vectors` vectors, at least one.
  init(of vectors: Int) {
    self.vectors = vectors
    partials = (0..<Int.bitWidth - (vectors - 1).leadingZeroBitCount).map { _ in Buffer([0]) }
  }

  /// Begins a sum of vectors of `count` elements, with memory for `capacity`; allocates where there was less before.
  mutating func begin(count: Int, capacity: Int) {
    added = 0
    incoming.resize(count, capacity: capacity)
    for index in partials.indices { partials[index].resize(count, capacity: capacity) }
  }

  /// Adds the next vector, which `write` writes over whatever is in memory.
  mutating func add(_ write: (inout Tensor) -> Void) {
    write(&incoming.tensor)
    let isLast = added == vectors - 1
    var level = 0
    // As in counting: a sum of 2^level vectors is there where that bit of the count is set.
    while level < partials.count, isLast || added >> level & 1 == 1 {
      if added >> level & 1 == 1 {
        Kernels.add(incoming.tensor, to: &partials[level].tensor)
        swap(&incoming.tensor, &partials[level].tensor)
      }
      level += 1
    }
    if !isLast { swap(&incoming.tensor, &partials[level].tensor) }
    added += 1
  }

  /// The sum of numbers in the same tree; only the first number is meant afterwards.
  static func sum(_ numbers: inout [Double]) -> Double {
    var stride = 1
    while stride < numbers.count {
      var index = 0
      while index + stride < numbers.count {
        numbers[index] += numbers[index + stride]
        index += 2 * stride
      }
      stride *= 2
    }
    return numbers[0]
  }

  /// Replaces row 0 by the sum of all rows in the same tree; the others are lost.
  static func sumRows(_ x: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
    var stride = 1
    while stride < rows {
      var row = 0
      while row + stride < rows {
        Kernels.add(x + (row + stride) * columns, to: x + row * columns, count: columns)
        row += 2 * stride
      }
      stride *= 2
    }
  }
}
