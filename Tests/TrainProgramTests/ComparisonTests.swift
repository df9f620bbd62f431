import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT
@testable import samt_train

@Suite struct ComparisonTests {
  @Test func aComparisonTrainsEachAndTellsThemApart() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      let status = try compareRuns(
        try parse([
          "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "samt-s,soaa", "--seeds", "2",
          "--batch", "2", "--epochs", "1", "--radius-bound", "0.3", "--out", out.path,
        ]).runs())
      #expect(status == 0)
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
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("runs")
      #expect(throws: SAMTError.self) {
        _ = try compareRuns(
          try parse([
            "--data", "cifar100:\(directory.path)", "--model", "mlp:4", "--optimizer", "adam,soaa", "--batch", "2",
            "--radius-bound", "0", "--out", out.path,
          ]).runs())
      }
      #expect(!FileManager.default.fileExists(atPath: out.path))
    }
  }

  @Test func theTableHasMeansAndRanges() {
    var table = ComparisonTable(by: Criterion(name: "accuracy", direction: .larger))
    func report(_ accuracy: Double, _ loss: Double, _ speed: Double, averaged: Double? = nil) -> EpochReport {
      EpochReport(
        epoch: 1, training: Evaluation(loss: loss), test: Evaluation(loss: 1, metrics: ["accuracy": accuracy]),
        averagedTest: averaged.map { Evaluation(loss: 1, metrics: ["accuracy": $0]) }, seconds: 1,
        samplesPerSecond: speed, parameterUpdates: 3,
        layerPasses: LayerPasses(forward: 3, parameterGradient: 2, inputGradient: 1), algorithm: [:], blocks: [])
    }
    table.add(report(0.5, 0.25, 1000), of: "samt-s")
    table.add(report(0.75, 0.75, 3000), of: "samt-s")
    table.add(report(0.875, 0.125, 12345), of: "adam")
    #expect(
      table.text == """
        method  test accuracy  lowest  highest  training loss  samples/s  layer passes
        samt-s         0.6250  0.5000   0.7500         0.5000       2000             6
        adam           0.8750  0.8750   0.8750         0.1250      12345             6
        """)
    table.add(report(0.875, 0.125, 12345, averaged: 0.5), of: "adamw")
    #expect(table.text.contains("highest  averaged"))
    #expect(table.text.contains("0.8750    0.5000"))
  }
}
