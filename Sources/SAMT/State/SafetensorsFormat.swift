/// The numbers of the format.
enum SafetensorsFormat {
  /// The bytes of the header's length.
  static let lengthSize = 8
  static let headerLimit = 100_000_000

  /// `length` as the size of a header in a file of `fileSize` bytes.
  static func checkedHeaderSize(_ length: UInt64, fileSize: Int) throws(SafetensorsMalformation) -> Int {
    guard length <= UInt64(headerLimit) else {
      throw SafetensorsMalformation(
        reason: "not a safetensors file: expected a header of at most \(headerLimit) bytes, found \(length)")
    }
    guard Int(length) <= fileSize - lengthSize else {
      throw SafetensorsMalformation(
        reason: "truncated: expected a header of \(length) bytes, found \(fileSize - lengthSize)")
    }
    return Int(length)
  }
}
