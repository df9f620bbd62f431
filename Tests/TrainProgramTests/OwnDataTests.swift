import Foundation
import SAMT
import SAMTTestSupport
import Testing

@testable import samt_train

/// Data of the user's own, from files to predictions.
@Suite(.serialized) struct OwnDataTests {
  private let program: Program

  init() throws { program = try Program("samt-train") }

  private func write(_ text: String, _ name: String, in directory: URL) throws -> String {
    let path = directory.appendingPathComponent(name).path
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// A price that follows from size and town, which a linear model finds.
  private func houses(_ range: Range<Int>) -> String {
    "size;town;note;price\n"
      + range.map { index in
        let (size, isOslo) = (50 + index * 37 % 100, index % 3 == 0)
        let price = 1000 * size + (isOslo ? 20_000 : 0)
        return "\(size),5;\(isOslo ? "Oslo" : "\"Bergen; old\"");x\(index);\(price)\n"
      }.joined()
  }

  @Test func aTableIsLearnedAndPredictedInItsUnits() throws {
    try withTemporaryDirectory { directory in
      let table = try write(houses(0..<200), "houses.csv", in: directory)
      let run = directory.path + "/run"
      let trained = try program.run([
        "--data", "csv:\(table)", "--target", "price", "--ignore", "note", "--model", "mlp:8", "--optimizer", "adam",
        "--learning-rate", "0.02", "--batch", "16", "--epochs", "60", "--out", run, "--threads", "1",
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("160 training, 40 test examples"))
      #expect(trained.output.contains("2 columns to 3 inputs, predicts price by regression (guessed"))
      // Prices have a deviation of some 30 000; what is left is in the same units, and a small part of it.
      let error = try #require(trained.output.firstMatch(of: /test rmse ([0-9.]+)\n/).flatMap { Double($0.1) })
      #expect(error > 1 && error < 10_000, "\(error)")

      let model = run + "/last.safetensors"
      // Other columns, another order, another separator, no price, and a town that training did not have.
      let later = try write("town,size\nOslo,100.5\n\"Bergen; old\",60.5\nParis,60.5\n", "later.csv", in: directory)
      let predicted = try program.run(["predict", "--model", model, "--data", "csv:\(later)"])
      #expect(predicted.status == 0, "\(predicted.errors)")
      #expect(predicted.errors.contains("column town: 1 cell with a category that no training row has"))
      let rows = predicted.output.split(separator: "\n").map { $0.split(separator: ",") }
      #expect(rows.count == 4 && rows[0] == ["index", "price"])
      let prices = rows.dropFirst().compactMap { Double($0[1]) }
      try #require(prices.count == 3)
      #expect(abs(prices[0] - 120_000) < 20_000 && abs(prices[1] - 60_000) < 20_000, "\(prices)")

      let evaluated = try program.run(["evaluate", "--model", model, "--data", "csv:\(table)", "--split", "test"])
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(evaluated.output.contains(String(format: "test rmse %.4f\n", error)), "\(evaluated.output)")

      let missing = try write("town,height\nOslo,3\n", "missing.csv", in: directory)
      let refused = try program.run(["predict", "--model", model, "--data", "csv:\(missing)"])
      #expect(refused.status == 2 && refused.errors.contains("missing size"), "\(refused.errors)")
      let inspected = try program.run(["inspect", model])
      #expect(inspected.output.contains("samt.table"))
    }
  }

  @Test func classesOfATableHaveTheirNames() throws {
    try withTemporaryDirectory { directory in
      let rows = (0..<120).map { index in "\(index % 7),\(index % 7 < 3 ? "small" : "large")\n" }.joined()
      let training = try write("x,kind\n" + rows, "training.csv", in: directory)
      let test = try write("kind,x\nlarge,6\nsmall,0\n", "test.csv", in: directory)
      let run = directory.path + "/run"
      let trained = try program.run([
        "--data", "csv:\(training)", "--target", "kind", "--test", test, "--model", "mlp:8", "--optimizer", "adam",
        "--learning-rate", "0.02", "--batch", "16", "--epochs", "40", "--out", run, "--threads", "1",
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("120 training, 2 test examples"))
      #expect(trained.output.contains("test accuracy 1.0000"), "\(trained.output)")
      let predicted = try program.run(["predict", "--model", run + "/last.safetensors", "--data", "csv:\(test)"])
      #expect(predicted.output.contains("\n0,large,") && predicted.output.contains("\n1,small,"))
      // What the run is repeated from names the files wherever it is.
      let resumed = try program.run(["--resume", run, "--epochs", "41"])
      #expect(resumed.status == 0, "\(resumed.errors)")
    }
  }

  @Test func arraysAreLearned() throws {
    try withTemporaryDirectory { directory in
      let (inputs, targets) = (directory.path + "/x.npy", directory.path + "/y.npy")
      let values = (0..<100).map { Float($0 % 10) }
      try NPYFile.write(Tensor(values, shape: [100, 1]), to: inputs)
      try NPYFile.write(values.map { $0 < 5 ? 0 : 1 }, to: targets)
      let run = directory.path + "/run"
      let trained = try program.run([
        "--data", "npy:\(inputs),\(targets)", "--model", "mlp:8", "--optimizer", "adam", "--learning-rate", "0.02",
        "--batch", "16", "--epochs", "40", "--test-fraction", "0.1", "--out", run, "--threads", "1",
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("90 training, 10 test examples"))
      let model = run + "/last.safetensors"
      let predicted = try program.run(["predict", "--model", model, "--data", "npy:\(inputs)"])
      #expect(predicted.status == 0, "\(predicted.errors)")
      #expect(predicted.output.contains("\n0,0,") && predicted.output.contains("\n9,1,"), "\(predicted.output)")
      let evaluated = try program.run(["evaluate", "--model", model, "--data", "npy:\(inputs),\(targets)"])
      #expect(evaluated.output.contains("100 examples") && evaluated.output.contains("\naccuracy 1.0000"))
      let alone = try program.run(["evaluate", "--model", model, "--data", "npy:\(inputs)"])
      #expect(alone.status == 2 && alone.errors.contains("expected a file of targets"), "\(alone.errors)")
    }
  }

  @Test func picturesAreLearned() throws {
    try withTemporaryDirectory { directory in
      for (name, level) in [("dark", 40), ("light", 210)] {
        let folder = directory.appendingPathComponent("pictures/\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for index in 0..<20 {
          _ = try write("P2 2 2 255 \(level) \(level + index) \(level) \(level)", "\(index).pgm", in: folder)
        }
      }
      let outcome = try program.run([
        "--data", "images:\(directory.path)/pictures", "--image-size", "4x3", "--model", "mlp:8", "--optimizer", "adam",
        "--learning-rate", "0.02", "--batch", "8", "--epochs", "20", "--threads", "1",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("[1, 4, 3] to [2]"))
      #expect(outcome.output.contains("test accuracy 1.0000"), "\(outcome.output)")
    }
  }

  @Test func whatASourceWouldIgnoreIsRefused() throws {
    for (source, option, kinds) in [
      ("digits", ["--target", "y"], "csv"), ("csv:x.csv", ["--image-size", "3"], "images"),
      ("idx:x", ["--inputs", "x"], "npz"),
    ] {
      let outcome = try program.run(["--data", source] + option)
      #expect(outcome.status == 2 && outcome.errors.contains("\(option[0]) is for \(kinds)"), "\(outcome.errors)")
    }
  }

  /// Of a training and of a trained model, wherever they stand.
  @Test func numbersThatAreNotFiniteAreRefused() throws {
    try withTemporaryDirectory { directory in
      let good = [0, 1, 2, 3, 4, 5, 6, 7].map(Float.init)
      func source(_ inputs: [Float], _ targets: [Float], test: [Float]? = nil) throws -> DataSource {
        let paths = ["x", "y", "tx", "ty"].map { "\(directory.path)/\($0).npy" }
        try NPYFile.write(Tensor(inputs, shape: [4, 2]), to: paths[0])
        try NPYFile.write(Tensor(targets, shape: [4]), to: paths[1])
        try NPYFile.write(Tensor(test ?? good, shape: [4, 2]), to: paths[2])
        try NPYFile.write(Tensor([0.5, 1.5, 2.5, 3.5], shape: [4]), to: paths[3])
        return try #require(DataSource("npy:" + paths.joined(separator: ",")))
      }
      func expectRefusal(_ source: DataSource, _ reason: String) {
        let error = #expect(throws: SAMTError.self) { try source.load(DataOptions(), seed: 3) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("npy:") && text.hasSuffix(": \(reason)"), "\(text)")
      }
      let values: [Float] = [0.5, 1, 2, 3]
      _ = try source(good, values).load(DataOptions(), seed: 3)
      expectRefusal(
        try source([0, 1, 2, .nan, 4, .nan, 6, 7], values),
        "training example 1, input 1: expected a finite number, found nan")
      expectRefusal(
        try source(good, [0.5, 1, -.infinity, 3]), "training example 2, target 0: expected a finite number, found -inf")
      expectRefusal(
        try source(good, values, test: [0, 1, 2, 3, 4, 5, .infinity, 7]),
        "test example 3, input 0: expected a finite number, found inf")
    }
  }

  /// Each class has the fraction of its rows in each part; a model's file holds the same rows apart.
  @Test func partsOfATableHaveTheFractionOfEachClass() throws {
    try withTemporaryDirectory { directory in
      let kinds = (0..<100).map { $0 % 10 == 3 ? "rare" : "common" }
      let text = "x,kind\n" + kinds.enumerated().map { "\($0),\($1)\n" }.joined()
      let source = DataSource(.csv, try write(text, "table.csv", in: directory))
      let data = try source.load(
        DataOptions(targets: ["kind"], testFraction: 0.3), seed: 5, validationFraction: 0.15)
      let parts = [data.training, try #require(data.validation), data.test]
      #expect(parts.map(\.count) == [59, 11, 30])
      #expect(parts.map { $0.labels.count { $0 == 1 } } == [5, 2, 3])
    }
  }

  /// What is learned about columns is learned from the rows to train on, not from those to validate with.
  @Test func rowsToValidateWithTeachNothing() throws {
    try withTemporaryDirectory { directory in
      let rows: [String] = (0..<40).map { "\($0 * $0),\($0).5\n" }
      let table = try write(
        "x,y\n" + rows.joined(), "table.csv", in: directory)
      let data = try DataSource(.csv, table).load(
        DataOptions(targets: ["y"], testFraction: 0.25), seed: 1, validationFraction: 0.5)
      #expect(data.training.count == 15 && data.validation?.count == 15 && data.test.count == 10)
      let mean = data.training.inputs.elements.reduce(Float(0), +) / 15
      // Fifteen standardized numbers of at most 3, each rounded to 2^-24 of itself.
      #expect(abs(mean) <= 45 * 0x1p-24, "\(mean)")
      let inputs = try npy("x", (0..<40).map { Float($0 * $0) }, in: directory)
      let targets = try npy("y", (0..<40).map { Float($0) + 0.5 }, in: directory)
      let arrays = try DataSource(.npy, inputs, targets).load(
        DataOptions(testFraction: 0.25), seed: 1, validationFraction: 0.5)
      let arrayMean = arrays.training.inputs.elements.reduce(Float(0), +) / 15
      // The mean is rounded to float before it is taken off: 2^-24 of 1521 at a deviation of at least 100.
      let bound: Float = (45 + 15.21) * 0x1p-24
      #expect(abs(arrayMean) <= bound, "\(arrayMean)")
    }
  }

  private func npy(_ name: String, _ values: [Float], in directory: URL) throws -> String {
    let path = "\(directory.path)/\(name).npy"
    try NPYFile.write(Tensor(values, shape: [values.count, 1]), to: path)
    return path
  }

  @Test func whatWasTriedIsSaid() throws {
    let outcome = try program.run(["--data", "table:x.csv"])
    #expect(
      outcome.status == 2
        && outcome.errors.hasPrefix("samt-train: table:x.csv: no such directory; it was taken for idx:table:x.csv")
        && outcome.errors.contains("csv:FILE"), "\(outcome.errors)")
  }

  @Test func aTableNeedsATarget() throws {
    try withTemporaryDirectory { directory in
      let table = try write("a,b\n1,2\n3,4\n", "table.csv", in: directory)
      let outcome = try program.run(["--data", "csv:\(table)"])
      #expect(outcome.status == 2 && outcome.errors.contains("--target is missing: expected one of a, b"))
    }
  }
}
