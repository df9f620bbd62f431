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
  private var output = PersistentOutput()

  /// A writer of the page about the training that is kept in `directory`.
  public init(directory: String) {
    self.directory = directory
    path = FilePaths.join(directory, RunRecord.FileName.report)
  }

  /// Writes the page.
  public func didFinishTraining(of trainer: Trainer) throws(SAMTError) {
    try output.attempt { () throws(SAMTError) in try Report(of: [directory]).write(to: path) }
  }
}
