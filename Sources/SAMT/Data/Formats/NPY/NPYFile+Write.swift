extension NPYFile {
  /// Writes a tensor as an array of float32 of the same shape, replacing what is at `path` as a whole.
  ///
  /// The file has version 1 of the format and row-major order; `numpy.load` reads it.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where the file cannot be written; the old one stays then.
  public static func write(_ tensor: Tensor, to path: String) throws(SAMTError) {
    let shape = (0..<tensor.shape.rank).map { tensor.shape[$0] }
    let header = headerBytes(NPYType(.float, size: 4), shape)
    try replace(path, with: header) { file in
      tensor.withPointer { elements in
        let bytes = UnsafeRawBufferPointer(start: elements, count: tensor.count * MemoryLayout<Float>.size)
        return Result { () throws(FileFailure) in try file.write(bytes) }
      }
    }
  }

  /// Writes integers as an array of int64 of one axis, replacing what is at `path` as a whole.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where the file cannot be written; the old one stays then.
  public static func write(_ integers: [Int64], to path: String) throws(SAMTError) {
    let header = headerBytes(NPYType(.signed, size: 8), [integers.count])
    try replace(path, with: header) { file in
      integers.withUnsafeBytes { bytes in Result { () throws(FileFailure) in try file.write(bytes) } }
    }
  }

  /// Puts `header` and the elements that `write` adds in the place of what is at `path`.
  private static func replace(
    _ path: String, with header: [UInt8], _ write: (AtomicFile) -> Result<Void, FileFailure>
  ) throws(SAMTError) {
    try SAMTError.wrapping({ .output(path: path, reason: $0) }) { () throws(FileFailure) in
      let file = try AtomicFile(replacing: path)
      try file.write(header)
      try write(file).get()
      try file.commit()
    }
  }

  /// What stands before the elements, filled up with spaces so that they begin at a multiple of 64 bytes.
  private static func headerBytes(_ type: NPYType, _ shape: [Int]) -> [UInt8] {
    // As Python writes tuples: one of a single number has a comma behind it.
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = Array("{'descr': '\(type.code)', 'fortran_order': False, 'shape': (\(lengths)), }".utf8)
    let fixed = NPYHeader.magic.count + 4
    let padding = 63 - (fixed + text.count) % 64
    text += [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    return NPYHeader.magic + [1, 0] + withUnsafeBytes(of: UInt16(text.count).littleEndian) { Array($0) } + text
  }
}
