extension SAMTOptimizer {
  /// Begins with the eta models that another training learned, in place of fresh ones; nothing else is taken over.
  ///
  /// Eta models are found by their layers' names. Each must have as many outputs as here: with one step size per block
  /// layers may differ in size, with one per row, column or element in nothing that this counts. What they say is taken
  /// through this optimizer's eta0, gate and projection, so these should be the same. Where
  /// ``StepSizes/learningRate`` is 0 they stay as they were learned; otherwise they learn on, with Adam's moments.
  ///
  /// - Parameter path: a checkpoint of a training by ``SAMTOptimizer`` (``Trainer/checkpoint(to:)``).
  /// - Throws: ``SAMTError/file(path:reason:)`` where the file cannot be read, is no checkpoint, or its eta models are
  ///   of other layers or sizes, with a list of what does not fit; nothing has changed then.
  public func loadEtaModels(from path: String) throws(SAMTError) {
    let prefix = CheckpointPart.optimizer.rawValue + "."
    let learned = try ModelFile(path, access: .copied).checkpoint()
      .filter { name, _ in name.hasPrefix(prefix) && name.contains(".eta.") }
      .renamed { String($0.dropFirst(prefix.count)) }
    try learned.restore(from: path) { visitor in
      for block in blocks { visitor.nested(block.name) { block.visitEtaModel(visitor) } }
    }
  }
}
