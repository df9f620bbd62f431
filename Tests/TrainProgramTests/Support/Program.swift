import Foundation
import Testing

/// A program of this package, run as a process of its own.
struct Program {
  /// What a process came to.
  struct Outcome {
    var status: Int32
    var signal: Int32?
    var output: String
    var errors: String
  }

  let url: URL

  /// The program of that name, built beside these tests.
  init(_ name: String) throws {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let sources = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
    let candidates =
      [tests.appendingPathComponent(name)]
      + ["debug", "release"].map { URL(fileURLWithPath: sources.joined(separator: "/") + "/.build/\($0)/\(name)") }
    url = try #require(
      candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }, "\(name) is not built")
  }

  /// A process of the program, not yet started; without what the tests' environment says of threads and kernels.
  func process(_ arguments: [String], environment: [String: String] = [:]) -> Process {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    return process
  }

  /// Runs it to its end; `meanwhile` is called when it has begun.
  func run(
    _ arguments: [String], environment: [String: String] = [:], meanwhile: (Process) -> Void = { _ in }
  ) throws -> Outcome {
    try finish(process(arguments, environment: environment), meanwhile)
  }

  /// Runs it by a shell command, in which `$0` is the program; for redirections.
  func runInShell(_ command: String) throws -> Outcome {
    let process = process([])
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command, url.path]
    return try finish(process)
  }

  /// Runs a process to its end; `meanwhile` is called when it has begun.
  func finish(_ process: Process, _ meanwhile: (Process) -> Void = { _ in }) throws -> Outcome {
    // Files, not pipes: nothing has to be read while the process runs.
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("samt-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let files = try ["output", "errors"].map { name in
      let file = directory.appendingPathComponent(name)
      try Data().write(to: file)
      return file
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    signal(SIGINT, SIG_DFL)  // what a process in the background ignores, its children would ignore
    try process.run()
    meanwhile(process)
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      signal: process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil,
      output: try String(contentsOf: files[0], encoding: .utf8),
      errors: try String(contentsOf: files[1], encoding: .utf8))
  }
}
