/// What a model's file says beside the tensors: its metadata.
struct ModelFile {
  private enum Key {
    static let architecture = "samt.architecture"
    static let normalization = "samt.normalization"
    static let classNames = "samt.classNames"
    static let probabilities = "samt.probabilities"
    static let table = "samt.table"
    static let content = "samt.content"
  }

  /// What the file is.
  enum Content: String {
    /// Weights and buffers.
    case model
    /// A whole training, the model among it.
    case checkpoint
  }

  /// The metadata for a model; the architecture is left out where a layer cannot be stored.
  static func metadata(of model: Model, _ content: Content) -> [String: String] {
    var metadata = [Key.content: content.rawValue]
    metadata[Key.architecture] = ModelArchitecture(of: model).json
    if let normalization = model.inputNormalization {
      metadata[Key.normalization] = JSONText.encode(normalization)
    }
    if let table = model.tablePreprocessing { metadata[Key.table] = JSONText.encode(table) }
    if !model.classNames.isEmpty { metadata[Key.classNames] = JSONText.encode(model.classNames) }
    if model.outputProbabilities != .softmax {
      metadata[Key.probabilities] = model.outputProbabilities.rawValue
    }
    return metadata
  }

  private let file: SafetensorsFile
  private let metadata: [String: String]

  init(_ path: String, access: SafetensorsFile.Access) throws(SAMTError) {
    self.init(try SafetensorsFile(contentsOf: path, access: access))
  }

  init(_ file: SafetensorsFile) {
    self.file = file
    metadata = file.metadata
  }

  /// Where it was read from.
  var path: String { file.path }

  /// Whether the file holds a whole training.
  var isCheckpoint: Bool { metadata[Key.content] == Content.checkpoint.rawValue }

  /// The whole training.
  func checkpoint() throws(SAMTError) -> State {
    guard isCheckpoint else {
      throw .file(path: file.path, reason: "expected the checkpoint of a training, found a file of weights alone")
    }
    return try State(file, isWeights: false)
  }

  /// The model's part: its weights and buffers, without generators.
  func weights() throws(SAMTError) -> State {
    let isCheckpoint = isCheckpoint
    let state = try State(file, isWeights: !isCheckpoint)
    return state.filter { name, _ in
      !isCheckpoint || !(CheckpointPart.isReserved(name) || name.hasSuffix(".generator"))
    }
  }

  /// The architecture.
  func architecture(_ layerTypes: [any StorableLayer.Type]) throws(SAMTError) -> ModelArchitecture {
    guard let json = metadata[Key.architecture] else {
      throw .file(
        path: file.path,
        reason: "does not say how the model is built; build it, and load the weights with load(from:)")
    }
    return try ModelArchitecture(json: json, path: file.path, layerTypes: layerTypes)
  }

  /// Puts what the file says about inputs and outputs into a model: normalization, a table's columns, class names,
  /// how outputs become probabilities.
  func describe(_ model: Model) throws(SAMTError) {
    if let text = metadata[Key.normalization] {
      guard let normalization = JSONText.decode(ChannelStatistics.self, text) else {
        throw .file(path: file.path, reason: "\(Key.normalization): expected means and deviations, found \(text)")
      }
      model.inputNormalization = normalization
    }
    if let text = metadata[Key.table] {
      guard let table = JSONText.decode(TablePreprocessing.self, text) else {
        throw .file(path: file.path, reason: "\(Key.table): expected a table's columns, found \(text)")
      }
      let (inputs, outputs) = (model.inputShape.count, model.outputShape.count)
      guard table.inputCount == inputs && table.target.outputCount == outputs else {
        throw .file(
          path: file.path,
          reason: "\(Key.table): expected \(inputs) inputs and \(outputs) outputs as the model has, found"
            + " \(table.inputCount) and \(table.target.outputCount)")
      }
      model.tablePreprocessing = table
    }
    if let text = metadata[Key.classNames] {
      guard let names = JSONText.decode([String].self, text) else {
        throw .file(path: file.path, reason: "\(Key.classNames): expected a list of names, found \(text)")
      }
      model.classNames = names
    }
    if let text = metadata[Key.probabilities] {
      guard let probabilities = OutputProbabilities(rawValue: text) else {
        let known = OutputProbabilities.allCases.map(\.rawValue).joined(separator: " or ")
        throw .file(path: file.path, reason: "\(Key.probabilities): expected \(known), found \(text)")
      }
      model.outputProbabilities = probabilities
    }
  }
}
