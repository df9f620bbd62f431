import CommandLineOptions
import SAMT

/// Where a training's files go, and how often they are written.
struct OutputSettings {
  var directory: String?
  var overwrites = false
  var checkpointInterval: CheckpointWriter.Interval?

  static var options: OptionTable<Self> {
    OptionTable("output") {
      CommandLineOption(
        "--out", "DIR",
        "keeps the training there: config.json, machine.json, metrics.jsonl, last.safetensors, best.safetensors, "
          + "report.html; several trainings in folders METHOD-SEED", \Self.directory, .path)
      CommandLineOption("--overwrite", "in place of an earlier run's files", \Self.overwrites)
      CommandLineOption(
        "--checkpoint-every", "N|Ns",
        "steps or seconds after which last.safetensors is written, besides at each epoch's end",
        \Self.checkpointInterval, .checkpointInterval)
    }
  }

  /// The run's directory, where there is to be one and this is the rank that writes; nothing is made or removed yet.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where it cannot be, or holds an earlier run.
  @discardableResult
  func check(on communicator: any Communicator) throws(SAMTError) -> RunDirectory? {
    guard let directory, communicator.rank == 0 else { return nil }
    return try RunDirectory(new: directory, overwriting: overwrites)
  }
}

extension ValueFormat where Value == CheckpointWriter.Interval {
  /// A number of steps, or one of seconds with an `s`.
  static var checkpointInterval: Self {
    Self(
      "a number of steps, or one of seconds with an s, in 1 ... 1000000000",
      { text in
        guard let number = Int(text.hasSuffix("s") ? text.dropLast() : text[...]), (1...1_000_000_000).contains(number)
        else { return nil }
        return text.hasSuffix("s") ? .seconds(number) : .steps(number)
      },
      write: { interval in
        switch interval {
        case .steps(let count): "\(count)"
        case .seconds(let count): "\(count)s"
        }
      })
  }
}
