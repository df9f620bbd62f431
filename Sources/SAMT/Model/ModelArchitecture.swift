import Foundation

/// How a model is built, as its file says it: the input's shape, and the parts as they were written.
///
///     {"input":[784],"parts":[{"layer":"linear","name":"fc1","settings":{"bias":true,"inputs":784,"outputs":400}}, ...]}
///
/// A container is `{"sequential":"name","parts":[...]}` or `{"residual":"name","body":[...],"projection":[...]}`, its name
/// null where the model numbers it.
struct ModelArchitecture {
  let input: Shape
  let parts: [ModelPart]

  init(of model: Model) {
    input = model.inputShape
    parts = model.parts
  }

  /// The architecture as JSON; nil where a layer's type is not a ``StorableLayer``.
  var json: String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The architecture that JSON describes.
  ///
  /// - Parameters:
  ///   - path: where the JSON comes from, for the message.
  ///   - layerTypes: types beside the library's own.
  /// - Throws: ``SAMTError/file(path:reason:)`` where it describes none.
  init(json: String, path: String, layerTypes: [any StorableLayer.Type]) throws(SAMTError) {
    var types: [String: any StorableLayer.Type] = [:]
    for type in ModelArchitecture.layerTypes + layerTypes { types[type.typeName] = type }
    let decoder = JSONDecoder()
    decoder.userInfo[ModelArchitecture.typesKey] = LayerTypes(byName: types)
    do {
      self = try decoder.decode(ModelArchitecture.self, from: Data(json.utf8))
    } catch let error as Malformation {
      throw .file(path: path, reason: "architecture: \(error.reason)")
    } catch DecodingError.keyNotFound(let key, let context) {
      throw .file(path: path, reason: "architecture: no \(key.stringValue) at \(ModelArchitecture.place(context))")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context)
    {
      throw .file(
        path: path,
        reason: "architecture: \(context.debugDescription) at \(ModelArchitecture.place(context))")
    } catch {
      throw .file(path: path, reason: "architecture: \(error)")
    }
    let size = ModelArchitecture.pathBytes(of: parts, containerBytes: 0)
    guard size <= ModelArchitecture.largestPathBytes else {
      throw .file(
        path: path,
        reason: "architecture: expected layer paths of at most \(ModelArchitecture.largestPathBytes) bytes in all")
    }
  }

  /// The most bytes of the paths of all layers: each path repeats the names of its containers, so a small file could
  /// name many layers at great length.
  private static let largestPathBytes = 1 << 20

  /// About how many bytes the paths of all layers have; it stops where they are too many.
  private static func pathBytes(of parts: [ModelPart], containerBytes: Int) -> Int {
    var sum = 0
    for part in parts where sum <= largestPathBytes {
      let path = containerBytes + (part.name?.utf8.count ?? 1) + 1
      switch part {
      case .layer: sum += path
      case .sequential(let sequential): sum += pathBytes(of: sequential.parts, containerBytes: path)
      case .residual(let residual):
        sum += pathBytes(of: residual.body, containerBytes: path)
        sum += pathBytes(of: residual.projection, containerBytes: path + "downsample.".utf8.count)
      }
    }
    return sum
  }

  private static func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: " ")
    return path.isEmpty ? "the top" : path
  }

  /// The library's own.
  private static var layerTypes: [any StorableLayer.Type] {
    [
      Linear.self, Conv2d.self, MaxPool2d.self, AvgPool2d.self, GlobalAveragePool.self, BatchNorm1d.self,
      BatchNorm2d.self, LayerNorm.self, Flatten.self, Dropout.self, Dropout2d.self, ReLU.self, LeakyReLU.self,
      GELU.self, Tanh.self, Sigmoid.self,
    ]
  }

  fileprivate static let typesKey = CodingUserInfoKey(rawValue: "layer types")!

  /// Sendable because types do not change.
  fileprivate struct LayerTypes: @unchecked Sendable {
    let byName: [String: any StorableLayer.Type]
  }

  fileprivate struct Malformation: Error {
    let reason: String
  }
}

extension ModelArchitecture: Codable {
  private enum Key: String, CodingKey { case input, parts }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let lengths = try container.decode([Int].self, forKey: .input)
    guard lengths.count <= 3, areLengths(lengths), Shape.count(of: lengths) != nil else {
      throw Malformation(reason: "expected an input of at most three axes of at least 1, found \(lengths)")
    }
    input = Shape(lengths)
    parts = try container.decode([StoredPart].self, forKey: .parts).map(\.part)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode((0..<input.rank).map { input[$0] }, forKey: .input)
    try container.encode(parts.map(StoredPart.init), forKey: .parts)
  }
}

/// A part of a model on its way to a file or from one.
private struct StoredPart: Codable {
  let part: ModelPart

  init(_ part: ModelPart) { self.part = part }

  private enum Key: String, CodingKey { case layer, name, settings, sequential, parts, residual, body, projection }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func parts(_ key: Key) throws -> [ModelPart] { try container.decode([StoredPart].self, forKey: key).map(\.part) }
    if container.contains(.sequential) {
      let name = try container.decode(String?.self, forKey: .sequential)
      part = .sequential(Sequential(name, parts: try parts(.parts)))
    } else if container.contains(.residual) {
      let name = try container.decode(String?.self, forKey: .residual)
      part = .residual(Residual(name, body: try parts(.body), projection: try parts(.projection)))
    } else {
      let typeName = try container.decode(String.self, forKey: .layer)
      let types = decoder.userInfo[ModelArchitecture.typesKey] as? ModelArchitecture.LayerTypes
      guard let type = types?.byName[typeName] else {
        throw ModelArchitecture.Malformation(reason: "no layer type is called \(typeName)")
      }
      part = .layer(try StoredPart.layer(type, container))
    }
  }

  private static func layer<L: StorableLayer>(_: L.Type, _ container: KeyedDecodingContainer<Key>) throws -> L {
    let name = try container.decode(String.self, forKey: .name)
    let settings = try container.decode(L.Settings.self, forKey: .settings)
    if let problem = settings.problem { throw ModelArchitecture.Malformation(reason: "\(name): \(problem)") }
    return L(settings, name: name)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch part {
    case .layer(let layer):
      guard let layer = layer as? any StorableLayer else {
        throw ModelArchitecture.Malformation(reason: "\(layer.name) cannot be stored")
      }
      try StoredPart.encode(layer, &container)
    case .sequential(let sequential):
      try container.encode(sequential.name, forKey: .sequential)
      try container.encode(sequential.parts.map(StoredPart.init), forKey: .parts)
    case .residual(let residual):
      try container.encode(residual.name, forKey: .residual)
      try container.encode(residual.body.map(StoredPart.init), forKey: .body)
      try container.encode(residual.projection.map(StoredPart.init), forKey: .projection)
    }
  }

  private static func encode<L: StorableLayer>(_ layer: L, _ container: inout KeyedEncodingContainer<Key>) throws {
    try container.encode(L.typeName, forKey: .layer)
    try container.encode(layer.name, forKey: .name)
    try container.encode(layer.settings, forKey: .settings)
  }
}
