import CommandLineOptions
import SAMT
import Testing

@testable import samt_train

/// The list of methods: what each takes, refuses and makes.
@Suite struct MethodTests {
  /// A value that is no default, for each option of a method.
  private static let values: [String: String?] = [
    "--learning-rate": "2", "--accumulate": "3", "--clip-norm": "1", "--clip-value": "1", "--radius-bound": "0.2",
    "--eta0": "1", "--eta-model": "/no/such/file", "--features": "norm,mean", "--backtrack": nil,
    "--eta-learning-rate": "0.1", "--projection": "sigmoid", "--right-only": nil, "--unguarded": nil,
    "--order": "random", "--blocks": "one-group", "--blocks-per-batch": "1", "--weight-decay": "0.3",
    "--total-decay": "1", "--schedule": "cosine", "--warm-up": "3", "--direction": "nadam", "--unit": "absolute",
    "--no-search": nil,
    "--no-lesson": nil, "--warm-up-part": "0.2", "--decay": "cosine", "--window": "640",
    "--proposal": "eta-model",
    "--group": "*.bias:rate=0.5,decay=0.25", "--average-share": "0.5", "--step-power": "2", "--beta2": "0.5",
    "--initial-estimate": "0.01", "--estimate-factor": "2", "--growth-limit": "3", "--bias-correction": nil,
    "--safeguard-warm-up": nil, "--initial-distance": "0.01", "--averaging": "3", "--cocob-alpha": "10",
    "--base": "nesterov", "--initial-scale": "0.01", "--hyper-rate": "0.01",
    "--penalty": "0.5", "--weight-penalty": "0.5", "--tolerance": "0.5", "--no-acceleration": nil,
    "--adam-learning-rate": "0.5", "--muon-scale": "match-rms-adamw", "--iterations": "3", "--scion-alpha": "0.25",
    "--radius": "3", "--last-radius": "7", "--unconstrained": nil, "--keep-weights": nil,
    "--damping": "0.5", "--gamma": "2", "--factor-interval": "7", "--ramda-momentum": "0.5", "--group-lasso": "0.125",
    "--gain-beta": "0.5", "--zeta": "2", "--look-interval": "3", "--look-reach": "2", "--curvature-scale": "0.5",
    "--curvature-damping": "0.25", "--difference": "0.125",
  ]

  private func arguments(_ method: String, _ option: String) throws -> [String] {
    let value = try #require(Self.values[option], "no value is known for \(option)")
    return ["--optimizer", method, option] + (value.map { [$0] } ?? [])
  }

  @Test func namesAreThereOnceAndHaveASummary() {
    #expect(Set(Method.all.map(\.name)).count == Method.all.count)
    for method in Method.all { #expect(!method.summary.isEmpty && Method.list.contains(method.summary)) }
  }

  /// Options that share a name are one option: the table on the command line has it once.
  @Test func optionsOfOneNameAreTheSame() {
    for option in Method.all.flatMap(\.options) {
      for method in Method.all {
        guard let other = method.options.first(where: { $0.name == option.name }) else { continue }
        #expect(other.help == option.help && other.placeholder == option.placeholder, "\(option.name)")
      }
    }
    let names = TrainSettings.options.options.map(\.name)
    #expect(Set(names).count == names.count)
  }

  /// A comparison tunes the rate of every method that has one and does not find it by itself.
  @Test func ratesAreSearched() {
    let notSearched = Method.all.filter { $0.searchedOption == nil }.map(\.name)
    #expect(
      notSearched == [
        "samt", "samt-s", "samt-r", "samt-c", "samt-e", "prodigy", "dadapt-adam", "dog", "ldog", "mechanic", "gen",
        "cocob", "mdlam",
      ])
    #expect(Method.all.allSatisfy { $0.searchedOption ?? "--learning-rate" == "--learning-rate" })
  }

  /// Every method takes its options and refuses the others', naming whose they are.
  @Test(arguments: Method.all.map(\.name)) func optionsAreTakenOrRefused(name: String) throws {
    let method = try #require(Method.all.first { $0.name == name })
    for option in Set(Method.all.flatMap { $0.options.map(\.name) }) {
      if method.takes(option) {
        let settings = try singleRun(try arguments(name, option))
        let written = try #require(settings.method.values.first { $0.name == option })
        #expect(written.values == [Self.values[option]! ?? ""])
        let model = try settings.network.make(input: [1, 6, 6], outputs: 10, seed: 0)
        if option == "--eta-model" {
          let error = #expect(throws: SAMTError.self) { try settings.makeAlgorithm(for: model, on: Self.data) }
          #expect("\(error!)".contains("/no/such/file"))
        } else {
          _ = try settings.makeAlgorithm(for: model, on: Self.data)
        }
      } else {
        let error = #expect(throws: UsageError.self) { _ = try singleRun(try arguments(name, option)) }
        let takers = Method.all.filter { $0.takes(option) }.map(\.name).joined(separator: ", ")
        #expect(error?.message == "\(option) is for \(takers), and \(name) would ignore it")
      }
    }
  }

