import SAMT

extension DataKind {
  /// Arrays of NumPy, a file each.
  static let npy = DataKind(
    "npy", "INPUTS,TARGETS[,TEST_INPUTS,TEST_TARGETS]", "NumPy's arrays, a file each", pathCounts: [1, 2, 4],
    options: ["--task", "--test-fraction"]
  ) { (request) throws(SAMTError) in
    let (paths, task, access) = (request.paths, request.options.task, request.access)
    let notes = try notes(on: NPYFile(contentsOf: paths[0]))
    switch paths.count {
    case 1:
      guard !request.needsTargets else { throw .configuration("npy:\(paths[0]): expected a file of targets, too") }
      return LoadedData(training: try inputs(NPYFile(contentsOf: paths[0])), notes: notes)
    case 2:
      return LoadedData(
        training: try Dataset.loadNPY(inputs: paths[0], targets: paths[1], task: task, access: access), notes: notes)
    default:
      let (training, test) = try Dataset.loadNPY(
        inputs: paths[0], targets: paths[1], testInputs: paths[2], testTargets: paths[3], task: task, access: access)
      return LoadedData(training: training, test: test, notes: notes)
    }
  }

  /// Arrays of NumPy in one archive.
  static let npz = DataKind(
    "npz", "FILE", "NumPy's x_train, y_train, x_test, y_test; or --inputs, --targets",
    options: ["--task", "--test-fraction", "--inputs", "--targets"]
  ) { (request) throws(SAMTError) in
    let (path, options) = (request.paths[0], request.options)
    let file = try NPZFile(contentsOf: path)
    let array = try file.array(options.inputArray ?? "x_train")
    if !request.needsTargets, options.targetArray == nil, let name = options.inputArray {
      return LoadedData(training: try inputs(file.array(name)), notes: notes(on: array))
    }
    let (training, test) = try Dataset.loadNPZ(
      path, inputs: options.inputArray, targets: options.targetArray, task: options.task)
    return LoadedData(training: training, test: test, notes: notes(on: array))
  }
}

/// How an array's axes are understood, where that is not plain.
private func notes(on inputs: NPYFile) -> [String] {
  inputs.hasChannelsLast ? ["\(inputs.shape[3]) channels along the last axis, as Keras orders images"] : []
}

/// Inputs without targets.
private func inputs(_ file: NPYFile) throws(SAMTError) -> Dataset {
  let inputs = try file.inputs()
  return Dataset(inputs: inputs, values: Tensor(zeros: [inputs.shape[0], 1]))
}
