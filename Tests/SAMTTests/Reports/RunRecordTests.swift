import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct RunRecordTests {
  private func record(_ files: [String: String]) throws -> RunRecord {
    try withTemporaryDirectory { directory in
      for (name, text) in files { try Data(text.utf8).write(to: directory.appendingPathComponent(name)) }
      return try RunRecord(directory: directory.path)
    }
  }

  @Test func whatMetricsWriterWritesIsRead() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory.path)
      try writer.didFinishEpoch(sampleReport(epoch: 1), of: someTrainer())
      let run = try RunRecord(directory: directory.path)
      #expect(run.notes.isEmpty && run.epochs.count == 1)
      let epoch = try #require(run.epochs.first)
      let report = sampleReport(epoch: 1)
      #expect(epoch.epoch == 1 && epoch.seconds == 1.5 && epoch.samplesPerSecond == 12_345)
      #expect(epoch.updates == 42 && epoch.layerPasses == 11)
      #expect(epoch.figures == ["radius": 0.5] && epoch.blocks == report.blocks)
      #expect(epoch.gradients == report.gradients)
      #expect(epoch.measures[Measure(metric: "loss", part: "training")] == 0.125)
      #expect(epoch.measures[Measure(metric: "accuracy", part: "test")] == 0.8125)
      #expect(epoch.measures[Measure(metric: "accuracy", part: "averaged test")] == 0.875)
    }
  }

  /// As runs before parts had objects of their own.
  @Test func measuresMayStandInTheLine() throws {
    let run = try record(["metrics.jsonl": "{\"epoch\":1,\"averagedTestAccuracy\":0.5,\"testLoss\":2,\"testing\":3}\n"])
    #expect(
      run.measures == [Measure(metric: "loss", part: "test"), Measure(metric: "accuracy", part: "averaged test")])
  }

  @Test func measuresMayBeNestedByTheirPart() throws {
    let run = try record([
      "metrics.jsonl": """
      {"epoch":1,"training":{"loss":"nan","metrics":{"accuracy":0.5}},"validation":{"loss":"inf","metrics":{"f1":0.25,\
      "precision.cat":1}},"future":{"x":[1]},"other":"text"}

      """
    ])
    #expect(run.notes.isEmpty)
    #expect(run.measures.map(\.title) == ["training loss", "validation loss", "training accuracy", "validation f1"])
    let epoch = try #require(run.epochs.first)
    #expect(epoch.measures[Measure(metric: "loss", part: "training")]?.isNaN == true)
    #expect(epoch.measures[Measure(metric: "loss", part: "validation")] == .infinity)
    #expect(epoch.updates == nil && epoch.layerPasses == nil && epoch.seconds == nil)
    #expect([run].judgedBy == Measure(metric: "f1", part: "validation"))
  }

  @Test func aHalfWrittenLastLineIsSaid() throws {
    for end in ["{\"epoch\":2,\"test", "{\"epoch\":2,\"test\n"] {
      let run = try record(["metrics.jsonl": "{\"epoch\":1}\n" + end])
      #expect(run.epochs.map(\.epoch) == [1])
      #expect(run.notes == ["The last line of metrics.jsonl is broken or half-written and was left out."])
    }
  }

  @Test func brokenLinesAreCounted() throws {
    let one = try record(["metrics.jsonl": "{\"epoch\":1}\nx\n{\"epoch\":3}\n"])
    #expect(one.epochs.map(\.epoch) == [1, 3])
    #expect(one.notes == ["Line 2 of metrics.jsonl cannot be read and was left out."])
    let many = try record(["metrics.jsonl": String(repeating: "\0\n", count: 1000) + "{\"epoch\":3}\n"])
    #expect(
      many.notes == ["1000 lines of metrics.jsonl, the first of them line 1, cannot be read and were left out."])
  }

  @Test func filesThatAreMissingOrBrokenAreLeftOut() throws {
    let run = try record([
      "config.json": "{", "machine.json": "[]", "confusion.json": "{\"classNames\":[],\"counts\":[]}",
    ])
    #expect(run.options == nil && run.machine == nil && run.confusion == nil)
    #expect(run.notes.count == 4 && run.notes.last == "No epoch was finished yet.")
    #expect(throws: SAMTError.self) { _ = try record(["other": ""]) }
    #expect(
      throws: SAMTError.file(
        path: "/nowhere/at all", reason: "no run was kept here: expected config.json or metrics.jsonl")
    ) {
      _ = try RunRecord(directory: "/nowhere/at all")
    }
  }

  @Test func theCommandRepeatsTheRun() throws {
    let run = try record([
      "config.json": """
      {"format":"samt-train run","version":1,"options":{"optimizer":"adam","data":"idx:/my data/it's","augment":true,
       "freeze":["conv1","conv2"],"learning-rate":"0.001"}}
      """
    ])
    #expect(
      run.options?.commandParts == [
        "samt-train", "--augment", "--data 'idx:/my data/it'\\''s'", "--freeze conv1", "--freeze conv2",
        "--learning-rate 0.001", "--optimizer adam",
      ])
    #expect(RunOptions.quoted("") == "''" && RunOptions.quoted("a;b") == "'a;b'" && RunOptions.quoted("ä") == "'ä'")
  }

  @Test func theSearchOfAComparisonIsRead() throws {
    try withTemporaryDirectory { directory in
      #expect(ComparisonRecord.read(directory.path) == nil)
      try Data(
        """
        {"metric":"accuracy","direction":"larger","rows":[{"method":"a<b","rate":0.01,"trainings":[],"search":[
         {"rate":0.1,"result":"nan","cost":{"seconds":2,"passes":3}},{"rate":0.01,"result":0.5,"cost":{"seconds":3,"passes":3}}]},
         {"method":"samt","search":[]}]}
        """.utf8
      ).write(to: directory.appendingPathComponent("results.json"))
      let record = try #require(ComparisonRecord.read(directory.path))
      #expect(record.rows.map(\.method) == ["a<b", "samt"])
      let section = try #require(SearchSection(comparison: record).section)
      #expect(xmlProblem("<div>\(section.content.text)</div>") == nil)
      #expect(section.content.text.contains("<figcaption>validation accuracy by rate</figcaption>"))
      #expect(section.content.text.contains("<th scope=\"row\">a&lt;b</th><td>0.01</td><td>2</td><td>5.00 s</td>"))
      #expect(SearchSection(comparison: ComparisonRecord(metric: "loss", rows: [])).section == nil)
    }
  }

  private func run(_ options: [String: String]?, path: String = "run", epochs: [Double] = []) throws -> RunRecord {
    var run = try record(["metrics.jsonl": ""])
    run.path = path
    run.options = options.map { RunOptions(values: $0.mapValues { [$0] }) }
    run.epochs = epochs.enumerated().map { index, value in
      EpochRecord(epoch: index + 1, seconds: 2, measures: [Measure(metric: "accuracy", part: "test"): value])
    }
    return run
  }

  @Test func runsThatDifferInTheirSeedsAreOneGroup() throws {
    let runs = [
      try run(["optimizer": "adam", "seed": "0", "epochs": "2"], epochs: [0.5, 0.75]),
      try run(["optimizer": "sgd", "seed": "0", "epochs": "2"]),
      try run(["optimizer": "adam", "seed": "1", "epochs": "2"], epochs: [0.25, 0.25, 0.5]),
    ]
    let groups = RunGroup.groups(of: runs)
    #expect(groups.map(\.name) == ["adam", "sgd"] && groups.map(\.runs.count) == [2, 1])
    let points = groups[0].points(Measure(metric: "accuracy", part: "test"), over: .time)
    #expect(points == [SeriesPoint(2, 0.375, range: 0.25...0.5), SeriesPoint(4, 0.5, range: 0.25...0.75)])
  }

  @Test func groupsAreNamedByWhatDiffers() throws {
    let rates = try ["0.1", "0.2"].map { try run(["optimizer": "adam", "learning-rate": $0, "model": "lenet"]) }
    #expect(RunGroup.groups(of: rates).map(\.name) == ["learning-rate 0.1", "learning-rate 0.2"])
    let mixed = rates + [try run(["optimizer": "sgd", "learning-rate": "0.1", "model": "lenet", "augment": ""])]
    #expect(
      RunGroup.groups(of: mixed).map(\.name) == [
        "adam, learning-rate 0.1", "adam, learning-rate 0.2", "sgd, learning-rate 0.1",
      ])
    // The same run twice, and runs without a configuration: by their directories.
    let same = [try run(["seed": "0"], path: "a/x"), try run(["seed": "0"], path: "b/x"), try run(nil, path: "c/y/")]
    #expect(RunGroup.groups(of: same).map(\.name) == ["x", "x (2)", "y"])
  }
}