  @Test(arguments: [("0", 0), ("7", 7), ("5%", 10), ("2.5%", 5), ("100%", 200)])
  func aWarmUpIsANumberOfStepsOrAPercentage(text: String, steps: Int) throws {
    let warmUp = try ValueFormat<WarmUp>.warmUp.read("--warm-up", text)
    #expect(warmUp.steps(of: 200) == steps)
    #expect(ValueFormat<WarmUp>.warmUp.write(warmUp) == text)
  }

  @Test(arguments: ["-1", "-1%", "101%", "nan%", "%", "1.5", ""]) func otherWarmUpsAreRefused(text: String) {
    #expect(throws: UsageError.self) { try ValueFormat<WarmUp>.warmUp.read("--warm-up", text) }
  }

  /// `--schedule step` has three rates, however the steps divide; with fewer than three steps one for each.
  @Test(arguments: 1...12) func aStepScheduleHasThreeRates(steps: Int) {
    var settings = ScheduleSettings()
    settings.kind = .step
    let schedule = settings.schedule(totalSteps: steps)
    let factors = (0..<steps).map { schedule($0) }
    #expect(Set(factors).count == min(steps, 3) && factors == factors.sorted(by: >), "\(factors)")
    #expect(factors[0] == 1 && schedule(steps + 1) == schedule(steps) && schedule(steps) > 0.009)
    let lengths = Set(factors).map { factor in factors.count { $0 == factor } }
    #expect(lengths.max()! - lengths.min()! <= 1, "\(lengths)")
  }

