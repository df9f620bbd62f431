import CommandLineOptions
import Testing

@testable import samt_train

@Suite struct OptionsTests {
  @Test func withoutOptionsADigitsRunIsAskedFor() throws {
    let options = try Options([])
    #expect(options.model == .mlp([400]))
    #expect(options.data == nil && !options.augments)
    #expect(options.algorithm == .samtS)
  }

  @Test(arguments: [
    ("digits", DataSource.digits), ("shapes", .shapes), ("idx:mnist", .idx("mnist")), ("mnist", .idx("mnist")),
    ("cifar10:/data/c10", .cifar10("/data/c10")), ("cifar100:c:d", .cifar100("c:d")), ("idx:digits", .idx("digits")),
    ("./digits", .idx("./digits")), ("c:/mnist", .idx("c:/mnist")),
  ])
  func sourcesOfData(text: String, expected: DataSource) throws {
    #expect(try Options(["--data", text]).data == expected)
  }

  @Test(arguments: [
    ("mlp:400", ModelChoice.mlp([400])), ("mlp:1,65536", .mlp([1, 65536])), ("lenet", .lenet),
    ("vgg-small", .vggSmall), ("resnet20", .resnet20), ("resnet18", .resnet18),
  ])
  func models(text: String, expected: ModelChoice) throws {
    #expect(try Options(["--model", text]).model == expected)
    #expect("\(expected)" == text)
  }

  @Test func eachModelHasItsUsualData() throws {
    #expect(ModelChoice.mlp([3]).usualData == .digits && ModelChoice.lenet.usualData == .digits)
    for model in [ModelChoice.vggSmall, .resnet20, .resnet18] { #expect(model.usualData == .shapes) }
  }

  @Test(arguments: [
    (["--data", ""], "--data: expected digits, shapes"), (["--data=cifar10:"], "found cifar10:"),
    (["--data"], "--data needs a value"), (["--model", "mlp"], "found mlp"), (["--model", "mlp:"], "found mlp:"),
    (["--model", "mlp:3,"], "found mlp:3,"), (["--model", "mlp:0"], "with N in 1 ... 65536, found mlp:0"),
    (["--model", "mlp:65537"], "found mlp:65537"),
    (["--model", "resnet"], "mlp:N[,N...], lenet, vgg-small, resnet20, resnet18"),
    (["--blocks", "per-row"], "per-layer, per-stage, one-group"), (["--augment=1"], "--augment takes no value"),
    (["shapes"], "unexpected argument shapes"), (["--optimizer", "adam,"], "adamw, soaa, found"),
    (["--optimizer", "adam,sgd,adam"], "adam is there twice"), (["--seeds", "0"], "in 1 ... 1000, found 0"),
  ])
  func whatIsMeantIsSaid(arguments: [String], part: String) {
    let error = #expect(throws: UsageError.self) { try Options(arguments) }
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  @Test func eachMethodRunsFromEachSeed() throws {
    let options = try Options(["--optimizer", "samt-r,adam", "--seed", "7", "--seeds", "2", "--out", "runs"])
    #expect(options.runs.map(\.algorithm) == [.samtR, .samtR, .adam, .adam])
    #expect(options.runs.map(\.seed) == [7, 8, 7, 8])
    #expect(
      options.runs.map(\.outputDirectory) == ["runs/samt-r-7", "runs/samt-r-8", "runs/adam-7", "runs/adam-8"])
    #expect(options.runs.allSatisfy { $0.runs.count == 1 })
  }

  @Test func aSingleTrainingWritesWhereItIsTold() throws {
    let runs = try Options(["--optimizer", "adam", "--seed", "7", "--out", "runs"]).runs
    #expect(runs.map(\.outputDirectory) == ["runs"] && runs.map(\.seed) == [7])
  }

  /// The list of names stands apart from the table; a name that no option has would refuse nothing.
  @Test func theListsOfIgnoredOptionsNameOptions() {
    for name in Options.Algorithm.allCases.flatMap(\.ignoredOptions) {
      #expect(Options.help.contains("  \(name) "), "\(name)")
    }
  }
}
