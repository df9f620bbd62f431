import CommandLineOptions
import SAMT

extension Command {
  /// Compares methods.
  static var compare: Command {
    Command(
      "compare", "trains by several methods, from several seeds, and prints a table",
      usage: ["samt-train compare [options]"],
      about: """
        Trains by each method from each seed and prints a table: means over the seeds, and the range of the test result.

        Without --optimizer, all methods that take minibatches. An option counts for the methods that have it; one that
        none of them has is refused.
        """,
      defaults: TrainSettings(methods: Method.all.filter(\.takesMinibatches)), options: TrainSettings.sharedOptions,
      notes: [DataKind.list, Method.list, environmentNotes].joined(separator: "\n\n")
    ) { settings, _ in
      try prepareMachine(threads: settings.threads)
      return try compareRuns(try settings.runs(), keptIn: settings.output.directory, signals: StopSignals())
    }
  }
}

/// Trains each of `runs` in turn, then prints what they came to, and makes a page of it in `directory`.
///
/// - Returns: the exit status.
func compareRuns(_ runs: [Run], keptIn directory: String? = nil, signals: StopSignals? = nil) throws -> Int32 {
  guard let criterion = try check(runs) else { return 0 }
  var table = ComparisonTable(by: criterion)
  for run in runs {
    switch try runNew(run, signals: signals) {
    case .finished(let report): table.add(report, of: run.settings.method.name)
    case .stopped(let signal): return 128 + signal
    }
  }
  try StandardOutput.writeLine("\n" + table.text)
  if let directory {
    let page = directory + (directory.hasSuffix("/") ? "" : "/") + RunRecord.FileName.report
    try Report(of: runs.compactMap(\.output.directory), title: RunRecord.name(ofDirectory: directory)).write(to: page)
    try StandardOutput.writeLine("\nreport \(page.displayedPath)")
  }
  return 0
}

/// Settings that do not work are better known before the first training than before the last.
///
/// - Returns: what they are compared by; nil where there is no run.
private func check(_ runs: [Run]) throws(SAMTError) -> Criterion? {
  guard let first = runs.first?.settings else { return nil }
  for run in runs { try run.output.check() }
  let data = try first.loadData()
  for run in runs where run.settings.seed == first.seed {
    _ = try run.settings.makeAlgorithm(for: try run.settings.makeModel(for: data), on: data)
  }
  return Criterion(data.training.targets.usualLoss.metrics(for: data.preprocessing))
}
