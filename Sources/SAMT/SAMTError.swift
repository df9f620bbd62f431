/// What can go wrong with input from outside: files, configuration, the building of a model.
///
/// Misuse of tensors that already exist is a programmer's error and traps instead, with both shapes in the message.
public enum SAMTError: Error, Equatable, Sendable {
  /// A layer cannot take the shape it is given.
  case shape(layer: String, expected: String, found: Shape)
  /// A setting is out of range, or two settings contradict each other.
  case configuration(String)
  /// A data file cannot be read as what it should be.
  case dataset(path: String, reason: String)
  /// A file of weights or of a training's state cannot be read as what it should be.
  case file(path: String, reason: String)
  /// An output file cannot be written.
  case output(path: String, reason: String)
  /// The processes of a job cannot be connected, or do not agree.
  case communication(String)
}

extension SAMTError: CustomStringConvertible {
  /// One line that says what is wrong, where, and what was expected.
  public var description: String {
    switch self {
    case .shape(let layer, let expected, let found): "\(layer): expected \(expected), found \(found)"
    case .configuration(let problem), .communication(let problem): problem
    case .dataset(let path, let reason), .file(let path, let reason), .output(let path, let reason):
      "\(path.displayedPath): \(reason)"
    }
  }
}
