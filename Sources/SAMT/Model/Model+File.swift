extension Model {
  /// Writes the model as a safetensors file: weights and buffers under their paths, and as metadata the architecture, the
  /// input's normalization and the names of the classes.
  ///
  /// PyTorch reads it as a `state_dict`. The file is replaced as a whole: whatever happens, the old one or the new one is
  /// there. Where a layer is not a ``StorableLayer``, the architecture is left out, and the file is for
  /// ``load(from:renaming:strict:access:)`` alone.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where the file cannot be written.
  public func save(to path: String) throws(SAMTError) {
    try weights.write(to: path, metadata: ModelFile.metadata(of: self, .model))
  }

  /// Weights and buffers, without the generators of a training.
  private var weights: State { State(of: self).filter { _, item in if case .generator = item { false } else { true } } }

  /// The model that a file describes, with its weights: one that ``save(to:)`` wrote, or a checkpoint.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - access: by default the weights share the mapped file until they are first written to, so a model is there at
  ///     once; see ``SafetensorsFile/Access`` for what must not happen to a mapped file.
  ///   - layerTypes: types of your own that stand in the file.
  ///   - seed: where dropout draws from, should the model be trained.
  /// - Throws: ``SAMTError/file(path:reason:)`` where the file is none of a model, breaks a rule, or describes a model
  ///   that its tensors do not fit; ``SAMTError/shape(layer:expected:found:)`` where its layers do not fit each other.
  public convenience init(
    contentsOf path: String, access: SafetensorsFile.Access = .mapped, layerTypes: [any StorableLayer.Type] = [],
    seed: UInt64 = 0
  ) throws(SAMTError) {
    try self.init(ModelFile(path, access: access), layerTypes: layerTypes, seed: seed)
  }

  /// The model that a file describes, as ``init(contentsOf:access:layerTypes:seed:)`` says.
  convenience init(
    _ file: ModelFile, layerTypes: [any StorableLayer.Type] = [], seed: UInt64 = 0
  ) throws(SAMTError) {
    let architecture = try file.architecture(layerTypes)
    // Without memory until the shapes are known to be those of the file's tensors.
    try self.init(input: architecture.input, parts: architecture.parts)
    try restore(try file.weights(), from: file.path, strict: true)
    try file.describe(self)
    for (index, layer) in layers.enumerated() where layer.generator != nil {
      layer.generator = Generator(seed: seed, for: .layer(index))
    }
  }

  /// Takes weights and buffers from a safetensors file: one of this library's, or a PyTorch `state_dict`.
  ///
  /// Elements of `F64`, `F16` and `BF16` are converted. Nothing changes where an error is thrown.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - rename: the name here of a tensor's name there; nil leaves the tensor out.
  ///   - strict: whether every tensor must have its place and every parameter its tensor; otherwise those without are
  ///     left as they are.
  ///   - access: how the file comes into memory.
  /// - Throws: ``SAMTError/file(path:reason:)`` that lists all tensors that are missing, unexpected, or of another
  ///   shape, or says why the file cannot be read.
  public func load(
    from path: String, renaming rename: ((String) -> String?)? = nil, strict: Bool = true,
    access: SafetensorsFile.Access = .copied
  ) throws(SAMTError) {
    var state = try ModelFile(path, access: access).weights()
    if let rename { state = try state.renamed(rename) }
    try restore(state, from: path, strict: strict)
  }

  private func restore(_ state: State, from path: String, strict: Bool) throws(SAMTError) {
    try state.restore(from: path, isStrict: strict, skipsGenerators: true) { visitState($0) }
  }
}
