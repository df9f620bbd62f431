import Foundation

/// A directory of its own for the length of `body`.
package func withTemporaryDirectory<R>(_ body: (URL) throws -> R) throws -> R {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent("samt-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}
