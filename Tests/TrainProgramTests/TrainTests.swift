import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT
@testable import samt_train

@Suite struct TrainTests {
  /// What `train` does, in this process.
  private func train(_ arguments: [String]) throws {
    let run = try #require(try parse(arguments).run())
    _ = try runNew(run)
  }

  @Test func aWholeRunOnFilesLeavesItsLog() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let out = directory.appendingPathComponent("run")
      try train([
        "--data", "cifar100:\(directory.path)", "--augment", "--model", "mlp:4", "--optimizer", "adam", "--batch", "2",
        "--epochs", "2", "--out", out.path,
      ])
      let log = try String(contentsOf: out.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
      let reports = try log.split(separator: "\n").map {
        try JSONDecoder().decode(EpochReport.self, from: Data($0.utf8))
      }
      #expect(reports.map(\.epoch) == [1, 2])
      #expect(reports.map(\.parameterUpdates) == [3, 6])
    }
  }

  @Test func missingDataIsNamed() throws {
    for kind in ["idx", "cifar10", "cifar100"] {
      #expect(throws: SAMTError.dataset(path: "/nowhere/at/all", reason: "no such directory")) {
        try train(["--data", "\(kind):/nowhere/at/all"])
      }
    }
  }

  /// Colour images are normalized by the training set's figures, the others are as they are in the file.
  @Test func coloursAreNormalized() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let data = try DataSource(.cifar100, directory.path).load(DataOptions(), seed: 0)
      let raw = try Dataset.loadCIFAR100(directory: directory.path)
      let statistics = ChannelStatistics(of: raw.training)
      #expect(data.normalization == statistics)
      #expect(data.training.inputs.elements == raw.training.normalized(by: statistics).inputs.elements)
      #expect(data.test.inputs.elements == raw.test.normalized(by: statistics).inputs.elements)
    }
    #expect(DataKind.cifar100.augmentation.flips && DataKind.shapes.augmentation.flips)
    #expect(!DataKind.digits.augmentation.flips && !DataKind.idx.augmentation.flips)
  }
}
