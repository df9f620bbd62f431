extension FuzzTarget {
  /// Safetensors files.
  ///
  /// An input whose first byte is odd is a file as it stands. Otherwise the second byte is the number of zeros that
  /// follow the header, and the rest is the header: its length is right, so that more inputs come further.
  static let safetensors = FuzzTarget(name: "safetensors") { input in
    guard input.count >= 2 else { return }
    let bytes: [UInt8]
    if input[0] % 2 == 1 {
      bytes = Array(input.dropFirst())
    } else {
      let header = input.dropFirst(2)
      bytes =
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
        + [UInt8](repeating: 0, count: Int(input[1]))
    }
    do throws(SAMTError) { try readAll(SafetensorsFile(bytes: bytes, path: "input")) } catch {
      guard case .file("input", let reason) = error, !reason.isEmpty else { fatalError("\(error)") }
    }
  }

  /// Reads every value of a file that was accepted, and checks what it says of itself.
  private static func readAll(_ file: SafetensorsFile) throws(SAMTError) {
    _ = file.metadata
    var end: Int?
    for entry in file.tensors {
      precondition(end == nil || entry.byteRange.lowerBound == end)
      end = entry.byteRange.upperBound
      precondition(file.entry(named: entry.name) == entry)
      let bytes = try file.bytes(entry.name)
      precondition(bytes.count == entry.byteRange.count)
      let count = entry.shape.contains(0) ? 0 : entry.shape.reduce(1, *)
      if let tensor = refusable({ () throws(SAMTError) in try file.tensor(entry.name) }) {
        precondition(tensor.elements.count == count)
        if tensor.shape.rank > 0, tensor.shape[0] > 0 { _ = tensor[rows: 0..<1].elements }
      }
      if let doubles = refusable({ () throws(SAMTError) in try file.doubles(entry.name) }) {
        precondition(doubles.count == count)
      }
      if let integers = refusable({ () throws(SAMTError) in try file.integers(entry.name) }) {
        precondition(integers.count == count)
      }
    }
  }

  /// Paths: any bytes come back as they were.
  static let path = FuzzTarget(name: "path") { input in
    let path = String(pathBytes: input)
    precondition(path.pathBytes == input)
    precondition(FilePaths.directory(of: path).pathBytes.count <= max(1, input.count))
    _ = path.displayedPath
  }
}
