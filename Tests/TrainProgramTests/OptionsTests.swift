import CommandLineOptions
import Testing

@testable import samt_train

@Suite struct OptionsTests {
  @Test func withoutOptionsADigitsRunIsAskedFor() throws {
    let settings = try singleRun([])
    #expect(settings.network.model == .mlp([400]))
    #expect(settings.data == nil && settings.source == DataSource(.digits) && !settings.augments)
    #expect(settings.method.name == "samt")
  }

  @Test(arguments: [
    ("digits", DataSource(.digits)), ("shapes", DataSource(.shapes)), ("idx:mnist", DataSource(.idx, "mnist")),
    ("mnist", DataSource(.idx, "mnist")), ("cifar10:/data/c10", DataSource(.cifar10, "/data/c10")),
    ("cifar100:c:d", DataSource(.cifar100, "c:d")), ("idx:digits", DataSource(.idx, "digits")),
    ("./digits", DataSource(.idx, "./digits")), ("c:/mnist", DataSource(.idx, "c:/mnist")),
    ("idx:i,l", DataSource(.idx, "i", "l")), ("idx:a,b,c,d", DataSource(.idx, "a", "b", "c", "d")),
    ("csv:a,b.csv", DataSource(.csv, "a,b.csv")), ("npy:x.npy,y.npy", DataSource(.npy, "x.npy", "y.npy")),
    ("npz:m.npz", DataSource(.npz, "m.npz")), ("images:dir", DataSource(.images, "dir")),
  ])
  func sourcesOfData(text: String, expected: DataSource) throws {
    #expect(try singleRun(["--data", text]).data == expected)
    #expect(try singleRun(["--data", expected.text]).data == expected)
  }

  @Test(arguments: [
    ("mlp:400", ModelChoice.mlp([400])), ("mlp:1,65536", .mlp([1, 65536])), ("lenet", .lenet),
    ("small-cnn", .smallCNN), ("small-cnn-bn", .smallCNNNormalized), ("vgg-small", .vggSmall), ("resnet20", .resnet20),
    ("resnet18", .resnet18),
  ])
  func models(text: String, expected: ModelChoice) throws {
    #expect(try singleRun(["--model", text]).network.model == expected)
    #expect("\(expected)" == text)
  }

  @Test func eachModelHasItsUsualData() throws {
    #expect(ModelChoice.mlp([3]).usualData.kind == .digits && ModelChoice.lenet.usualData.kind == .digits)
    for model in [ModelChoice.smallCNN, .smallCNNNormalized, .vggSmall, .resnet20, .resnet18] {
      #expect(model.usualData.kind == .shapes)
    }
  }

  @Test(arguments: [
    (["--data", ""], "--data: expected digits, shapes"), (["--data=cifar10:"], "found cifar10:"),
    (["--data", "csv"], "csv:FILE"), (["--data", "idx:a,b,c"], "found idx:a,b,c"),
    (["--data", "npy:a,"], "found npy:a,"),
    (["--image-size", "3x"], "HxW"), (["--target", "a,"], "--target: expected a text"),
    (["--data"], "--data needs a value"), (["--model", "mlp"], "found mlp"), (["--model", "mlp:"], "found mlp:"),
    (["--model", "mlp:3,"], "found mlp:3,"), (["--model", "mlp:0"], "with N in 1 ... 65536, found mlp:0"),
    (["--model", "mlp:65537"], "found mlp:65537"),
    (["--model", "resnet"], "mlp:N[,N...], lenet, small-cnn, small-cnn-bn, vgg-small, resnet20, resnet18"),
    (["--optimizer", "samt-s", "--blocks", "per-row"], "per-layer, pairs, per-stage, one-group"),
    (["--augment=1"], "--augment takes no value"),
    (["--right-only=1"], "--right-only takes no value"),
    (["shapes"], "unexpected argument shapes"), (["--", "--augment"], "unexpected argument --augment"),
    (["--optimizer", "adam,"], "adas, mdlam, found nothing"),
    (["--optimizer", "adam,sgd,adam"], "adam is there twice"), (["--seeds", "0"], "in 1 ... 1000, found 0"),
    (["--out", ""], "--out: expected a path, found nothing"), (["--colour"], "unknown option --colour"),
  ])
  func whatIsMeantIsSaid(arguments: [String], part: String) {
    let error = #expect(throws: UsageError.self) { _ = try contenders(arguments) }
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  @Test func eachMethodRunsFromEachSeed() throws {
    let settings = try parse(["--optimizer", "samt-r,adam", "--seed", "7", "--seeds", "2"])
    #expect(try settings.run() == nil)
    let comparison = ComparisonSettings(trainings: settings)
    #expect(try comparison.contenders().map(\.method.name) == ["samt-r", "adam"] && comparison.seeds == [7, 8])
    let training = try comparison.contenders()[1].training(seed: 8, rate: 0.25)
    #expect(training.seed == 8 && training.method.name == "adam")
    #expect(training.method.values.first { $0.name == "--learning-rate" }?.values == ["0.25"])
  }

  @Test func aSingleTrainingWritesWhereItIsTold() throws {
    let run = try #require(try parse(["--optimizer", "adam", "--seed", "7", "--out", "runs"]).run())
    #expect(run.output.directory == "runs" && run.settings.seed == 7)
  }

  /// What an option writes, the same option reads.
  @Test func optionsReadWhatTheyWrite() throws {
    let arguments = [
      "--data", "cifar10:c", "--augment", "--validation-fraction", "0.2", "--no-test", "--target", "y,z",
      "--ignore", "a", "--categorical", "b,c", "--test", "t.csv",
      "--test-fraction", "0.25", "--task", "regression", "--header", "yes", "--inputs", "x", "--targets", "y",
      "--image-size", "3x5", "--model", "mlp:3,4", "--convolution", "direct", "--dropout", "0.1",
      "--input-dropout", "0.25", "--loss", "cross-entropy", "--label-smoothing", "0.1", "--class-weights", "balanced",
      "--huber-delta", "1", "--epochs", "3", "--batch", "7", "--drop-last", "--patience", "4", "--average", "ema",
      "--seed", "9223372036854775807",
    ]
    let settings = try parse(arguments).training
    var words: [String] = []
    for (name, values) in TrainingSettings.options.values(of: settings) {
      for value in values { words += value.isEmpty ? [name] : [name, value] }
    }
    #expect(words == arguments)
  }

  @Test func helpAndVersionEndTheParsing() throws {
    var settings = TrainSettings(methods: [])
    for (word, isHelp) in [("--help", true), ("-h", true), ("--version", false)] {
      let parsed = try TrainSettings.options.parse(["--augment", word, "--nonsense"], into: &settings) { _, _ in }
      #expect(parsed.options == ["--augment"])
      #expect(isHelp ? parsed.request == .help : parsed.request == .version)
    }
    #expect(try TrainSettings.options.parse(["--out", "-h"], into: &settings) { _, _ in }.request == nil)
  }
}
