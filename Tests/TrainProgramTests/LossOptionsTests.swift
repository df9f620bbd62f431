import Foundation
import SAMT
import SAMTTestSupport
import Testing

@testable import samt_train

@Suite struct LossOptionsTests {
  private let classes = Dataset(inputs: Tensor(zeros: [4, 1]), labels: [0, 1, 1, 1], classCount: 2)
  private let values = Dataset(inputs: Tensor(zeros: [2, 1]), values: Tensor(zeros: [2, 1]))

  private func loss(_ arguments: [String], _ data: Dataset) throws -> any Loss {
    try singleRun(arguments).loss.make(for: data)
  }

  @Test func theUsualLossFollowsFromTheTargets() throws {
    #expect(try loss([], classes) is SoftmaxCrossEntropy)
    #expect(try loss([], values) is MeanSquaredError)
    #expect(try loss(["--loss", "bce"], values) is BinaryCrossEntropy)
    let huber = try loss(["--loss", "huber", "--huber-delta", "0.5"], values)
    #expect((huber as? HuberLoss)?.delta == 0.5)
  }

  @Test func settingsReachTheLoss() throws {
    let smoothed =
      try loss(["--label-smoothing", "0.1", "--class-weights", "balanced"], classes) as? SoftmaxCrossEntropy
    #expect(smoothed?.labelSmoothing == 0.1)
    #expect(smoothed?.classWeights == [2, 4.0 / 6])
    let listed = try loss(["--class-weights", "1,2.5"], classes) as? SoftmaxCrossEntropy
    #expect(listed?.classWeights == [1, 2.5])
  }

  @Test func settingsThatALossWouldIgnoreAreRefused() throws {
    #expect(throws: SAMTError.configuration("--label-smoothing is for cross-entropy, and mse would ignore it")) {
      try loss(["--loss", "mse", "--label-smoothing", "0.1"], values)
    }
    #expect(throws: SAMTError.configuration("--huber-delta is for huber, and cross-entropy would ignore it")) {
      try loss(["--huber-delta", "2"], classes)
    }
  }

  /// All of them at once, then again from what the run keeps of its settings.
  @Test func aTrainingWithAllSettings() throws {
    let program = try Program("samt-train")
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 403, to: directory)
      let run = directory.path + "/run"
      let outcome = try program.run([
        "--data", directory.path, "--model", "mlp:8", "--optimizer", "adam", "--batch", "40", "--epochs", "40",
        "--label-smoothing", "0.1", "--class-weights", "balanced", "--validation-fraction", "0.25", "--patience", "2",
        "--accumulate", "2", "--drop-last", "--learning-rate", "0.5", "--out", run,
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("302 training, 101 validation, 40 test examples"), "\(outcome.output)")
      let metrics = try String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8).split(separator: "\n")
      #expect(metrics.count < 40 && metrics[0].contains("\"validation\":{"), "stopped early")
      let resumed = try program.run(["--resume", run])
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.output.split(separator: "\n").last == outcome.output.split(separator: "\n").last)
      let best = try program.run(["evaluate", "--model", run + "/best.safetensors", "--data", directory.path])
      #expect(best.output.split(separator: "\n").last == outcome.output.split(separator: "\n").last)
    }
  }

  /// What is evaluated and predicted later is what was trained: the same numbers, and each class's own probability.
  @Test func aBinaryCrossEntropyOfClasses() throws {
    let program = try Program("samt-train")
    try withTemporaryDirectory { directory in
      let rows = (0..<60).map { index in "\(index % 5),\(["a", "b", "c"][index % 3])\n" }.joined()
      let table = directory.path + "/table.csv"
      try Data(("x,kind\n" + rows).utf8).write(to: URL(fileURLWithPath: table))
      let data = ["--data", "csv:\(table)"]
      let trained = try program.run(
        data + [
          "--target", "kind", "--model", "mlp:8", "--optimizer", "adam", "--epochs", "1", "--loss", "bce",
          "--validation-fraction", "0.25", "--out", directory.path + "/run",
        ])
      #expect(trained.status == 0 && trained.output.contains("test accuracy 0."), "\(trained)")
      let model = ["--model", directory.path + "/run/last.safetensors"]
      let evaluated = try program.run(["evaluate", "--split", "test"] + model + data)
      #expect(evaluated.output.split(separator: "\n").last == trained.output.split(separator: "\n").last)

      let predicted = try program.run(["predict"] + model + data)
      let network = try Model(contentsOf: model[1])
      let outputs = try network(
        network.tablePreprocessing!.encode(CSVFile(contentsOf: table), rows: [0]).inputs)
      let best = try #require(outputs.elements.max())
      let label = try #require(outputs.elements.firstIndex(of: best))
      let row = "0,\(["a", "b", "c"][label]),\(String(format: "%.6f", 1 / (1 + exp(-Double(best)))))"
      #expect(predicted.output.split(separator: "\n").dropFirst().first.map(String.init) == row)
    }
  }

  @Test func aRateIsFound() throws {
    let program = try Program("samt-train")
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 400, to: directory)
      let (data, file) = (directory.path, directory.path + "/rates.csv")
      let common = ["find-rate", "--data", data, "--model", "mlp:8", "--batch", "20"]
      let outcome = try program.run(common + ["--steps", "40", "--out", file])
      #expect(outcome.status == 0 && outcome.output.contains("suggested learning rate "), "\(outcome)")
      let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      #expect(rows[0] == "step,rate,loss,smoothed" && rows[1].hasPrefix("1,1e-06,") && rows.count > 20)
      let samt = try program.run(common + ["--optimizer", "samt"])
      #expect(samt.status == 64 && samt.errors.contains("samt has no learning rate"), "\(samt)")
    }
  }
}
