import Foundation

/// Writes one JSON object per epoch to a file, a line each (`metrics.jsonl`).
///
/// The file is replaced as a whole after each epoch, by way of a temporary file beside it, so a crash or a full disk
/// never leaves half a line. Numbers that JSON cannot hold are written as "nan", "inf" and "-inf".
public final class MetricsWriter: TrainingObserver {
  /// Where the lines go.
  public let url: URL
  private var lines = Data()
  private let encoder: JSONEncoder

  /// A writer to `metrics.jsonl` in `directory`, which is made where it does not exist.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where the directory cannot be made or is not writable.
  public init(directory: URL) throws(SAMTError) {
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    } catch { throw .output(path: directory.path, reason: "cannot make the directory: \(error.localizedDescription)") }
    guard FileManager.default.isWritableFile(atPath: directory.path) else {
      throw .output(path: directory.path, reason: "the directory is not writable")
    }
    url = directory.appendingPathComponent("metrics.jsonl")
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  /// Adds the epoch's line.
  public func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError) {
    do {
      lines.append(try encoder.encode(report))
      lines.append(UInt8(ascii: "\n"))
    } catch { throw .output(path: url.path, reason: "cannot encode the report: \(error)") }
    let path = url.path
    try SAMTError.wrapping({ .output(path: path, reason: $0) }) { () throws(FileFailure) in
      let file = try AtomicFile(replacing: path)
      try file.write([UInt8](lines))
      try file.commit()
    }
  }
}
