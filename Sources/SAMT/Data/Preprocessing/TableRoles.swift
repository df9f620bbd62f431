/// Which columns of a table are predicted, and which from.
public struct TableRoles: Sendable, Equatable {
  /// The columns that are predicted; several are numbers.
  public var targets: [String]
  /// The columns that are left out; the others are inputs.
  public var ignored: [String]
  /// Inputs that hold categories, whatever they look like: codes that are written as numbers.
  public var categorical: [String]
  /// Nil for what the target looks like: see ``TablePreprocessing/init(fitting:rows:roles:)``.
  public var task: LearningTask?

  /// Roles by the columns' names.
  public init(targets: [String], ignored: [String] = [], categorical: [String] = [], task: LearningTask? = nil) {
    self.targets = targets
    self.ignored = ignored
    self.categorical = categorical
    self.task = task
  }
}
