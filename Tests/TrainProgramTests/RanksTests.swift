import Foundation
import SAMTTestSupport
import Testing

/// A program that starts ranks, with the MPI library that belongs to it.
struct Launcher: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let path: String
  /// What comes before the number of ranks.
  let options: [String]
  /// Whether it can start ranks here; asked once.
  let isInstalled: Bool

  private init(_ name: String, _ program: String, _ options: [String] = []) {
    testDescription = name
    self.options = options
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
    let found = folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    path = found ?? program
    isInstalled = found != nil
  }

  /// Under the names that Debian gives them.
  static let all = [
    Launcher("Open MPI", "mpirun.openmpi", ["--oversubscribe"]), Launcher("MPICH", "mpirun.mpich"),
  ]
  static let installed = all.filter(\.isInstalled)

  /// Open MPI asks the superuser twice.
  static let environment = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
}

/// Trainings under `mpirun`: the bits of one process, and ends in good order.
@Suite(.serialized) struct RanksTests {
  private let program: Program

  init() throws { program = try Program("samt-train") }

  /// A process of the launcher that starts a program on so many ranks, by way of a shell command before it.
  private func process(
    _ launcher: Launcher, ranks: Int, of other: Program? = nil, _ arguments: [String], before command: String = ""
  ) -> Process {
    let program = other ?? self.program
    let process = program.process([], environment: Launcher.environment)
    process.executableURL = URL(fileURLWithPath: launcher.path)
    process.arguments =
      launcher.options + ["-np", "\(ranks)", "sh", "-c", "\(command) exec \"$0\" \"$@\"", program.url.path] + arguments
    return process
  }

