/// What is predicted: a class, or numbers.
public enum LearningTask: String, CaseIterable, Codable, Sendable {
  /// One of some classes.
  case classification
  /// One or several numbers.
  case regression
}
