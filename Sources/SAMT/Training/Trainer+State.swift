extension Trainer: Stateful {
  /// The model, the algorithm, the average, and the trainer's own position, counters and reports.
  public func visitState(_ visitor: StateVisitor) {
    model.visitState(visitor)
    visitor.visit(CheckpointPart.optimizer.rawValue, algorithm)
    if let average { visitor.visit(CheckpointPart.average.rawValue, average) }
    visitor.nested(CheckpointPart.trainer.rawValue) {
      position.visitState(visitor)
      executor.visitState(visitor)
      visitor.nested("metrics") { metrics.visitState(visitor) }
      if let earlyStopping { visitor.visit("earlyStopping", earlyStopping) }
      visitor.visit("reports", json: &reports)
      var identity = RunIdentity(configuration)
      visitor.visit("identity", json: &identity)
    }
  }

  /// What must agree for a training to go on as if it had never stopped.
  struct RunIdentity: Codable, Equatable {
    var batchSize: Int
    var dropsLastBatch: Bool
    var seed: UInt64
    var augmentation: Augmentation?
    /// Nil for a whole minibatch.
    var shards: Int?

    init(_ configuration: Configuration) {
      batchSize = configuration.batchSize
      dropsLastBatch = configuration.dropsLastBatch
      seed = configuration.seed
      augmentation = configuration.augmentation
      if let number = configuration.shards, number > 1 { shards = number }
    }
  }
}
