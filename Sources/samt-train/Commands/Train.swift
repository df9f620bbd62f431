import CommandLineOptions
import SAMT

extension Command {
  /// Trains a network.
  static var train: Command {
    Command(
      "train", "trains a network and prints its test accuracy", usage: ["samt-train [train] [options]"],
      about: """
        Trains a network and prints its test accuracy.

        Without options: built-in digits, 784-400-10, SAMT with one step size per block. Files may be compressed (.gz).
        """,
      defaults: TrainSettings(methods: [Method.all[0]]), options: TrainSettings.options,
      notes: Method.list + "\n\n" + environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.threads)
      let runs = try settings.runs()
      if runs.count > 1 { try compareRuns(runs) } else { try runTraining(runs[0].settings, output: runs[0].output) }
      return 0
    }
  }
}
