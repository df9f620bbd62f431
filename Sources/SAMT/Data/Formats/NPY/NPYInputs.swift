/// The inputs of examples in an array of NumPy, read or mapped.
enum NPYInputs {
  case read(NPYFile)
  case mapped(MappedExamples, path: String)

  /// The inputs in the file at `path`; those that must be put in another order, or are of another type than
  /// ``MappedExamples`` takes, are read in any case.
  init(contentsOf path: String, _ access: FileAccess) throws(SAMTError) {
    if access == .mapped, let examples = try Self.mapped(path) {
      self = .mapped(examples, path: path)
    } else {
      self = .read(try NPYFile(contentsOf: path))
    }
  }

  var path: String {
    switch self {
    case .read(let file): file.path
    case .mapped(_, let path): path
    }
  }

  /// The inputs, as ``NPYFile/inputs()`` has them.
  func storage() throws(SAMTError) -> ExampleStorage {
    switch self {
    case .read(let file): .memory(try file.inputs())
    case .mapped(let examples, _): .files(examples)
    }
  }

  private static func mapped(_ path: String) throws(SAMTError) -> MappedExamples? {
    let stream = try DataStream(path)
    let header = try NPYFile.header(stream)
    let (shape, type) = (header.shape, header.type)
    guard (1...4).contains(shape.count), header.count > 0, !header.isColumnMajor, !NPYFile.hasChannelsLast(shape),
      let file = try stream.map()
    else { return nil }
    let example: Shape =
      switch shape.count {
      case 1: [1]
      case 3: [1, shape[1], shape[2]]
      default: Shape(Array(shape[1...]))
      }
    let element: MappedExamples.Element
    switch (type.kind, type.size) {
    case (.float, 4) where !type.isBigEndian: element = .float
    case (.unsigned, 1) where example.rank == 3: element = .fraction
    default: return nil
    }
    let segment = MappedExamples.Segment(
      file: file, start: stream.position, stride: example.count * element.size, count: shape[0])
    return MappedExamples([segment], of: element, exampleShape: example)
  }
}
