/// Examples, each with its target.
///
/// Inputs are in memory, or lie in files that are mapped (``FileAccess/mapped``) and are converted as they are used.
public struct Dataset: Sendable {
  var storage: ExampleStorage
  /// One target per example: a class each, or values.
  public let targets: Targets
  /// The number of classes; nil where targets are values.
  public let classCount: Int?
  /// The classes' names, also where values stand for classes; none where only their numbers are known.
  public let classNames: [String]

  /// Examples of classes.
  ///
  /// - Parameters:
  ///   - inputs: (examples, ...).
  ///   - labels: the index of each example's class.
  ///   - classCount: the number of classes.
  ///   - classNames: the classes' names, in the order of their indices; none where only their numbers are known.
  ///   - ignoredLabel: a label that stands for no class, for a loss that ignores it; nil where there is none.
  /// - Precondition: as many labels as inputs, each in 0 ..< classCount or the ignored one; as many names as classes,
  ///   or none.
  public init(
    inputs: Tensor, labels: [Int32], classCount: Int, classNames: [String] = [], ignoredLabel: Int32? = nil
  ) {
    ensure(
      inputs.shape.rank >= 1 && inputs.shape[0] == labels.count,
      "inputs of shape \(inputs.shape), \(labels.count) labels")
    ensure(
      labels.allSatisfy { $0 >= 0 && Int($0) < classCount || $0 == ignoredLabel },
      "a label outside 0 ..< \(classCount)")
    ensure(classNames.isEmpty || classNames.count == classCount, "\(classNames.count) names of \(classCount) classes")
    self.init(.memory(inputs), .classes(labels[...]), classCount: classCount, classNames: classNames)
  }

  /// Examples of values, one or several for each.
  ///
  /// - Parameters:
  ///   - inputs: (examples, ...).
  ///   - values: (examples) or (examples, outputs, ...).
  /// - Precondition: as many rows of values as of inputs.
  public init(inputs: Tensor, values: Tensor) {
    ensure(
      inputs.shape.rank >= 1 && values.shape.rank >= 1 && inputs.shape[0] == values.shape[0],
      "inputs of shape \(inputs.shape), values of shape \(values.shape)")
    self.init(.memory(inputs), .values(values), classCount: nil)
  }

  /// Examples whose inputs are in memory or in files.
  ///
  /// - Precondition: as for the other initializers.
  init(_ storage: ExampleStorage, _ targets: Targets, classCount: Int?, classNames: [String] = []) {
    self.storage = storage
    if case .values(let values) = targets, values.shape.rank == 1 {
      self.targets = .values(values.reshaped(to: [values.count, 1]))
    } else {
      self.targets = targets
    }
    self.classCount = classCount
    self.classNames = classNames
  }

  /// The inputs, (examples, ...); of mapped files, all of them converted into memory.
  public var inputs: Tensor {
    if case .memory(let tensor) = storage { tensor } else { storage.rows(0..<count) }
  }

  /// The classes of the examples; none where targets are values.
  public var labels: ArraySlice<Int32> { if case .classes(let labels) = targets { labels } else { [] } }

  /// The classes of the examples; nil where targets are values.
  package var classes: ArraySlice<Int32>? { classCount == nil ? nil : labels }

  /// The number of examples.
  public var count: Int { targets.count }

  /// The shape of one example.
  public var exampleShape: Shape { storage.exampleShape }

  /// Examples `range` as a batch, sharing this data set's memory where that holds them.
  public func batch(_ range: Range<Int>) -> Batch { Batch(inputs: storage.rows(range), targets: targets[range]) }
}
