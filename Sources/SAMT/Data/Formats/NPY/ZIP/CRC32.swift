/// The checksum of ZIP and gzip: the remainder by the polynomial 0xedb88320, bits reversed (ISO 3309).
struct CRC32 {
  private var remainder = UInt32.max

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var remainder = remainder
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes { remainder = remainder >> 8 ^ table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] }
    }
    self.remainder = remainder
  }

  var value: UInt32 { ~remainder }
}
