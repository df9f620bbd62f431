import Foundation

/// What a run's directory holds, as far as it can be read.
package struct RunRecord: Sendable {
  /// The files that reports read and write.
  package enum FileName {
    package static let configuration = "config.json"
    package static let metrics = "metrics.jsonl"
    package static let machine = "machine.json"
    package static let confusion = "confusion.json"
    package static let report = "report.html"
    package static let results = "results.json"
  }

  /// The directory.
  var path: String
  var epochs: [EpochRecord] = []
  var options: RunOptions?
  var machine: MachineRecord?
  var confusion: ConfusionRecord?
  /// What could not be read, a sentence each.
  var notes: [String] = []

  /// The directory's own name.
  var name: String { Self.name(ofDirectory: path) }

  /// The last part of a directory's path.
  package static func name(ofDirectory path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (parts.last.map(String.init) ?? path).displayedPath
  }

  /// The most bytes of a file that are read.
  private static let largestSize = 1 << 28

  /// The run that a directory holds, or else those in its folders, by name.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where there is none.
  static func runs(in directory: String) throws(SAMTError) -> [RunRecord] {
    guard !isRun(directory) else { return [try RunRecord(directory: directory)] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    let folders = names.sorted().map { FilePaths.join(directory, $0) }.filter(isRun)
    // Says what is missing where there is neither.
    guard !folders.isEmpty else { return [try RunRecord(directory: directory)] }
    var runs: [RunRecord] = []
    for folder in folders { runs.append(try RunRecord(directory: folder)) }
    return runs
  }

  private static func isRun(_ directory: String) -> Bool {
    [FileName.configuration, FileName.metrics].contains { FileSystem.exists(FilePaths.join(directory, $0)) }
  }

  /// Reads a run's directory.
  ///
  /// A last line of the metrics that is broken or half-written, as after a crash, and files that cannot be read become
  /// ``notes``.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where neither metrics nor a configuration are there.
  init(directory: String) throws(SAMTError) {
    path = directory
    guard Self.isRun(directory) else {
      throw .file(
        path: directory, reason: "no run was kept here: expected \(FileName.configuration) or \(FileName.metrics)")
    }
    options = read(FileName.configuration, RunOptions.self)
    machine = read(FileName.machine, MachineRecord.self)
    confusion = read(FileName.confusion, ConfusionRecord.self)
    if confusion?.isWellFormed == false {
      confusion = nil
      notes.append("\(FileName.confusion) holds no square matrix and was left out.")
    }
    if let text = contents(FileName.metrics) { readMetrics(text) }
    if epochs.isEmpty { notes.append("No epoch was finished yet.") }
  }

  /// Takes in the lines of `metrics.jsonl`.
  private mutating func readMetrics(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().filter { !$1.isEmpty }
    var broken: [Int] = []
    for (index, line) in lines {
      if let record = JSONText.decode(EpochRecord.self, String(line)) {
        epochs.append(record)
      } else {
        broken.append(index)
      }
    }
    if let last = broken.last, last == lines.last?.offset {
      broken.removeLast()
      notes.append("The last line of \(FileName.metrics) is broken or half-written and was left out.")
    }
    if let first = broken.first {
      notes.append(
        broken.count == 1
          ? "Line \(first + 1) of \(FileName.metrics) cannot be read and was left out."
          : "\(broken.count) lines of \(FileName.metrics), the first of them line \(first + 1), cannot be read and were "
            + "left out.")
    }
  }

  private mutating func read<Value: Decodable>(_ name: String, _ type: Value.Type) -> Value? {
    guard let text = contents(name) else { return nil }
    if let value = JSONText.decode(type, text) { return value }
    notes.append("\(name) cannot be read and was left out.")
    return nil
  }

  /// A file's text; nil where there is none, with a note where it cannot be read.
  private mutating func contents(_ name: String) -> String? {
    let file = FilePaths.join(path, name)
    guard FileSystem.exists(file) else { return nil }
    do throws(SAMTError) {
      return String(decoding: try FileSystem.contents(of: file, atMost: Self.largestSize), as: UTF8.self)
    } catch {
      notes.append("\(error).")
      return nil
    }
  }
}