  @Test(
    .enabled(if: !Launcher.installed.isEmpty, "neither mpirun.openmpi nor mpirun.mpich is installed"),
    arguments: Launcher.installed,
    ["adam", "adafisher", "samt-s", "samt-e", "samt"])
  func ranksEndWithTheBitsOfOneProcess(launcher: Launcher, method: String) throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 200, to: directory)
      let options = [
        "--data", directory.path, "--model", "mlp:12", "--dropout", "0.2", "--optimizer", method, "--epochs", "2",
        "--batch", "32", "--shards", "4", "--threads", "1",
      ]
      try expectSameBits(launcher, options, in: directory, ranks: [1, 2, 4])
    }
  }

  @Test(
    .enabled(if: !Launcher.installed.isEmpty, "neither mpirun.openmpi nor mpirun.mpich is installed"),
    arguments: Launcher.installed)
  func residualNetworksTooEndWithTheBitsOfOneProcess(launcher: Launcher) throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      let options = [
        "--data", "cifar100:\(directory.path)", "--model", "resnet20", "--optimizer", "adam", "--epochs", "2",
        "--batch",
        "4", "--shards", "4", "--drop-last", "--threads", "1",
      ]
      try expectSameBits(launcher, options, in: directory, ranks: [2, 4])
    }
  }

  private func expectSameBits(_ launcher: Launcher, _ options: [String], in directory: URL, ranks: [Int]) throws {
    let alone = KeptRun(directory: directory.appendingPathComponent("alone"))
    try #require(try program.run(options + ["--out", alone.directory.path]).status == 0)
    for count in ranks {
      let kept = KeptRun(directory: directory.appendingPathComponent("on-\(count)"))
      let outcome = try program.finish(process(launcher, ranks: count, options + ["--out", kept.directory.path]))
      try #require(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.components(separatedBy: "method ").count == 2, "not one rank alone printed")
      try kept.expectSame(as: alone, "\(count) ranks of \(launcher.testDescription)")
    }
  }

  @Test(
    .enabled(if: !Launcher.installed.isEmpty, "neither mpirun.openmpi nor mpirun.mpich is installed"),
    arguments: Launcher.installed)
  func aKilledRankEndsTheJobWhichGoesOnOnOneProcess(launcher: Launcher) throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 4000, to: directory)
      let options = [
        "--data", directory.path, "--model", "mlp:12", "--optimizer", "adam", "--epochs", "3", "--batch", "8",
        "--shards", "2", "--threads", "1",
      ]
      let undisturbed = KeptRun(directory: directory.appendingPathComponent("undisturbed"))
      try #require(try program.run(options + ["--out", undisturbed.directory.path]).status == 0)

      let killed = KeptRun(directory: directory.appendingPathComponent("killed"))
      let note = directory.appendingPathComponent("rank1").path
      let start = process(
        launcher, ranks: 2, options + ["--out", killed.directory.path, "--checkpoint-every", "1"],
        before: "[ \"${OMPI_COMM_WORLD_RANK:-$PMI_RANK}\" = 1 ] && echo $$ > '\(note)';")
      let outcome = try program.finish(start) { process in
        while process.isRunning, (killed.position()?.step ?? 0) == 0 { usleep(1000) }
        let text = (try? String(contentsOfFile: note, encoding: .utf8)) ?? ""
        if let rank = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) { kill(rank, SIGKILL) }
      }
      #expect(outcome.status != 0)
      let position = try #require(killed.position())
      #expect(position.epochs < 3, "the training ended before its rank was killed")
      let resumed = try program.run(["--resume", killed.directory.path])
      try #require(resumed.status == 0, "\(resumed.errors)")
      try killed.expectSame(as: undisturbed, "\(launcher.testDescription)")
    }
  }

  /// One epoch on so many ranks, the other on so many; 0 for none, without a launcher.
  @Test(
    .enabled(if: !Launcher.installed.isEmpty, "neither mpirun.openmpi nor mpirun.mpich is installed"),
    arguments: Launcher.installed, [(4, 0), (0, 4)])
  func checkpointsGoOnOnOtherRanks(launcher: Launcher, ranks: (first: Int, then: Int)) throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 200, to: directory)
      func train(_ ranks: Int, _ arguments: [String]) throws {
        let start =
          ranks == 0
          ? program.process(arguments, environment: [:]) : process(launcher, ranks: ranks, arguments)
        let outcome = try program.finish(start)
        try #require(outcome.status == 0, "\(outcome.errors)")
      }
      let options = [
        "--data", directory.path, "--model", "mlp:12", "--optimizer", "adam", "--batch", "32", "--shards", "4",
        "--threads", "1",
      ]
      let undisturbed = KeptRun(directory: directory.appendingPathComponent("undisturbed"))
      try train(0, options + ["--epochs", "2", "--out", undisturbed.directory.path])
      let moved = KeptRun(directory: directory.appendingPathComponent("moved"))
      try train(ranks.first, options + ["--epochs", "1", "--out", moved.directory.path])
      try train(ranks.then, ["--resume", moved.directory.path, "--epochs", "2"])
      try moved.expectSame(as: undisturbed, "\(ranks.first), then \(ranks.then) ranks of \(launcher.testDescription)")
    }
  }

  @Test(
    .enabled(if: !Launcher.installed.isEmpty, "neither mpirun.openmpi nor mpirun.mpich is installed"),
    arguments: Launcher.installed)
  func anErrorOfAllRanksIsSaidOnce(launcher: Launcher) throws {
    let outcome = try program.finish(process(launcher, ranks: 2, ["--data", "idx:/nowhere"]))
    #expect(outcome.status == 2)
    #expect(outcome.errors.components(separatedBy: "samt-train: ").count == 2, "\(outcome.errors)")
  }

  /// The benchmark of ranks verifies the bits itself; here is what it says that they send.
  @Test(
    .enabled(if: !Launcher.installed.isEmpty, "neither mpirun.openmpi nor mpirun.mpich is installed"),
    arguments: Launcher.installed, [1, 2, 3])
  func theBenchmarkSaysWhatRanksSend(launcher: Launcher, ranks: Int) throws {
    struct Row: Decodable {
      let ranks, bytesPerStep, callsPerStep: Int
      let exchangedBlocks, gatheredBlocks: [Int]
      let verified: Bool
    }
    let options = ["scaling", "--quick", "--json", "--filter", "adam 784-400-10 batch 16", "--threads", "1"]
    let start = process(launcher, ranks: ranks, of: try Program("samt-bench"), options)
    let outcome = try Program("samt-bench").finish(start)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let row = try JSONDecoder().decode(Row.self, from: Data(outcome.output.utf8))
    #expect(row.ranks == ranks && row.verified)
    // The gradients in segments of whole cache lines, then the loss, and the outputs of as many examples as any rank has.
    let parameters = 784 * 400 + 400 + 400 * 10 + 10
    let segment = 64 * ((parameters + 16 * ranks - 1) / (16 * ranks))
    let outputs = 4 * 10 * ((16 + ranks - 1) / ranks)
    guard ranks > 1 else { return #expect(row.bytesPerStep == 0 && row.callsPerStep == 0) }
    #expect(row.exchangedBlocks == [segment])
    #expect(row.gatheredBlocks == [segment, 8, outputs])
    #expect(row.callsPerStep == 4)
    #expect(row.bytesPerStep == (ranks - 1) * (2 * segment + 8 + outputs))
  }

  /// What a launcher leaves in the environment, without a launcher: nothing may be opened but what is named.
  @Test(arguments: [("0", true), ("1", false)]) func aMissingLibraryIsSaidByRank0(rank: String, speaks: Bool) throws {
    let environment = [
      "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": rank, "SAMT_MPI_LIBRARY": "/nowhere/libmpi.so",
    ]
    let outcome = try program.run(["--epochs", "1"], environment: environment)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.errors.isEmpty != speaks)
    if speaks {
      #expect(outcome.errors.hasPrefix("samt-train: Open MPI's launcher started this process"))
      #expect(outcome.errors.contains("/nowhere/libmpi.so: ") && outcome.errors.hasSuffix("\n"))
    }
  }
}
