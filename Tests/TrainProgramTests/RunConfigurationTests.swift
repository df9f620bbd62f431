import CommandLineOptions
import SAMT
import Testing

@testable import samt_train

/// `config.json`: what it holds, and what is refused.
@Suite struct RunConfigurationTests {
  private func settings(_ text: String) throws(SAMTError) -> TrainingSettings {
    try RunConfiguration.settings(json: Array(text.utf8), path: "config.json")
  }

  /// Every method, with options of its own and those of the run.
  @Test(arguments: Method.all.map(\.name)) func aRunIsReadAsItWasWritten(method: String) throws {
    let own =
      switch method {
      case "samt": ["--eta0", "0.3", "--no-search", "--decay", "cosine"]
      case "samt-s", "samt-r", "samt-c", "samt-e": ["--eta0", "0.1", "--right-only"]
      case "mdlam": ["--penalty", "0.3", "--no-acceleration"]
      default: ["--learning-rate", "0.3"]
      }
    let arguments = [
      "--optimizer", method, "--data", "cifar10:/c\u{f7e9}", "--augment", "--model", "mlp:3,4", "--dropout", "0.1",
      "--seed", "9223372036854775807", "--init", "/w.safetensors", "--freeze", "fc1", "--freeze", "fc2.bias",
    ]
    let written = try singleRun(arguments + own)
    let json = try RunConfiguration.json(of: written)
    let read = try RunConfiguration.settings(json: json, path: "config.json")
    #expect(read.data == DataSource(.cifar10, "/c\u{f7e9}") && read.augments && read.frozen == ["fc1", "fc2.bias"])
    #expect(read.method.name == method && read.seed == 9_223_372_036_854_775_807)
    #expect(read.method.values.map(\.values) == written.method.values.map(\.values))
    #expect(read.batchSize == (method == "mdlam" ? nil : 128))
    #expect(try RunConfiguration.json(of: read) == json)
  }

  @Test func pathsAreAbsolute() throws {
    let json = try RunConfiguration.json(of: try singleRun(["--data", "mnist", "--init", "a/b"]))
    let read = try RunConfiguration.settings(json: json, path: "config.json")
    let directory = try #require(read.data?.paths.first)
    #expect(directory.hasPrefix("/") && directory.hasSuffix("/mnist"))
    #expect(read.initialWeights?.hasPrefix("/") == true && read.initialWeights?.hasSuffix("/a/b") == true)
  }

  private static let head = #"{"format":"samt-train run","version":1,"options":"#

  @Test(arguments: [
    ("", "not a JSON object of options"), ("[]", "not a JSON object of options"), ("{}", "no format"),
    (#"{"format":"other","version":1,"options":{}}"#, "expected the format samt-train run, found other"),
    (#"{"format":"samt-train run","version":2,"options":{}}"#, "expected version 1, found 2"),
    (#"{"format":"samt-train run","version":1e99,"options":{}}"#, "not a JSON object of options"),
    (#"{"format":"samt-train run","version":1,"options":{},"more":1}"#, "unexpected key more"),
    (head + #"{"batch":128}}"#, "batch: expected a text, true, or an array of texts"),
    (head + #"{"augment":false}}"#, "augment: expected a text, true"),
    (head + #"{"batch":"0"}}"#, "--batch: expected a whole number in 1 ... 1000000, found 0"),
    (head + #"{"batch":true}}"#, "--batch needs a value"), (head + #"{"augment":"yes"}}"#, "--augment takes no value"),
    (head + #"{"colour":"red"}}"#, "unknown option --colour"),
    (head + #"{"optimizer":"adam","eta0":"1"}}"#, "--eta0 is for samt"),
    (head + String(repeating: "[", count: 100_000), "not a JSON object of options"),
    (head + #"{"batch":"12"#, "not a JSON object of options"),
    (head + #"{"batch":"1","batch":"2"}}"#, "expected each key once"),
    (head + #"{"batch":"1","b\u0061tch":"1"}}"#, "expected each key once"),
    (head + #"{},"options":{}}"#, "expected each key once"),
    (head + #"{"--batch":"1"}}"#, "unknown option ----batch"),
  ])
  func whatIsNoConfigurationIsRefused(json: String, part: String) {
    let error = #expect(throws: SAMTError.self) { try settings(json) }
    guard case .file("config.json", let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains(part), "\(reason)")
  }

  /// A colon is a key's only outside strings.
  @Test func textsHaveColonsAndQuotes() throws {
    let read = try settings(Self.head + #"{"data":"cifar10:/a\":\\","init":"b\\"}}"#)
    #expect(read.data == DataSource(.cifar10, #"/a":\"#) && read.initialWeights == #"b\"#)
  }

  @Test func aLargeFileIsNotRead() {
    let text = String(repeating: " ", count: OptionsFile.largestSize + 1)
    #expect(throws: SAMTError.self) { try settings(text) }
  }
}
