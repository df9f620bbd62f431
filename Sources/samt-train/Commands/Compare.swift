import CommandLineOptions
import SAMT

extension Command {
  /// Compares methods.
  static func compare(on communicator: any Communicator) -> Command {
    Command(
      "compare", "trains by several methods, from several seeds, and prints a table",
      usage: ["samt-train compare [options]", "samt-train compare --resume DIR [--jobs N]"],
      about: """
        Trains by each method from each seed and prints a table: the mean of the test results, their deviation, and how
        far each method is from the best, with the interval that the paired bootstrap gives over the seeds.

        With --search, each method that has a rate gets the one that does best on validation examples, which no training
        sees. The trainings of the search, and those that tell what an epoch costs, never evaluate the test examples: that
        is left to the trainings that are compared. Methods without a rate get none.

        Without --optimizer, all methods that take minibatches. An option counts for the methods that have it; one that
        none of them has is refused.
        """,
      defaults: ComparisonSettings(), options: ComparisonSettings.options,
      notes: [DataKind.list, Method.list, outputNotes, environmentNotes].joined(separator: "\n\n"),
      isForAllRanks: true
    ) { settings, given in
      try requireOneRank(communicator)
      try prepareMachine(threads: settings.trainings.threads)
      let signals = StopSignals()
      guard let earlier = settings.resumedDirectory else {
        return try runComparison(settings, in: ComparisonDirectory(new: settings.trainings.output), signals: signals)
      }
      let others = Set(given).subtracting(["--resume", "--jobs", "--threads", "--checkpoint-every"]).sorted()
      guard others.isEmpty else {
        throw UsageError(
          "a comparison goes on as it began: \(others.joined(separator: ", ")) cannot be given with --resume")
      }
      let directory = try ComparisonDirectory(earlier: earlier)
      var resumed = try directory.settings()
      if given.contains("--jobs") { resumed.jobs = settings.jobs }
      resumed.trainings.output.checkpointInterval = settings.trainings.output.checkpointInterval
      return try runComparison(resumed, in: directory, signals: signals)
    }
  }
}

/// Runs a comparison, or what is left of it, and prints its table.
///
/// - Returns: the exit status.
func runComparison(
  _ settings: ComparisonSettings, in directory: ComparisonDirectory, signals: StopSignals = StopSignals()
) throws -> Int32 {
  let comparison = try Comparison(settings, in: directory, signals: signals)
  defer { directory.removeIfTemporary() }
  try directory.prepare(settings)
  do {
    let results = try comparison.run()
    try directory.write(results)
    try StandardOutput.writeLine("\n" + ComparisonTable(results).text)
    guard !directory.isTemporary else { return 0 }
    try StandardOutput.writeLine("\nreport \(try directory.writeReport(on: results).displayedPath)")
  } catch let stop as TrainingPool.Stopped {
    let advice =
      directory.isTemporary
      ? "nothing was kept, for want of --out" : "samt-train compare --resume \(directory.path.displayedPath) goes on"
    complain("samt-train: stopped; \(advice)")
    return 128 + stop.signal
  }
  return 0
}
