import Foundation
import SAMTTestSupport
import Testing

/// Trainings whose files cannot be written for a while, or any more.
@Suite(.serialized) struct FullDiskTests {
  private let program: Program

  init() throws { program = try Program("samt-train") }

  private func options(_ data: URL, epochs: Int) -> [String] {
    ["--data", data.path, "--model", "mlp:4", "--batch", "4", "--optimizer", "adam", "--epochs", "\(epochs)"]
  }

  private func expectWarningsAndResult(_ outcome: Program.Outcome) {
    #expect(outcome.status == 2)
    #expect(outcome.output.split(separator: "\n").last?.hasPrefix("test accuracy 0.") == true, "\(outcome.output)")
    let lines = outcome.errors.split(separator: "\n")
    let warnings = lines.filter { $0.hasSuffix("; the training goes on, and the writing is tried again") }
    #expect((1...3).contains(warnings.count), "one for each file at most: \(outcome.errors)")
    #expect(lines.count == warnings.count + 1, "and the reason of the status")
  }

  /// A limit on the size of files stands for a full disk: the metrics grow until they reach it.
  @Test func aTrainingOutlivesItsDisk() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 40, to: directory)
      let undisturbed = KeptRun(directory: directory.appendingPathComponent("undisturbed"))
      #expect(try program.run(options(directory, epochs: 60) + ["--out", undisturbed.directory.path]).status == 0)

      let full = KeptRun(directory: directory.appendingPathComponent("full"))
      let words = (options(directory, epochs: 60) + ["--out", full.directory.path]).map { "'\($0)'" }
      expectWarningsAndResult(
        try program.runInShell("trap '' XFSZ; ulimit -f 20; exec \"$0\" \(words.joined(separator: " "))"))
      let metrics = try String(
        contentsOf: full.directory.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
      #expect(metrics.hasSuffix("\n") && metrics.split(separator: "\n").count < 60, "whole lines")
      // What was written can be taken up, now that there is room again.
      #expect(try program.run(["--resume", full.directory.path]).status == 0)
      try full.expectSame(as: undisturbed, "after a full disk")
    }
  }

  @Test func aDiskWithoutRoomIsKnownBeforeTheFirstStep() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 40, to: directory)
      let words = (options(directory, epochs: 60) + ["--out", directory.path + "/out"]).map { "'\($0)'" }
      let outcome = try program.runInShell("trap '' XFSZ; ulimit -f 2; exec \"$0\" \(words.joined(separator: " "))")
      #expect(outcome.status == 2 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("samt-train: \(directory.path)/out/last.safetensors: "), "\(outcome.errors)")
    }
  }

  /// A directory that goes away for a while.
  @Test func aDirectoryThatComesBackHasEverything() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 400, to: directory)
      let undisturbed = KeptRun(directory: directory.appendingPathComponent("undisturbed"))
      #expect(try program.run(options(directory, epochs: 200) + ["--out", undisturbed.directory.path]).status == 0)

      let moved = KeptRun(directory: directory.appendingPathComponent("moved"))
      let elsewhere = directory.appendingPathComponent("elsewhere").path
      let outcome = try program.run(options(directory, epochs: 200) + ["--out", moved.directory.path]) { process in
        while process.isRunning, (moved.position()?.epochs ?? 0) < 2 { usleep(500) }
        rename(moved.directory.path, elsewhere)
        Thread.sleep(forTimeInterval: 0.1)
        rename(elsewhere, moved.directory.path)
      }
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("; the training goes on, and the writing is tried again\n"))
      #expect(try moved.metrics() == undisturbed.metrics())
      #expect(try moved.tensors() == undisturbed.tensors())
    }
  }

  /// A file system of 64 KiB, which takes the superuser to make.
  @Test func aFullFileSystem() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 40, to: directory)
      let disk = directory.appendingPathComponent("disk")
      try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: false)
      let mounted = try program.runInShell("mount -t tmpfs -o size=64k samt-test '\(disk.path)' 2>/dev/null")
      guard mounted.status == 0 else { return }  // no right to mount: the limit on files' sizes above stands for it
      defer { _ = try? program.runInShell("umount '\(disk.path)'") }
      let run = KeptRun(directory: disk.appendingPathComponent("run"))
      expectWarningsAndResult(try program.run(options(directory, epochs: 200) + ["--out", run.directory.path]))
      #expect(try program.run(["inspect", run.lastPath]).status == 0)
    }
  }
}
