import CommandLineOptions
import SAMT

extension Command {
  /// Compares methods.
  static var compare: Command {
    Command(
      "compare", "trains by several methods, from several seeds, and prints a table",
      usage: ["samt-train compare [options]"],
      about: """
        Trains by each method from each seed and prints a table: means over the seeds, and the test accuracy's range.

        An option counts for the methods that have it; one that none of them has is refused.
        """,
      defaults: TrainSettings(methods: Method.all), options: TrainSettings.options,
      notes: Method.list + "\n\n" + environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.threads)
      try compareRuns(try settings.runs())
      return 0
    }
  }
}

/// Trains each of `runs` in turn, then prints what they came to.
func compareRuns(_ runs: [Run]) throws {
  try check(runs)
  var table = ComparisonTable()
  for run in runs {
    if let last = try runTraining(run.settings, output: run.output) { table.add(last, of: run.settings.method.name) }
  }
  try StandardOutput.writeLine("\n" + table.text)
}

/// Settings that do not work are better known before the first training than before the last.
private func check(_ runs: [Run]) throws(SAMTError) {
  guard let first = runs.first?.settings else { return }
  for run in runs { try run.output.check() }
  let (training, _) = try first.source.load(seed: first.seed)
  for run in runs where run.settings.seed == first.seed {
    _ = try run.settings.makeAlgorithm(for: try run.settings.makeModel(for: training), on: training)
  }
}
