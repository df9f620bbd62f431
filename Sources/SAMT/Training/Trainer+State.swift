/// The parts of a checkpoint beside the model's own tensors, which stand under their layers' paths.
enum CheckpointPart: String, CaseIterable {
  /// The algorithm's state, with that of its optimizer.
  case optimizer
  /// The average of the weights, where one is kept.
  case average
  /// The trainer's position and reports.
  case trainer

  /// Whether a path begins with the name of such a part.
  static func isReserved(_ path: String) -> Bool { Self(rawValue: String(path.prefix { $0 != "." })) != nil }
}

extension Trainer: Stateful {
  /// The model, the algorithm, the average, and the trainer's own position, counters and reports.
  public func visitState(_ visitor: StateVisitor) {
    model.visitState(visitor)
    visitor.visit(CheckpointPart.optimizer.rawValue, algorithm)
    if let average { visitor.visit(CheckpointPart.average.rawValue, average) }
    visitor.nested(CheckpointPart.trainer.rawValue) {
      position.visitState(visitor)
      executor.visitState(visitor)
      visitor.visit("reports", json: &reports)
      var identity = RunIdentity(configuration)
      visitor.visit("identity", json: &identity)
    }
  }

  /// What must agree for a training to go on as if it had never stopped.
  struct RunIdentity: Codable, Equatable {
    var batchSize: Int
    var seed: UInt64
    var augmentation: Augmentation?

    init(_ configuration: Configuration) {
      batchSize = configuration.batchSize
      seed = configuration.seed
      augmentation = configuration.augmentation
    }
  }
}
