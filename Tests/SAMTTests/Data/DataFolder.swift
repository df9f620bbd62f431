import Foundation
import SAMT
import Testing

/// A folder for one test's files, removed with it.
final class DataFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("samt-data-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  @discardableResult func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes a file compressed by the system's gzip and returns its path.
  @discardableResult func writeCompressed(_ bytes: [UInt8], _ name: String) throws -> String {
    let plain = try write(bytes, "plain-\(name)")
    let file = try write([], name)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-nc", plain]
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    try FileManager.default.removeItem(atPath: plain)
    return file
  }
}

/// The bytes of an IDX file of unsigned bytes.
func idx(_ lengths: [UInt32], _ elements: [UInt8], type: UInt8 = 0x08) -> [UInt8] {
  let header = lengths.flatMap { length in stride(from: 24, through: 0, by: -8).map { UInt8(length >> $0 & 0xff) } }
  return [0, 0, type, UInt8(lengths.count)] + header + elements
}

/// Five images of four rows and three columns, no two pixels of an image alike.
let fiveImages = idx([5, 4, 3], (0..<60).map { UInt8($0 * 4 + 15) })

/// Their labels.
let fiveLabels = idx([5], [3, 0, 9, 9, 1])

/// Expects `load` to fail over the file at `path` with a reason that contains all `parts`.
func expectDatasetError<R>(
  at path: String, _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation, from load: () throws -> R
) {
  let error = #expect(throws: SAMTError.self, sourceLocation: sourceLocation) { _ = try load() }
  guard case .dataset(let found, let reason)? = error else {
    Issue.record("expected a data set error, found \(String(describing: error))", sourceLocation: sourceLocation)
    return
  }
  #expect(found == path, sourceLocation: sourceLocation)
  for part in parts {
    #expect(reason.contains(part), "\(reason) does not say \(part)", sourceLocation: sourceLocation)
  }
}
