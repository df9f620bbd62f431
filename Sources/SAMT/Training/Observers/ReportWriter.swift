/// Writes a page about the training, `report.html`, into its directory when the training ends or is stopped.
///
/// The page is made of the files that are there by then, so ``MetricsWriter`` comes before it among the observers.
public final class ReportWriter: TrainingObserver {
  /// Where the page goes.
  public let path: String
  /// Told where the page cannot be written; where nil, ``Trainer/fit(_:test:epochs:)`` throws that.
  public var onFailure: ((SAMTError) -> Void)? {
    get { output.onFailure }
    set { output.onFailure = newValue }
  }
  /// Why the page is not there; nil where it is, and before the training ends.
  public var failure: SAMTError? { output.failure }

  private let directory: String
  private let test: Dataset?
  private var output = PersistentOutput()

  /// A writer of the page about the training that is kept in `directory`.
  ///
  /// - Parameter test: examples of classes, of which the page has a confusion matrix; `confusion.json` keeps it.
  public init(directory: String, test: Dataset? = nil) {
    self.directory = directory
    self.test = test
    path = FilePaths.join(directory, RunRecord.FileName.report)
  }

  /// Evaluates on the test examples, and writes the page.
  public func didFinishTraining(of trainer: Trainer) throws(SAMTError) {
    try output.attempt { () throws(SAMTError) in
      if let confusion = try confusion(of: trainer) {
        let file = FilePaths.join(directory, RunRecord.FileName.confusion)
        try FileSystem.replace(file, with: Array(JSONText.encode(confusion).utf8) + [UInt8(ascii: "\n")])
      }
      try Report(of: [directory]).write(to: path)
    }
  }

  /// How often the model takes each class for each; nil where there are no examples of classes.
  private func confusion(of trainer: Trainer) throws(SAMTError) -> ConfusionRecord? {
    let (model, matrix) = (trainer.model, ConfusionMatrix())
    guard let test, test.count > 0, let classes = test.classCount, classes <= model.outputShape.count,
      matrix.problem(with: test.batch(0..<test.count).targets, outputShape: model.outputShape) == nil
    else { return nil }
    let evaluator = Evaluator(model, loss: trainer.loss, metrics: [matrix])
    try trainer.withEvaluationWeights { () throws(SAMTError) in _ = try evaluator.evaluate(test) }
    guard let found = evaluator.metrics.metrics.first as? ConfusionMatrix else { return nil }
    let names = test.classNames.isEmpty ? (0..<classes).map(String.init) : test.classNames
    return ConfusionRecord(
      classNames: names, counts: (0..<classes).map { label in (0..<classes).map { found[label, $0] } })
  }
}
