extension State {
  private static let weightTypes: [SafetensorsType] = [.f32, .f64, .f16, .bf16]
  /// Metadata keys of texts begin so, before the item's path.
  private static let textPrefix = "samt.state."

  /// Writes the state as a safetensors file, atomically (``SafetensorsFile/write(_:metadata:to:)``).
  ///
  /// Tensors are `F32`, numbers `F64` and `I64`, of shape [] where there is one and [n] where there are n, a generator
  /// five `I64`; texts are metadata.
  ///
  /// - Throws: as ``SafetensorsFile/write(_:metadata:to:)`` does.
  public func write(to path: String, metadata: [String: String] = [:]) throws(SAMTError) {
    var entries: [(name: String, values: SafetensorsFile.Values)] = []
    var metadata = metadata
    for name in names {
      switch self[name] {
      case .tensor(let tensor)?: entries.append((name, .tensor(tensor)))
      case .double(let value)?: entries.append((name, .doubles([value], shape: [])))
      case .doubles(let values)?: entries.append((name, .doubles(values, shape: [values.count])))
      case .integer(let value)?: entries.append((name, .integers([Int64(value)], shape: [])))
      case .integers(let values)?: entries.append((name, .integers(values.map { Int64($0) }, shape: [values.count])))
      case .generator(let generator)?:
        let words = generator.words.map { Int64(bitPattern: $0) }
        entries.append((name, .integers(words, shape: [words.count])))
      case .json(let text)?: metadata[State.textPrefix + name] = text
      case nil: break
      }
    }
    try SafetensorsFile.write(entries, metadata: metadata, to: path)
  }

  /// The state that a file holds.
  ///
  /// What no item can be, such as a tensor of five axes, becomes a text that says what it is: nothing fits it.
  ///
  /// - Parameter isWeights: whether all floating-point numbers are weights, whatever their type; otherwise `F64` are
  ///   numbers of a training's state.
  init(_ file: SafetensorsFile, isWeights: Bool) throws(SAMTError) {
    self.init()
    for entry in file.tensors {
      let isScalar = entry.shape.isEmpty
      switch entry.type {
      case .f64 where !isWeights:
        let values = try file.doubles(entry.name)
        append(entry.name, isScalar ? .double(values[0]) : .doubles(values))
      case .i64:
        let values = try file.integers(entry.name).map { Int($0) }
        append(entry.name, isScalar ? .integer(values[0]) : .integers(values))
      case _ where State.weightTypes.contains(entry.type) && entry.shape.count <= 4:
        append(entry.name, .tensor(try file.tensor(entry.name)))
      default: append(entry.name, .json("\(entry.type.rawValue) \(entry.shape)"))
      }
    }
    for (key, text) in file.metadata.sorted(by: { $0.key < $1.key }) where key.hasPrefix(State.textPrefix) {
      let name = String(key.dropFirst(State.textPrefix.count))
      guard self[name] == nil else {
        throw .file(path: file.path, reason: "\(name) is there as a tensor and as a text")
      }
      append(name, .json(text))
    }
  }
}
