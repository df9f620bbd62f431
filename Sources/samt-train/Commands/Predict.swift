import CommandLineOptions
import SAMT

/// What `predict` is asked for.
struct PredictSettings {
  var examples = ExamplesSettings()
  var outputFile: String?

  static var options: OptionTable<Self> {
    ExamplesSettings.options.lifted(\Self.examples)
      + OptionTable("output") {
        CommandLineOption("--out", "FILE", "writes the rows there, otherwise they are printed", \Self.outputFile, .path)
      }
  }
}

extension Command {
  /// Writes what a trained model makes of each example.
  static var predict: Command {
    Command(
      "predict", "writes what a trained model predicts for each example",
      usage: ["samt-train predict --model FILE --data SOURCE [--out FILE.csv]"],
      about: """
        Writes a row of CSV for each example: its index from 0; then the most probable class by its name or number, and \
        that class's probability: among all classes, or, of a model that was trained with --loss bce, of that class by \
        itself. Of a model of numbers, these, in the units of the table that it was trained on; with --loss bce they are \
        probabilities. The examples need not have what is predicted.
        """,
      defaults: PredictSettings(), options: PredictSettings.options,
      notes: DataKind.list + "\n\n" + environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.examples.threads)
      if let file = settings.outputFile { try FileSystem.checkFile(file) }
      let (model, _, data) = try settings.examples.load(needsTargets: false)
      let predictions = Predictions(
        of: model, task: settings.examples.dataOptions.task, batchSize: settings.examples.batchSize)
      guard let file = settings.outputFile else {
        try predictions.forEachChunk(of: data.examples) { rows in try StandardOutput.write(rows) }
        return 0
      }
      var contents: [UInt8] = []
      predictions.forEachChunk(of: data.examples) { contents += Array($0.utf8) }
      try FileSystem.replace(file, with: contents)
      return 0
    }
  }
}
