import CommandLineOptions
import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT
@testable import samt_train

/// Comparisons of small networks on some images.
@Suite struct ComparisonTests {
  /// What `compare` makes of these arguments.
  private func settings(_ arguments: [String]) throws -> ComparisonSettings {
    var settings = ComparisonSettings()
    try ComparisonSettings.options.parse(arguments, into: &settings) { (_, word) throws(UsageError) in
      throw UsageError("unexpected argument \(word)")
    }
    return settings
  }

  private func compare(_ arguments: [String]) throws -> Int32 {
    let settings = try settings(arguments)
    return try runComparison(settings, in: ComparisonDirectory(new: settings.trainings.output))
  }

  private func results(in directory: URL) throws -> ComparisonResults {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(
      ComparisonResults.self, from: Data(contentsOf: directory.appendingPathComponent("results.json")))
  }

  @Test func aComparisonTrainsEachAndTellsThemApart() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      let status = try compare([
        "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "samt-s,soaa", "--seeds", "2",
        "--batch", "2", "--epochs", "1", "--radius-bound", "0.3", "--out", out.path,
      ])
      #expect(status == 0)
      let folders = ["samt-s-0", "samt-s-1", "soaa-0", "soaa-1"]
      let found = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
      #expect(found == ["comparison.json", "report.html", "results.csv", "results.json"] + folders)
      let logs = try folders.map {
        try String(contentsOf: out.appendingPathComponent("\($0)/metrics.jsonl"), encoding: .utf8)
      }
      #expect(Set(logs.map { $0.replacing(/"(seconds|samplesPerSecond)":[^,]*,/, with: "") }).count == 4)
      let results = try results(in: out)
      #expect(results.rows.map(\.method) == ["samt-s", "soaa"])
      #expect(results.rows.allSatisfy { $0.trainings.map(\.seed) == [0, 1] && $0.search.isEmpty && $0.rate == nil })
    }
  }

  /// The rates are chosen on examples that no training sees, and methods without a rate get none.
  @Test func aSearchChoosesTheRateThatIsBestOnValidationExamples() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      _ = try compare([
        "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "samt-s,adam", "--search", "4",
        "--validation-fraction", "0.5", "--batch", "2", "--epochs", "1", "--out", out.path,
      ])
      let results = try results(in: out)
      #expect(results.rows[0].rate == nil && results.rows[0].search.isEmpty)
      let adam = results.rows[1]
      #expect(adam.search.count == 4)
      #expect(adam.search.prefix(3).map { Float($0.rate) } == [0.001, 0.00025, 0.004])
      let best = adam.search.map(\.result).max()
      #expect(adam.rate == adam.search.first { $0.result == best }?.rate)
      #expect(adam.searchCost.passes == adam.search.reduce(0) { $0 + $1.cost.passes })
      #expect(results.rows.allSatisfy { !$0.mean.isNaN })
    }
  }

  /// Only the trainings that are compared see the test examples: nothing before them evaluates or keeps anything of them.
  @Test func noTrialEvaluatesTheTestExamples() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      _ = try compare([
        "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "adam", "--search", "2",
        "--validation-fraction", "0.5", "--batch", "2", "--passes", "4", "--average", "ema", "--out", out.path,
      ])
      func runs(in folder: String) throws -> [RunDirectory] {
        let folder = out.appendingPathComponent(folder).path
        return try FileManager.default.contentsOfDirectory(atPath: folder).map { name in
          try RunDirectory(earlier: "\(folder)/\(name)")
        }
      }
      let preliminary = try runs(in: "search") + runs(in: "pilot")
      #expect(preliminary.count == 3)
      for run in preliminary {
        let reports = try run.reports()
        #expect(!reports.isEmpty)
        #expect(reports.allSatisfy { $0.validation != nil && $0.test == nil && $0.averagedTest == nil }, "\(run.path)")
        #expect(!FileManager.default.fileExists(atPath: run.path + "/confusion.json"))
      }
      let compared = try RunDirectory(earlier: out.appendingPathComponent("adam-0").path)
      #expect(try compared.reports().allSatisfy { $0.test != nil && $0.averagedTest != nil })
      #expect(FileManager.default.fileExists(atPath: compared.path + "/confusion.json"))
    }
  }

  /// A comparison that goes on trains what is missing alone, and comes to the same.
  @Test func aComparisonThatWasInterruptedComesToTheSame() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      _ = try compare([
        "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "adam,samt", "--seeds", "2",
        "--batch", "2", "--epochs", "2", "--out", out.path,
      ])
      let whole = try results(in: out)
      let kept = out.appendingPathComponent("adam-0/metrics.jsonl")
      let line = try Data(contentsOf: kept)
      try FileManager.default.removeItem(at: out.appendingPathComponent("samt-1"))
      try FileManager.default.removeItem(at: out.appendingPathComponent("results.json"))
      let earlier = try ComparisonDirectory(earlier: out.path)
      #expect(try runComparison(earlier.settings(), in: earlier) == 0)
      #expect(try Data(contentsOf: kept) == line)
      let resumed = try results(in: out)
      for (row, other) in zip(whole.rows, resumed.rows) {
        #expect(row.trainings.map(\.result) == other.trainings.map(\.result))
        #expect(row.trainings.map(\.trainingLoss) == other.trainings.map(\.trainingLoss))
        #expect(row.trainings.map(\.cost.passes) == other.trainings.map(\.cost.passes))
      }
    }
  }

  /// Side by side, in processes of their own, trainings come to what they come to one after the other.
  @Test func jobsChangeNoResult() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let program = try Program("samt-train")
      let results = try ["1", "2"].map { jobs in
        let out = directory.appendingPathComponent("jobs-\(jobs)")
        let outcome = try program.run([
          "compare", "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "adam,samt-e",
          "--batch", "2", "--epochs", "2", "--threads", "1", "--jobs", jobs, "--out", out.path,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try self.results(in: out)
      }
      for (row, other) in zip(results[0].rows, results[1].rows) {
        #expect(row.trainings.map(\.result) == other.trainings.map(\.result))
        #expect(row.trainings.map(\.trainingLoss) == other.trainings.map(\.trainingLoss))
      }
    }
  }

  @Test func settingsThatDoNotWorkAreRefusedBeforeTheFirstTraining() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      #expect(throws: SAMTError.self) {
        _ = try compare([
          "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "adam,soaa", "--batch", "2",
          "--radius-bound", "0", "--out", out.path,
        ])
      }
      #expect(!FileManager.default.fileExists(atPath: out.path))
    }
    #expect(throws: UsageError.self) { try settings(["--seconds", "1", "--passes", "2"]).budget }
    #expect(throws: UsageError.self) { try settings(["--optimizer", "adam,adam"]).contenders() }
    #expect(throws: UsageError.self) { try settings(["--optimizer", "adam", "--eta0", "1"]).contenders() }
  }

  @Test func anEarlierComparisonIsNotOverwrittenUnasked() throws {
    try withTemporaryDirectory { directory in
      try Data("{}".utf8).write(to: directory.appendingPathComponent("comparison.json"))
      let settings = try settings(["--out", directory.path])
      #expect(throws: SAMTError.self) { _ = try ComparisonDirectory(new: settings.trainings.output) }
      #expect(throws: SAMTError.self) { _ = try ComparisonDirectory(earlier: directory.path).settings() }
      #expect(throws: SAMTError.self) { _ = try ComparisonDirectory(earlier: directory.path + "/none") }
    }
  }

  /// What is asked for stands in the comparison's file, and comes back from it.
  @Test func theFileKeepsWhatIsAskedFor() throws {
    try withTemporaryDirectory { directory in
      let out = directory.appendingPathComponent("runs").path
      let settings = try settings([
        "--optimizer", "adam,samt", "--seeds", "3", "--search", "5", "--passes", "700", "--reach", "0.5", "--jobs",
        "2", "--eta0", "0.3", "--learning-rate", "0.01", "--epochs", "4", "--out", out,
      ])
      try ComparisonDirectory(new: settings.trainings.output).prepare(settings)
      let kept = try ComparisonDirectory(earlier: out).settings()
      #expect(kept.searchCount == 5 && kept.passes == 700 && kept.target == 0.5 && kept.jobs == 2)
      #expect(kept.trainings.seedCount == 3 && kept.trainings.training.epochs == 4)
      let (asked, found) = (try settings.contenders(), try kept.contenders())
      #expect(asked.map(\.method.name) == found.map(\.method.name))
      #expect(asked.map { Set($0.options.map(\.name)) } == found.map { Set($0.options.map(\.name)) })
    }
  }
}