  @Test func samtAndTheOthersHaveOptionsOfTheirOwn() throws {
    for method in Method.all {
      let isSAMT = method.name.hasPrefix("samt"), isPublished = method.name.hasPrefix("samt-")
      #expect(method.takes("--eta0") == isSAMT)
      for option in ["--projection", "--blocks"] { #expect(method.takes(option) == isPublished) }
      for option in ["--direction", "--no-search", "--total-decay"] {
        #expect(method.takes(option) == (isSAMT && !isPublished))
      }
      let isMDLAM = method.name == "mdlam"
      for option in ["--learning-rate", "--clip-norm"] { #expect(method.takes(option) == !(isSAMT || isMDLAM)) }
      #expect(method.takes("--radius-bound") == (method.name == "soaa"))
      #expect(method.takes("--weight-decay") == !["mdlam", "cocob", "samt"].contains(method.name))
      #expect(method.takes("--schedule") == !(isMDLAM || method.name == "samt"))
      for option in ["--penalty", "--tolerance"] { #expect(method.takes(option) == isMDLAM) }
    }
  }

  /// Without `--batch`, 128 examples or all of them; with it, what it says, where the method can do that.
  @Test(arguments: Method.all.map(\.name)) func everyMethodHasItsBatchSize(name: String) throws {
    let usual = try singleRun(["--optimizer", name])
    let asked = try singleRun(["--optimizer", name, "--batch", "50"])
    #expect(try asked.batchSize(of: 50) == 50)
    if name == "mdlam" {
      #expect(try usual.batchSize(of: 5000) == 5000)
      let error = #expect(throws: SAMTError.self) { try asked.batchSize(of: 5000) }
      #expect(error?.description.contains("--batch: mdlam takes all 5000 training examples") == true)
      #expect(throws: SAMTError.self) { try asked.configuration(examples: 5000) }
    } else {
      #expect(try usual.batchSize(of: 5000) == 128 && asked.batchSize(of: 5000) == 50)
    }
  }

  /// An option is there for the methods that take it, and refused where none does.
  @Test func comparedMethodsTakeTheOptionsOfTheirs() throws {
    let all = Method.all.map(\.name).joined(separator: ",")
    for option in Self.values.keys {
      for contender in try contenders(try arguments(all, option)) {
        let method = try contender.training(seed: 0, rate: nil).method
        let values = method.values.first { $0.name == option }?.values
        #expect(
          (values == [Self.values[option]! ?? ""]) == contender.method.takes(option), "\(method.name) \(option)")
      }
    }
    let error = #expect(throws: UsageError.self) { _ = try contenders(["--optimizer", "adam,sgd", "--eta0", "1"]) }
    #expect(error?.message.hasPrefix("--eta0 is for samt, samt-s") == true)
  }

  @Test(arguments: [
    ("sgd", "1", "0"), ("momentum", "0.1", "0"), ("nesterov", "0.1", "0"), ("adam", "0.001", "0"),
    ("adamw", "0.001", "0.01"), ("nadamw", "0.001", "0.01"), ("soaa", "0.001", "0"),
    ("schedule-free-sgd", "1", "0"), ("schedule-free-adamw", "0.0025", "0"), ("prodigy", "1", "0"),
    ("dadapt-adam", "1", "0"), ("dog", "1", "0"), ("ldog", "1", "0"), ("mechanic", "1", "0"),
    ("hypergradient", "0.001", "0"),
  ])
  func defaultsAreTheMethods(name: String, rate: String, decay: String) throws {
    let values = try singleRun(["--optimizer", name]).method.values
    #expect(values.first { $0.name == "--learning-rate" }?.values == [rate])
    #expect(values.first { $0.name == "--weight-decay" }?.values == [decay])
  }

  /// A group is read, written so that it reads the same again, and refused with what was expected.
  @Test func groupsAreReadAndWritten() throws {
    let groups = ["fc*:rate=2", "a:b.weight:decay=0", "*.bias:decay=0.1,rate=0.5"]
    let written = try groups.map { ValueFormat<GroupOption>.group.write(try ValueFormat.group.read("--group", $0)) }
    #expect(written == ["fc*:rate=2.0", "a:b.weight:rate=1.0,decay=0.0", "*.bias:rate=0.5,decay=0.1"])
    for (text, again) in zip(groups, written) {
      #expect(
        try ValueFormat<GroupOption>.group.read("--group", again) == ValueFormat.group.read("--group", text))
    }
    for text in [
      "fc1", ":rate=1", "fc1:", "fc1:rate", "fc1:rate=0", "fc1:rate=nan", "fc1:decay=-1", "fc1:rate=1,rate=2",
      "fc1:rate=1,", "fc1:momentum=0.5", "fc1:rate=1=2",
    ] {
      #expect(throws: UsageError.self, "\(text)") { try ValueFormat<GroupOption>.group.read("--group", text) }
    }
  }

  @Test func groupsThatDoNotFitTheModelAreNamed() throws {
    func error(_ groups: [String]) throws -> String? {
      let options = groups.flatMap { ["--group", $0] }
      let settings = try singleRun(["--optimizer", "adam", "--model", "mlp:7,5"] + options)
      let model = try settings.network.make(input: [1, 6, 6], outputs: 10, seed: 0)
      do throws(SAMTError) {
        _ = try settings.makeAlgorithm(for: model, on: Self.data)
        return nil
      } catch { return "\(error)" }
    }
    #expect(try error(["fc1:rate=0.1", "*.bias:rate=2"]) == "fc1.bias is in two groups: fc1 and *.bias")
    #expect(try error(["fc4:rate=0.1"])?.hasPrefix("the group fc4 has no parameters; trained: fc1.weight") == true)
    #expect(try error(["fc1:rate=0.1", "fc2.weight:decay=0"]) == nil)
  }

  @Test func settingsThatMakeNoSenseAreNamed() throws {
    func error(_ arguments: [String]) throws -> String? {
      let settings = try singleRun(arguments)
      let model = try settings.network.make(input: [1, 6, 6], outputs: 10, seed: 0)
      do throws(SAMTError) {
        _ = try settings.makeAlgorithm(for: model, on: Self.data)
        return nil
      } catch { return "\(error)" }
    }
    #expect(try error(["--optimizer", "soaa", "--radius-bound", "0.2"]) == nil)
    #expect(
      try error(["--optimizer", "soaa", "--radius-bound", "0"])?.contains("radius bound must be between 0 and 1")
        == true)
    #expect(
      try error(["--optimizer", "adam", "--clip-norm", "1", "--clip-value", "2"])
        == "--clip-norm and --clip-value cannot both limit the gradients")
  }

  /// Told by the passes of one step: three layers forward once, then from each block's first layer after its move.
  @Test(arguments: [
    ("per-layer", 3 + 3 + 2 + 1), ("per-stage", 3 + 3 + 2 + 1), ("pairs", 3 + 3 + 1), ("one-group", 3 + 3),
  ])
  func blocksAreGrouped(blocks: String, passes: Int) throws {
    let settings = try singleRun(["--optimizer", "samt-s", "--model", "mlp:7,5", "--blocks", blocks])
    let model = try settings.network.make(input: [1, 6, 6], outputs: 10, seed: 0)
    let algorithm = try settings.makeAlgorithm(for: model, on: Self.data)
    let executor = ModelExecutor(for: model, batchSize: 6)
    _ = algorithm.step(Self.data.training.batch(0..<6), in: executor, loss: SoftmaxCrossEntropy())
    #expect(executor.passes.forward == passes)
  }

  /// Images of 6 x 6 pixels in ten classes.
  static let data = TrainingData(training: images, test: images)

  private static let images = Dataset(
    inputs: Tensor((0..<12 * 36).map { Float($0 % 7) / 7 }, shape: [12, 1, 6, 6]), labels: (0..<12).map { $0 % 10 },
    classCount: 10)
}
