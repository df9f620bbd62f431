extension SafetensorsFile {
  /// What to write under one name.
  public enum Values: Sendable {
    /// A tensor, as `F32`.
    case tensor(Tensor)
    /// Doubles in row-major order, as `F64`.
    case doubles([Double], shape: [Int])
    /// Integers in row-major order, as `I64`.
    case integers([Int64], shape: [Int])
    /// Bytes in row-major order, as `U8`.
    case bytes([UInt8], shape: [Int])
  }

  /// Writes a file of the given tensors, replacing what is at `path` as a whole: at any moment either the old file or the
  /// new one is there, complete, and the new one is on the disk when this returns.
  ///
  /// Tensors with larger elements come first, otherwise the given order is kept; the data begin at a multiple of 64
  /// bytes, so each element is aligned. Nothing is copied on the way from the tensors' memory to the file.
  ///
  /// - Parameters:
  ///   - tensors: names, all different, and values.
  ///   - metadata: strings by their names.
  ///   - path: the file; its directory must exist. The temporary file is `path` with `.tmp`.
  /// - Throws: ``SAMTError/configuration(_:)`` for a name that is there twice or reserved by the format, and for values
  ///   that are not as many as their shape says; ``SAMTError/output(path:reason:)`` where the file cannot be written, in
  ///   which case the old one stays.
  public static func write(
    _ tensors: [(name: String, values: Values)], metadata: [String: String] = [:], to path: String
  ) throws(SAMTError) {
    let tensors = sortedByElementSize(tensors)
    let header = try headerText(of: tensors, metadata: metadata)
    try SAMTError.wrapping({ .output(path: path, reason: $0) }) { () throws(FileFailure) in
      let file = try AtomicFile(replacing: path)
      try file.write(header)
      for tensor in tensors {
        try tensor.values.withBytes { (bytes) in Result { () throws(FileFailure) in try file.write(bytes) } }.get()
      }
      try file.commit()
    }
  }

  private static func sortedByElementSize(
    _ tensors: [(name: String, values: Values)]
  ) -> [(name: String, values: Values)] {
    [8, 4, 1].flatMap { size in tensors.filter { $0.values.type.bitWidth / 8 == size } }
  }

  /// The length and the text of the header, padded with spaces.
  private static func headerText(
    of tensors: [(name: String, values: Values)], metadata: [String: String]
  ) throws(SAMTError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(jsonString($0.key)):\(jsonString($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var names: Set<[UInt8]> = []
    var offset = 0
    for (name, values) in tensors {
      guard name != "__metadata__" else { throw .configuration("a tensor cannot be named __metadata__") }
      guard names.insert(Array(name.utf8)).inserted else { throw .configuration("two tensors are named \(name)") }
      guard let size = values.type.byteCount(of: values.shape), size == values.byteCount else {
        throw .configuration("\(name): expected values for shape \(values.shape), found \(values.byteCount) bytes")
      }
      let lengths = values.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(jsonString(name)):{\"dtype\":\"\(values.type.rawValue)\",\"shape\":[\(lengths)],"
          + "\"data_offsets\":[\(offset),\(offset + size)]}")
      offset += size
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    let alignment = 64
    text += Array(
      repeating: UInt8(ascii: " "),
      count: (alignment - (SafetensorsFormat.lengthSize + text.count) % alignment) % alignment)
    guard text.count <= SafetensorsFormat.headerLimit else {
      throw .configuration(
        "expected names and metadata of at most \(SafetensorsFormat.headerLimit) bytes, found \(text.count)")
    }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }

  /// `text` as a JSON string.
  private static func jsonString(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": json += "\\\(scalar)"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }
}

extension SafetensorsFile.Values {
  fileprivate var type: SafetensorsType {
    switch self {
    case .tensor: .f32
    case .doubles: .f64
    case .integers: .i64
    case .bytes: .u8
    }
  }

  fileprivate var shape: [Int] {
    switch self {
    case .tensor(let tensor): (0..<tensor.shape.rank).map { tensor.shape[$0] }
    case .doubles(_, let shape), .integers(_, let shape), .bytes(_, let shape): shape
    }
  }

  fileprivate var byteCount: Int {
    switch self {
    case .tensor(let tensor): tensor.count * MemoryLayout<Float>.size
    case .doubles(let values, _): values.count * MemoryLayout<Double>.size
    case .integers(let values, _): values.count * MemoryLayout<Int64>.size
    case .bytes(let values, _): values.count
    }
  }

  /// Calls `body` with the bytes as they stand in the file; all platforms of this package are little-endian.
  fileprivate func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    switch self {
    case .tensor(let tensor): tensor.withPointer { body(UnsafeRawBufferPointer(start: $0, count: byteCount)) }
    case .doubles(let values, _): values.withUnsafeBytes(body)
    case .integers(let values, _): values.withUnsafeBytes(body)
    case .bytes(let values, _): values.withUnsafeBytes(body)
    }
  }
}
