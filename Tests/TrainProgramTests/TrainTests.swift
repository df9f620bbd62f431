import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT
@testable import samt_train

@Suite struct TrainTests {
  private func configurationError(_ arguments: [String]) throws -> String? {
    try configurationError(try Options(arguments))
  }

  private func configurationError(_ options: Options) throws -> String? {
    do throws(SAMTError) {
      let model = try makeModel(options, input: [1, 6, 6], classes: 10)
      _ = try makeAlgorithm(options, model: model, totalSteps: 10)
      return nil
    } catch {
      guard case .configuration(let reason) = error else { return "\(error)" }
      return reason
    }
  }

  @Test(arguments: [
    ["--eta0", "1"], ["--eta-learning-rate", "0.1"], ["--projection", "sigmoid"], ["--right-only"], ["--unguarded"],
    ["--order", "random"], ["--blocks", "one-group"], ["--blocks-per-batch", "1"],
  ])
  func otherMethodsRefuseSAMTsOptions(option: [String]) throws {
    for method in ["sgd", "momentum", "nesterov", "adam", "adamw", "soaa"] {
      #expect(
        try configurationError(["--optimizer", method] + option)
          == "\(option[0]) is for SAMT, and \(method) would ignore it")
    }
    for method in ["samt-s", "samt-r", "samt-c", "samt-e"] {
      #expect(try configurationError(["--optimizer", method] + option) == nil)
    }
  }

  @Test(arguments: [["--learning-rate", "1"], ["--clip-norm", "1"], ["--clip-value=2"]])
  func samtRefusesTheOthersOptions(option: [String]) throws {
    for method in ["samt-s", "samt-r", "samt-c", "samt-e"] {
      let reason = try #require(try configurationError(["--optimizer", method] + option))
      #expect(reason.hasPrefix("\(option[0].prefix { $0 != "=" }) is for the other optimizers"))
    }
    #expect(try configurationError(["--optimizer", "adam"] + option) == nil)
  }

  /// An option is there for the methods that take it, and refused where none does.
  @Test func comparedMethodsTakeTheOptionsOfTheirs() throws {
    let values = [
      "--learning-rate": "1", "--clip-norm": "1", "--clip-value": "1", "--radius-bound": "0.2", "--eta0": "1",
      "--eta-learning-rate": "0.1", "--projection": "sigmoid", "--right-only": nil, "--unguarded": nil,
      "--order": "random", "--blocks": "one-group", "--blocks-per-batch": "1",
    ]
    for (name, value) in values {
      let option = [name] + (value.map { [$0] } ?? [])
      for algorithm in Options.Algorithm.allCases {
        let isRefused = try configurationError(["--optimizer", algorithm.rawValue] + option) != nil
        #expect(isRefused == algorithm.ignoredOptions.contains(name), "\(algorithm) \(name)")
      }
      for run in try Options(["--optimizer", "samt-s,sgd,soaa"] + option).runs {
        #expect(try configurationError(run) == nil, "\(run.algorithm) \(name)")
      }
    }
    for run in try Options(["--optimizer", "adam,sgd", "--eta0", "1"]).runs {
      #expect(try configurationError(run) == "--eta0 is for SAMT, and \(run.algorithm.rawValue) would ignore it")
    }
  }

  @Test func aComparisonTrainsEachAndTellsThemApart() throws {
    try withTemporaryDirectory { directory in
      try writeCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      try run(
        try Options([
          "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "samt-s,soaa", "--seeds", "2",
          "--batch", "2", "--epochs", "1", "--radius-bound", "0.3", "--out", out.path,
        ]))
      let folders = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
      #expect(folders == ["samt-s-0", "samt-s-1", "soaa-0", "soaa-1"])
      let logs = try folders.map {
        try String(contentsOf: out.appendingPathComponent("\($0)/metrics.jsonl"), encoding: .utf8)
      }
      #expect(Set(logs.map { $0.replacing(/"(seconds|samplesPerSecond)":[^,]*,/, with: "") }).count == 4)
    }
  }

  @Test func settingsThatDoNotWorkAreRefusedBeforeTheFirstTraining() throws {
    try withTemporaryDirectory { directory in
      try writeCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      #expect(throws: SAMTError.self) {
        try run(
          try Options([
            "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "adam,soaa", "--batch", "2",
            "--radius-bound", "0", "--out", out.path,
          ]))
      }
      #expect(!FileManager.default.fileExists(atPath: out.path))
    }
  }

  @Test func theTableHasMeansAndRanges() {
    var comparison = Comparison()
    func report(_ accuracy: Double, _ loss: Double, _ speed: Double, averaged: Double? = nil) -> EpochReport {
      EpochReport(
        epoch: 1, trainingLoss: loss, trainingAccuracy: 0.5, testLoss: 1, testAccuracy: accuracy,
        averagedTestAccuracy: averaged, seconds: 1, samplesPerSecond: speed, parameterUpdates: 3,
        layerPasses: LayerPasses(forward: 3, parameterGradient: 2, inputGradient: 1), metrics: [:], blocks: [])
    }
    comparison.add(report(0.5, 0.25, 1000), of: .samtS)
    comparison.add(report(0.75, 0.75, 3000), of: .samtS)
    comparison.add(report(0.875, 0.125, 12345), of: .adam)
    #expect(
      comparison.table == """
        method  test accuracy  lowest  highest  training loss  samples/s  layer passes
        samt-s         0.6250  0.5000   0.7500         0.5000       2000             6
        adam           0.8750  0.8750   0.8750         0.1250      12345             6
        """)
    comparison.add(report(0.875, 0.125, 12345, averaged: 0.5), of: .adamw)
    #expect(comparison.table.contains("highest  averaged"))
    #expect(comparison.table.contains("0.8750    0.5000"))
  }

  @Test func theRadiusBoundIsForSOAA() throws {
    for method in ["samt-s", "sgd", "momentum", "nesterov", "adam", "adamw"] {
      #expect(
        try configurationError(["--optimizer", method, "--radius-bound", "0.2"])
          == "--radius-bound is for soaa, and \(method) would ignore it")
    }
    #expect(try configurationError(["--optimizer", "soaa", "--radius-bound", "0.2"]) == nil)
    let reason = try #require(try configurationError(["--optimizer", "soaa", "--radius-bound", "0"]))
    #expect(reason.contains("radius bound must be between 0 and 1"))
  }

  @Test(arguments: ["lenet", "vgg-small", "resnet20", "resnet18"])
  func convolutionalNetworksRefuseDropout(model: String) throws {
    for option in ["--dropout", "--input-dropout"] {
      #expect(
        try configurationError(["--model", model, option, "0.5"])
          == "\(option) is for mlp, and \(model) would ignore it")
    }
  }

  @Test(arguments: ["mlp:4", "lenet"]) func networksWithoutAChoiceRefuseTheWayOfConvolving(model: String) throws {
    #expect(
      try configurationError(["--model", model, "--convolution", "direct"])
        == "--convolution has no choice to make in \(model)")
  }

  @Test(arguments: ["vgg-small", "resnet20", "resnet18"], ConvolutionAlgorithm.allCases)
  func everyConvolutionGoesTheWayAskedFor(model: String, way: ConvolutionAlgorithm) throws {
    let options = try Options(["--model", model, "--convolution", way.rawValue])
    let convolutions = try makeModel(options, input: [3, 32, 32], classes: 10).layers.compactMap { $0 as? Conv2d }
    #expect(!convolutions.isEmpty && convolutions.allSatisfy { $0.geometry.algorithm == way })
  }

  @Test func imagesAreRowsOfPixelsForAnMLP() throws {
    let model = try makeModel(
      try Options(["--model", "mlp:7,5", "--dropout", "0.5"]), input: [3, 4, 5], classes: 6)
    #expect(model.inputShape == [60] && model.outputShape == [6])
    #expect(model.parameters.map(\.value.shape) == [[7, 60], [7], [5, 7], [5], [6, 5], [6]])
  }

  @Test(
    arguments: [
      ("lenet", [1, 28, 28]), ("vgg-small", [3, 32, 32]), ("resnet20", [3, 32, 32]), ("resnet20", [1, 32, 32]),
      ("resnet18", [3, 32, 32]),
    ] as [(String, Shape)])
  func imagesGoIntoConvolutionalNetworksAsTheyAre(name: String, input: Shape) throws {
    let options = try Options(["--model", name])
    let model = try makeModel(options, input: input, classes: 7)
    #expect(model.inputShape == input && model.outputShape == [7])
    let other: Shape = input == [1, 28, 28] ? [3, 32, 32] : [1, 28, 28]
    let error = #expect(throws: SAMTError.self) { try makeModel(options, input: other, classes: 7) }
    guard case .shape(name, let expected, other)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected == "images of shape \(Shape([other[0], input[1], input[2]]))")
  }

  /// Told by the passes of one step: three layers forward once, then from each block's first layer after its move.
  @Test(arguments: [("per-layer", 3 + 3 + 2 + 1), ("per-stage", 3 + 3 + 2 + 1), ("one-group", 3 + 3)])
  func blocksAreGrouped(blocks: String, passes: Int) throws {
    let options = try Options(["--model", "mlp:7,5", "--blocks", blocks])
    let model = try makeModel(options, input: [1, 2, 2], classes: 3)
    let algorithm = try makeAlgorithm(options, model: model, totalSteps: 10)
    let executor = ModelExecutor(for: model, batchSize: 6)
    _ = algorithm.step(randomBatch(6, inputs: 4, classes: 3, seed: 1), in: executor, loss: SoftmaxCrossEntropy())
    #expect(executor.passes.forward == passes)
  }

  /// Colour images are normalized by the training set's figures, the others are as they are in the file.
  @Test func coloursAreNormalized() throws {
    try withTemporaryDirectory { directory in
      try writeCIFAR100(to: directory)
      let (training, test) = try DataSource.cifar100(directory.path).load(seed: 0)
      let raw = try Dataset.loadCIFAR100(directory: directory.path)
      let statistics = ChannelStatistics(of: raw.training)
      #expect(training.inputs.elements == raw.training.normalized(by: statistics).inputs.elements)
      #expect(test.inputs.elements == raw.test.normalized(by: statistics).inputs.elements)
    }
    #expect(DataSource.cifar100("").augmentation.flips && DataSource.shapes.augmentation.flips)
    #expect(!DataSource.digits.augmentation.flips && !DataSource.idx("").augmentation.flips)
  }

  @Test func aWholeRunOnFilesLeavesItsLog() throws {
    try withTemporaryDirectory { directory in
      try writeCIFAR100(to: directory)
      let out = directory.appendingPathComponent("run")
      try train(
        try Options([
          "--data", "cifar100:\(directory.path)", "--augment", "--model", "mlp:4", "--optimizer", "adam", "--batch",
          "2", "--epochs", "2", "--out", out.path,
        ]))
      let log = try String(contentsOf: out.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
      let reports = try log.split(separator: "\n").map {
        try JSONDecoder().decode(EpochReport.self, from: Data($0.utf8))
      }
      #expect(reports.map(\.epoch) == [1, 2])
      #expect(reports.map(\.parameterUpdates) == [3, 6])
    }
  }

  /// Whichever the method: it is the data that is said to be short.
  @Test(arguments: ["samt-s", "adam", "soaa"]) func fewerExamplesThanAMinibatchAreNamed(method: String) throws {
    try withTemporaryDirectory { directory in
      try writeCIFAR100(to: directory)
      let reason = "6 training examples do not fill a minibatch of 7"
      #expect(throws: SAMTError.configuration(reason)) {
        try train(
          try Options([
            "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", method, "--batch", "7",
          ]))
      }
    }
  }

  @Test func missingDataIsNamed() throws {
    for kind in ["idx", "cifar10", "cifar100"] {
      #expect(throws: SAMTError.dataset(path: "/nowhere/at/all", reason: "no such directory")) {
        try train(try Options(["--data", "\(kind):/nowhere/at/all"]))
      }
    }
  }

  /// Six training examples and two for the test.
  private func writeCIFAR100(to directory: URL) throws {
    func record(_ index: Int) -> [UInt8] {
      [UInt8(index), UInt8(10 * index)] + (0..<3072).map { UInt8(($0 * (index + 3)) % 251) }
    }
    try Data((0..<6).flatMap(record)).write(to: directory.appendingPathComponent("train.bin"))
    try Data((6..<8).flatMap(record)).write(to: directory.appendingPathComponent("test.bin"))
  }
}
