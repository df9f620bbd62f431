import Foundation
import SAMT
import SAMTTestSupport
import Testing

@testable import samt_train

/// Trainings that are stopped in every way and go on, as processes: they end as if they had never stopped.
@Suite(.serialized) struct ResumeTests {
  private let program: Program

  init() throws { program = try Program("samt-train") }

  /// Everything random that a training can have: dropout, augmentation, an average beside.
  private static let options = [
    "--model", "mlp:12", "--dropout", "0.2", "--augment", "--average", "ema", "--batch", "4", "--threads", "1",
  ]

  private func withRuns(training: Int, _ body: (_ data: String, _ runs: URL) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: training, to: directory)
      try body(directory.path, directory.appendingPathComponent("runs"))
    }
  }

  private func train(_ arguments: [String]) throws {
    let outcome = try program.run(arguments)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
  }

  @Test func fiftyKillsLeaveNoTrace() throws {
    try withRuns(training: 4000) { data, runs in
      let options =
        ["--data", data, "--optimizer", "adam", "--epochs", "40", "--checkpoint-every", "50"] + Self.options
      let undisturbed = KeptRun(directory: runs.appendingPathComponent("undisturbed"))
      let begin = Date()
      var start = 0.0
      let outcome = try program.run(options + ["--out", undisturbed.directory.path]) { process in
        while process.isRunning, undisturbed.position() == nil { usleep(1000) }
        start = -begin.timeIntervalSinceNow
      }
      try #require(outcome.status == 0)
      let duration = -begin.timeIntervalSinceNow - start

      let killed = KeptRun(directory: runs.appendingPathComponent("killed"))
      var generator = Generator(seed: 1)
      var arguments = options + ["--out", killed.directory.path]
      var (kills, inTheMiddle, withoutProgress) = (0, 0, 0)
      var (last, delay) = (killed.position(), start)
      while kills < 50 {
        let process = try program.start(arguments)
        // From before the first step to so late that fifty such spans are a third of the training.
        Thread.sleep(forTimeInterval: generator.uniform(in: 0.2 * delay...delay + duration / 80))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if process.terminationReason == .exit { break }
        kills += 1
        let position = killed.position()
        if let position, position.step > 0 { inTheMiddle += 1 }
        // A machine that became slower meanwhile takes longer to start.
        let isAhead = position?.epochs != last?.epochs || position?.step != last?.step
        withoutProgress = isAhead ? 0 : withoutProgress + 1
        if withoutProgress % 3 == 2 { delay *= 1.5 }
        last = position
        if FileManager.default.fileExists(atPath: killed.directory.path + "/config.json") {
          arguments = ["--resume", killed.directory.path, "--checkpoint-every", "50", "--threads", "1"]
        }
      }
      // Fewer where the machine became much faster meanwhile.
      #expect(kills >= 20, "the training ended after \(kills) kills")
      #expect(inTheMiddle >= 5, "hardly a kill came in the middle of an epoch")
      try train(["--resume", killed.directory.path])
      try killed.expectSame(as: undisturbed, "\(kills) kills")
    }
  }

  @Test(arguments: Method.all.filter(\.takesMinibatches).map(\.name)) func everyMethodGoesOnInTheMiddleOfAnEpoch(
    method: String
  ) throws {
    try withRuns(training: 1200) { data, runs in
      let options = ["--data", data, "--optimizer", method, "--epochs", "4"] + Self.options
      let undisturbed = KeptRun(directory: runs.appendingPathComponent("undisturbed"))
      try train(options + ["--out", undisturbed.directory.path])

      let stopped = KeptRun(directory: runs.appendingPathComponent("stopped"))
      let process = try program.start(options + ["--out", stopped.directory.path, "--checkpoint-every", "1"])
      while process.isRunning, (stopped.position()?.step ?? 0) == 0 { usleep(500) }
      process.terminate()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 143)
      let position = try #require(stopped.position())
      #expect(position.epochs < 4 && position.step > 0)
      try train(["--resume", stopped.directory.path])
      try stopped.expectSame(as: undisturbed, "\(method)")
    }
  }

  @Test func aFinishedRunSaysSoAndGoesOnToMoreEpochs() throws {
    try withRuns(training: 40) { data, runs in
      let options = ["--data", data, "--optimizer", "momentum"] + Self.options
      let long = KeptRun(directory: runs.appendingPathComponent("long"))
      try train(options + ["--epochs", "5", "--out", long.directory.path])
      let short = KeptRun(directory: runs.appendingPathComponent("short"))
      try train(options + ["--epochs", "2", "--out", short.directory.path])

      let finished = try program.run(["--resume", short.directory.path])
      #expect(finished.status == 0)
      #expect(finished.output.contains("is finished: 2 of 2 epochs"))
      #expect(finished.output.split(separator: "\n").last?.contains(/^test accuracy 0\.\d{4}$/) == true)
      let fewer = try program.run(["--resume", short.directory.path, "--epochs", "1"])
      #expect(fewer.status == 64 && fewer.errors.contains("has 2 epochs already, found 1"))

      try train(["--resume", short.directory.path, "--epochs", "5"])
      try short.expectSame(as: long, "to more epochs")
      #expect(try program.run(["--resume", short.directory.path]).output.contains("is finished: 5 of 5 epochs"))
    }
  }

  @Test(arguments: [(SIGINT, "SIGINT", Int32(130)), (SIGTERM, "SIGTERM", 143)])
  func signalsSayHowToGoOn(number: Int32, name: String, status: Int32) throws {
    try withRuns(training: 4000) { data, runs in
      let options = ["--data", data, "--epochs", "100", "--batch", "4", "--model", "mlp:4"]
      let run = KeptRun(directory: runs.appendingPathComponent(name))
      let stopped = try program.run(options + ["--checkpoint-every", "1", "--out", run.directory.path]) { process in
        while process.isRunning, (run.position()?.step ?? 0) == 0 { usleep(500) }
        kill(process.processIdentifier, number)
      }
      #expect(stopped.status == status && stopped.signal == nil)
      #expect(stopped.errors.contains("samt-train: stopped by \(name) in epoch "), "\(stopped.errors)")
      #expect(stopped.errors.hasSuffix("samt-train --resume \(run.directory.path) goes on\n"), "\(stopped.errors)")

      let lost = try program.run(options) { process in
        Thread.sleep(forTimeInterval: 1)
        kill(process.processIdentifier, number)
      }
      #expect(lost.status == status && lost.errors.contains("nothing was kept"), "\(lost)")
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    try withRuns(training: 40) { data, runs in
      let run = runs.appendingPathComponent("run").path
      let options = ["--data", data, "--epochs", "1", "--model", "mlp:4", "--batch", "4"]
      try train(options + ["--out", run])
      for arguments in [["--batch", "3"], ["--seed", "1"], ["--eta0", "1"], ["--out", run], ["--overwrite"]] {
        let outcome = try program.run(["--resume", run] + arguments)
        #expect(outcome.status == 64 && outcome.errors.contains("\(arguments[0]) cannot be given with --resume"))
      }
      let again = try program.run(options + ["--out", run])
      #expect(again.status == 2 && again.errors.contains("holds an earlier run's config.json"))
      try train(options + ["--out", run, "--overwrite"])
      let nowhere = try program.run(["--resume", run + "/nowhere"])
      #expect(nowhere.status == 2 && nowhere.errors.contains("no run was kept here"))

      try Data("{}".utf8).write(to: URL(fileURLWithPath: run + "/config.json"))
      let broken = try program.run(["--resume", run])
      #expect(broken.status == 2 && broken.errors.contains("config.json: not a JSON object of options: no format"))
    }
  }
}
