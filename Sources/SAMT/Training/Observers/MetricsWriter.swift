import Foundation

/// Writes one JSON object per epoch to a file, a line each (`metrics.jsonl`).
///
/// A line is appended and brought to the disk after its epoch. Where that fails, what was begun of it is taken back, and
/// the next epoch tries again with all lines that are missing, or with the whole file where it is gone. Numbers that
/// JSON cannot hold are written as "nan", "inf" and "-inf".
public final class MetricsWriter: TrainingObserver {
  /// Where the lines go.
  public let path: String
  /// Told of a failure when one begins, and the training goes on; where nil, a failure ends it.
  public var onFailure: ((SAMTError) -> Void)? {
    get { output.onFailure }
    set { output.onFailure = newValue }
  }
  /// Why lines are still unwritten; nil where none are.
  public var failure: SAMTError? { output.failure }

  private var output = PersistentOutput()
  private var lines: [String] = []
  /// How many lines are in the file, and their bytes.
  private var written = (lines: 0, bytes: 0)

  /// A writer to `metrics.jsonl` in `directory`, which is made where it does not exist.
  ///
  /// The file then holds a line for each of `reports`, those of the epochs before a training was resumed, and no other.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where the directory cannot be made, or the file not written.
  public init(directory: String, reports: [EpochReport] = []) throws(SAMTError) {
    try FileSystem.makeDirectory(directory)
    path = FilePaths.join(directory, "metrics.jsonl")
    lines = reports.map(JSONText.encode)
    try replace()
  }

  /// The reports that a file of such lines has, in their order.
  ///
  /// What follows the last whole line, which a process that was killed may have left, is passed over.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where the file cannot be read, or a line is no report.
  public static func reports(at path: String) throws(SAMTError) -> [EpochReport] {
    let text = String(decoding: try FileSystem.contents(of: path, atMost: 1 << 30), as: UTF8.self)
    var reports: [EpochReport] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().enumerated() {
      guard let report = JSONText.decode(EpochReport.self, String(line)) else {
        throw .file(path: path, reason: "line \(index + 1): expected an epoch's report")
      }
      reports.append(report)
    }
    return reports
  }

  /// Adds the epoch's line.
  public func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError) {
    lines.append(JSONText.encode(report))
    try output.attempt { () throws(SAMTError) in try write() }
  }

  /// Tries again, where lines are still unwritten.
  public func didFinishTraining(of trainer: Trainer) throws(SAMTError) {
    if failure != nil { try output.attempt { () throws(SAMTError) in try write() } }
  }

  /// Appends what is missing; writes everything anew where the file is not as it was left.
  private func write() throws(SAMTError) {
    let isAppended = try SAMTError.wrapping({ .output(path: path, reason: $0) }) { () throws(FileFailure) in
      guard let status = try FileStatus(at: path), status.isRegular, status.size == written.bytes else { return false }
      let file = try AppendingFile(path)
      while written.lines < lines.count {
        try file.append(lines[written.lines])
        written.bytes += lines[written.lines].utf8.count + 1
        written.lines += 1
      }
      return true
    }
    if !isAppended { try replace() }
  }

  private func replace() throws(SAMTError) {
    let contents = lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
    try FileSystem.replace(path, with: contents)
    written = (lines.count, contents.count)
  }
}
