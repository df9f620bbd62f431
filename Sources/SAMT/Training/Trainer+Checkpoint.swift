extension Trainer {
  /// Writes everything that the training's next step depends on, so that ``resume(from:)`` goes on bit for bit.
  ///
  /// The file is a model file too: ``Model/init(contentsOf:access:layerTypes:seed:)`` takes the model out of it. It may
  /// be written between two epochs, and by an observer after any step.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where it cannot be written; the old file stands then.
  public func checkpoint(to path: String) throws(SAMTError) {
    try State(of: self).write(to: path, metadata: ModelFile.metadata(of: model, .checkpoint))
  }

  /// Takes up a training where its checkpoint left it: the next ``fit(_:validation:test:epochs:)`` goes on from there.
  ///
  /// Model, algorithm and average must be made as they were for the training that wrote the file; of the configuration,
  /// batch size, seed, augmentation and the treatment of the last batch must be the same.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where the file cannot be read or does not fit, with a list of what does
  ///   not; nothing has changed then.
  public func resume(from path: String) throws(SAMTError) {
    try resume(at: try ModelFile(path, access: .copied).checkpoint(), from: path)
  }

  /// Takes up a training at a state; `path` is for the message.
  func resume(at state: State, from path: String) throws(SAMTError) {
    let own = State(of: self)
    let identity = "\(CheckpointPart.trainer.rawValue).identity"
    if let theirs = state[identity], let ours = own[identity], !theirs.isIdentical(to: ours) {
      guard case .json(let theirs) = theirs, case .json(let ours) = ours else {
        throw .file(path: path, reason: "\(identity): expected a text")
      }
      throw .file(path: path, reason: "was written with \(theirs), and this training has \(ours)")
    }
    try state.restore(into: self, from: path)
  }
}
