extension Dataset {
  /// Loads examples from arrays of NumPy, one of inputs and one of targets.
  ///
  /// Inputs (examples) and (examples, features) are rows of features. (examples, rows, columns) and (examples, channels,
  /// rows, columns) are images; so are (examples, rows, columns, channels), Keras' order, where the last axis is 1, 3 or 4
  /// long and the second is not. Images of unsigned bytes are divided by 255.
  ///
  /// Targets are classes where they are integers or truth values, one for each example, from 0 to below 1000; there are as
  /// many classes as the largest needs. Other targets are values, (examples, ...).
  ///
  /// - Parameters:
  ///   - inputs: the path of a `.npy` file, whose first axis is the examples.
  ///   - targets: the path of one with as many.
  ///   - task: what the targets are; nil for what they look like.
  ///   - access: whether inputs are read at once or mapped. Those that lie in the file as a model takes them are mapped:
  ///     32-bit numbers with the least significant byte first, and images of bytes; others are read.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` as ``NPYFile/init(contentsOf:)`` does; where there is no example, there
  ///   are not as many targets as inputs, an array has more than four axes, or targets cannot be what `task` says.
  public static func loadNPY(
    inputs: String, targets: String, task: LearningTask? = nil, access: FileAccess = .copied
  ) throws(SAMTError) -> Dataset {
    try datasets([(try NPYInputs(contentsOf: inputs, access), try NPYFile(contentsOf: targets))], task: task)[0]
  }

  /// Loads examples to train and to test on from four arrays, as ``loadNPY(inputs:targets:task:access:)`` does.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` as that function does, and where training and test examples differ in
  ///   shape.
  public static func loadNPY(
    inputs: String, targets: String, testInputs: String, testTargets: String, task: LearningTask? = nil,
    access: FileAccess = .copied
  ) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    let both = try datasets(
      [
        (try NPYInputs(contentsOf: inputs, access), try NPYFile(contentsOf: targets)),
        (try NPYInputs(contentsOf: testInputs, access), try NPYFile(contentsOf: testTargets)),
      ], task: task)
    return (both[0], both[1])
  }

  /// Loads examples from an archive of arrays, as ``loadNPY(inputs:targets:task:access:)`` does.
  ///
  /// - Parameters:
  ///   - path: the archive.
  ///   - inputs: the name of the array of inputs; nil for `x_train`, and for `x_test` to test on where it is there.
  ///   - targets: the name of the array of targets; nil for `y_train` and `y_test`.
  ///   - task: what the targets are; nil for what they look like.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` as that function does, and as ``NPZFile/array(_:)`` does.
  public static func loadNPZ(
    _ path: String, inputs: String? = nil, targets: String? = nil, task: LearningTask? = nil
  ) throws(SAMTError) -> (training: Dataset, test: Dataset?) {
    let file = try NPZFile(contentsOf: path)
    var parts = [(NPYInputs.read(try file.array(inputs ?? "x_train")), try file.array(targets ?? "y_train"))]
    if inputs == nil, targets == nil, file.names.contains("x_test"), file.names.contains("y_test") {
      parts.append((.read(try file.array("x_test")), try file.array("y_test")))
    }
    let datasets = try datasets(parts, task: task)
    return (datasets[0], datasets.count > 1 ? datasets[1] : nil)
  }

  /// The examples of several parts of one data set; what the targets are follows from the first.
  private static func datasets(
    _ parts: [(inputs: NPYInputs, targets: NPYFile)], task: LearningTask?
  ) throws(SAMTError) -> [Dataset] {
    let first = try parts[0].targets.targets(task)
    let task: LearningTask = if case .classes = first { .classification } else { .regression }
    let targets = try [first] + parts.dropFirst().map { (part) throws(SAMTError) in try part.targets.targets(task) }
    let classCount = targets.reduce(0) { count, targets in
      if case .classes(let labels) = targets { max(count, 1 + Int(labels.max() ?? 0)) } else { count }
    }
    var datasets: [Dataset] = []
    for (part, targets) in zip(parts, targets) {
      let inputs = try part.inputs.storage()
      guard targets.count == inputs.count else {
        throw .dataset(
          path: part.targets.path,
          reason: "expected targets for the \(inputs.count) examples of \(part.inputs.path), found \(targets.count)")
      }
      var classes: Int?
      if case .classes = targets { classes = classCount }
      datasets.append(Dataset(inputs, targets, classCount: classes))
      let shape = datasets[datasets.count - 1].exampleShape
      guard shape == datasets[0].exampleShape else {
        throw .dataset(
          path: part.inputs.path,
          reason: "expected examples of shape \(datasets[0].exampleShape) as for training, found \(shape)")
      }
    }
    return datasets
  }
}
