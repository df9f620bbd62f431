/// The parts of a checkpoint beside the model's own tensors, which stand under their layers' paths.
enum CheckpointPart: String {
  /// The algorithm's state, with that of its optimizer.
  case optimizer
  /// The average of the weights, where one is kept.
  case average
  /// The trainer's position and reports.
  case trainer

  /// Whether a path begins with the name of such a part.
  static func isReserved(_ path: String) -> Bool { Self(rawValue: String(path.prefix { $0 != "." })) != nil }
}
