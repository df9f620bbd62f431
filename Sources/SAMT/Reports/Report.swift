/// A page about one run or several, made from their directories: one HTML file that needs nothing else.
///
/// A single run's page has its learning curves over epochs, time, updates and layer passes, what the method tells of
/// itself and of each block, the confusion matrix where one was kept, the machine, and the command that repeats it.
/// Several runs are overlaid; those that differ in their seeds alone become one curve with its range.
///
/// Every chart has its values as a table, too. There is no script in the page, and nothing is loaded from elsewhere. Long
/// trainings are drawn by some of their epochs, so that the page has a few megabytes at most.
public struct Report: Sendable {
  /// The page.
  public let html: String
  /// What could not be read of the runs, or is not as it should be, a sentence each; the page says it, too.
  public let notes: [String]

  /// A report on the runs that are kept in `directories`, as ``MetricsWriter`` and the program `samt-train` keep them.
  ///
  /// A directory that holds no run itself, but folders that do, stands for their runs. Files that are missing or broken
  /// are left out, and so is a last line of `metrics.jsonl` that is half-written.
  ///
  /// - Parameters:
  ///   - directories: one for a page about a run, several for a comparison.
  ///   - title: the page's title; nil for the name of the directory.
  ///   - comparison: the directory of the comparison that the runs belong to, of whose search for rates the page tells.
  /// - Throws: ``SAMTError/file(path:reason:)`` for a directory that holds no run, ``SAMTError/configuration(_:)`` for no
  ///   directory.
  public init(of directories: [String], title: String? = nil, comparison: String? = nil) throws(SAMTError) {
    guard let first = directories.first else { throw .configuration("a report needs the directory of a run") }
    var runs: [RunRecord] = []
    for directory in directories { runs += try RunRecord.runs(in: directory) }
    let name = directories.count == 1 ? RunRecord.name(ofDirectory: first) : "\(runs.count) runs"
    let page =
      runs.count == 1
      ? RunPage(title: title ?? runs[0].name, run: runs[0]).page
      : ComparisonPage(
        title: title ?? name, runs: runs,
        comparisons: (directories + [comparison].compactMap(\.self)).compactMap(ComparisonRecord.read)
      ).page
    html = page.html
    notes = page.notes
  }

  /// Writes the page, in place of what is at `path`.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where it cannot be written; the old file stands then.
  public func write(to path: String) throws(SAMTError) { try FileSystem.replace(path, with: Array(html.utf8)) }
}
