import Foundation
import SAMT
import SAMTTestSupport
import Testing

@testable import samt_train

/// What is done with a trained model: evaluate, predict, inspect, train on.
@Suite(.serialized) struct TrainedModelTests {
  private let program: Program

  init() throws { program = try Program("samt-train") }

  private func lastLine(_ outcome: Program.Outcome) -> String {
    outcome.output.split(separator: "\n").last.map(String.init) ?? ""
  }

  /// Colours, so that the normalization of the training has to come with the model.
  @Test func aModelIsEvaluatedAsItWasTrained() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let (data, run) = ("cifar100:" + directory.path, directory.path + "/run")
      let trained = try program.run(
        ["--data", data, "--model", "mlp:8", "--optimizer", "adam", "--batch", "2", "--epochs", "3", "--out", run])
      #expect(trained.status == 0, "\(trained.errors)")
      let evaluated = try program.run(["evaluate", "--model", run + "/last.safetensors", "--data", data])
      #expect(evaluated.status == 0 && lastLine(evaluated) == lastLine(trained), "\(evaluated)")
      let loss = try #require(
        try String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8).split(separator: "\n").last?.firstMatch(
          of: /"test":\{"loss":([0-9.]+)/))
      #expect(evaluated.output.contains(String(format: "test loss %.4f\n", try #require(Double(loss.1)))))
      let training = try program.run(
        ["evaluate", "--model", run + "/best.safetensors", "--data", data, "--split", "training"])
      #expect(lastLine(training).hasPrefix("training accuracy "))
    }
  }

  @Test func predictionsAreRowsOfCSV() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 400, to: directory)
      let (data, run) = (directory.path, directory.path + "/run")
      let trained = try program.run(
        ["--data", data, "--model", "mlp:8", "--optimizer", "adam", "--batch", "4", "--epochs", "3", "--out", run])
      #expect(trained.status == 0, "\(trained.errors)")
      let model = run + "/last.safetensors"
      let printed = try program.run(["predict", "--model", model, "--data", data, "--batch", "7"])
      let rows = printed.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
      #expect(rows.first == ["index", "class", "probability"] && rows.count == 41)
      let test = try Dataset.loadMNIST(directory: data).test
      var correct = 0
      for (index, row) in rows.dropFirst().enumerated() {
        try #require(row.count == 3 && row[0] == "\(index)")
        let probability = try #require(Double(row[2]))
        #expect(probability >= 0.1 && probability <= 1, "the largest of ten")
        if Int32(row[1]) == test.labels[index] { correct += 1 }
      }
      #expect(lastLine(trained) == String(format: "test accuracy %.4f", Double(correct) / 40))

      let file = directory.path + "/predictions.csv"
      #expect(try program.run(["predict", "--model", model, "--data", data, "--out", file]).status == 0)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == printed.output)
      let nowhere = try program.run(["predict", "--model", model, "--data", data, "--out", data + "/none/p.csv"])
      #expect(nowhere.status == 2 && nowhere.errors.contains("/none does not exist"))
    }
  }

  /// A field that needs quotes gets them; names come from the model.
  @Test func classesHaveTheirNames() throws {
    let model = try perceptron([2, 3])
    model.classNames = ["plain", "a, b", "say \"c\""]
    var rows = ""
    Predictions(of: model, batchSize: 4).forEachChunk(of: clouds(30, seed: 1)) { rows += $0 }
    let names = Set(
      rows.split(separator: "\n").dropFirst().map { $0.drop { $0 != "," }.dropFirst() }.map { row in
        String(row[..<(row.lastIndex(of: ",") ?? row.endIndex)])
      })
    #expect(names.isSubset(of: ["plain", "\"a, b\"", "\"say \"\"c\"\"\""]) && names.count > 1, "\(names)")
  }

  @Test func inspectListsWhatAFileHolds() throws {
    try withTemporaryDirectory { directory in
      let file = directory.path + "/a.safetensors"
      try SafetensorsFile.write(
        [
          (name: "b.weight", values: .tensor(Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]))),
          (name: "steps", values: .integers([7], shape: [])),
        ], metadata: ["note": "two\nlines\u{1b}[2J"], to: file)
      let outcome = try program.run(["inspect", file])
      #expect(
        outcome.output == """
          tensor    type  shape   bytes
          steps     I64   []          8
          b.weight  F32   [2, 3]     24

          2 tensors, 32 bytes

          metadata:
            note: two\\u{a}lines\\u{1b}[2J

          """)
      let other = try program.run(["inspect", "/dev/null"])
      #expect(other.status == 2 && other.errors.hasPrefix("samt-train: /dev/null: "))
      #expect(try program.run(["inspect"]).status == 64)
      #expect(try program.run(["inspect", file, file]).status == 64)
    }
  }

  @Test func trainingBeginsWithWeightsAndLeavesFrozenLayers() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 40, to: directory)
      let options = ["--data", directory.path, "--model", "mlp:8,6", "--batch", "4"]
      let (first, second) = (directory.path + "/first", directory.path + "/second")
      #expect(try program.run(options + ["--optimizer", "adam", "--epochs", "2", "--out", first]).status == 0)
      for method in ["samt-e", "adam"] {
        let outcome = try program.run(
          options + [
            "--init", first + "/last.safetensors", "--freeze", "fc1", "--freeze", "fc2.bias", "--optimizer", method,
            "--epochs", "3", "--out", second, "--overwrite",
          ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let (before, after) = (
          try SafetensorsFile(contentsOf: first + "/last.safetensors"),
          try SafetensorsFile(contentsOf: second + "/last.safetensors")
        )
        for name in ["fc1.weight", "fc1.bias", "fc2.bias", "fc2.weight", "fc3.weight", "fc3.bias"] {
          let isFrozen = name.hasPrefix("fc1") || name == "fc2.bias"
          #expect(try (before.bytes(name) == after.bytes(name)) == isFrozen, "\(method) \(name)")
        }
        // A run that goes on keeps them frozen, and does not begin with the weights again.
        #expect(try program.run(["--resume", second, "--epochs", "4"]).status == 0)
        let resumed = try SafetensorsFile(contentsOf: second + "/last.safetensors")
        #expect(try resumed.bytes("fc1.weight") == before.bytes("fc1.weight"))
      }
      let unknown = try program.run(options + ["--freeze", "conv1"])
      #expect(unknown.status == 2 && unknown.errors.contains("nothing to freeze at conv1; layers: fc1"))
      let other = try program.run(["--data", directory.path, "--model", "mlp:9", "--init", first + "/last.safetensors"])
      #expect(other.status == 2 && other.errors.contains("fc1.weight"), "\(other.errors)")
    }
  }

  @Test func namesThatAreNoTextAreKept() throws {
    try withTemporaryDirectory { directory in
      let outcome = try program.runInShell(
        """
        cd '\(directory.path)' && data=$(printf 'caf\\351') && out=$(printf 'r\\351') && mkdir "$data"
        "$0" --data "$data" --out "$out"; echo "status $?"
        """)
      #expect(outcome.output == "status 2\n" && outcome.errors.contains("caf\\xe9"), "\(outcome)")
    }
  }

  @Test(arguments: [
    (["evaluate"], 64, "--model is missing"), (["predict", "--model", "m"], 64, "--data is missing"),
    (["evaluate", "--model", "/nowhere", "--data", "digits"], 2, "/nowhere: "),
    (["evaluate", "--model", "/dev/null", "--data", "digits"], 2, "/dev/null: "),
    (["evaluate", "--split", "all"], 64, "one of test, training"),
  ])
  func whatIsMissingIsSaid(arguments: [String], status: Int32, part: String) throws {
    let outcome = try program.run(arguments)
    #expect(outcome.status == status && outcome.errors.contains(part), "\(outcome.errors)")
  }
}
