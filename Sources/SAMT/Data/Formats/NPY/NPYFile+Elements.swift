extension NPYFile {
  /// The elements as a tensor of the same shape: the nearest `Float` of each, 1 for true and 0 for false.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where there are more than four axes.
  public func tensor() throws(SAMTError) -> Tensor {
    guard shape.count <= 4 else {
      throw .dataset(
        path: path, reason: "expected at most 4 axes, found \(shape.count) (\(shape)); reshape the array in NumPy")
    }
    var tensor = Tensor(zeros: Shape(shape))
    tensor.withMutablePointer { out in
      switch (type.kind, type.size) {
      case (.float, 2): forEach(UInt16.self) { out[$0] = Float(halfBits: $1) }
      case (.float, 4): forEach(UInt32.self) { out[$0] = Float(bitPattern: $1) }
      case (.float, _): forEach(UInt64.self) { out[$0] = Float(Double(bitPattern: $1)) }
      case (.boolean, _): forEach(UInt8.self) { out[$0] = $1 == 0 ? 0 : 1 }
      case (.signed, _): forEachInteger { out[$0] = Float($1) }
      case (.unsigned, 8): forEach(UInt64.self) { out[$0] = Float($1) }
      case (.unsigned, _): forEachInteger { out[$0] = Float($1) }
      }
    }
    return tensor
  }

  /// The elements as integers, in row-major order; 1 for true and 0 for false.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where they are floating-point numbers, or one is above Int64's largest.
  public func integers() throws(SAMTError) -> [Int64] {
    guard type.kind != .float else {
      throw .dataset(path: path, reason: "expected integers, found elements of type \(type.code)")
    }
    var integers = [Int64](repeating: 0, count: count)
    if type.kind == .unsigned && type.size == 8 {
      var largest: UInt64 = 0
      forEach(UInt64.self) { position, element in
        integers[position] = Int64(truncatingIfNeeded: element)
        largest = max(largest, element)
      }
      guard largest <= Int64.max else {
        throw .dataset(path: path, reason: "expected integers of at most \(Int64.max), found \(largest)")
      }
    } else {
      forEachInteger { integers[$0] = type.kind == .boolean ? min($1, 1) : $1 }
    }
    return integers
  }

  /// Calls `body` with each element that fits an `Int64`, and its position in row-major order.
  private func forEachInteger(_ body: (Int, Int64) -> Void) {
    switch (type.kind, type.size) {
    case (.signed, 1): forEach(UInt8.self) { body($0, Int64(Int8(bitPattern: $1))) }
    case (.signed, 2): forEach(UInt16.self) { body($0, Int64(Int16(bitPattern: $1))) }
    case (.signed, 4): forEach(UInt32.self) { body($0, Int64(Int32(bitPattern: $1))) }
    case (.signed, _): forEach(UInt64.self) { body($0, Int64(bitPattern: $1)) }
    case (_, 2): forEach(UInt16.self) { body($0, Int64($1)) }
    case (_, 4): forEach(UInt32.self) { body($0, Int64($1)) }
    default: forEach(UInt8.self) { body($0, Int64($1)) }
    }
  }

  /// Calls `body` with each element's position in row-major order and its bits, in the file's order.
  @inline(__always)
  private func forEach<Bits: FixedWidthInteger & UnsignedInteger>(_: Bits.Type, _ body: (Int, Bits) -> Void) {
    let size = Bits.bitWidth / 8
    var columnMajor = isColumnMajor ? ColumnMajorOrder(shape) : nil
    var index = 0
    for chunk in chunks {
      chunk.withUnsafeBytes { bytes in
        for offset in stride(from: 0, to: bytes.count, by: size) {
          let bits = bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self)
          body(columnMajor?.next() ?? index, type.isBigEndian ? bits.byteSwapped : bits)
          index += 1
        }
      }
    }
  }
}

/// The positions in row-major order of elements that come in column-major order, the first axis fastest.
struct ColumnMajorOrder: IteratorProtocol {
  private let shape: [Int]
  /// How far apart in row-major order neighbours along each axis are.
  private let strides: [Int]
  private var indices: [Int]
  private var position = 0

  /// - Precondition: a product of lengths that is representable.
  init(_ shape: [Int]) {
    self.shape = shape
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1) }
    self.strides = strides
    indices = [Int](repeating: 0, count: shape.count)
  }

  /// The next element's position; begins anew behind the last one.
  mutating func next() -> Int? {
    let current = position
    for axis in shape.indices {
      indices[axis] += 1
      position += strides[axis]
      if indices[axis] < shape[axis] { break }
      position -= indices[axis] * strides[axis]
      indices[axis] = 0
    }
    return current
  }
}
