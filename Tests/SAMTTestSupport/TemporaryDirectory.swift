import Foundation

/// A directory of its own for the length of `body`.
package func withTemporaryDirectory<R>(_ body: (URL) throws -> R) throws -> R {
  let directory = try makeDirectory()
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}

/// A directory of its own for the length of `body`, which may wait.
package func withTemporaryDirectory<R>(_ body: (URL) async throws -> R) async throws -> R {
  let directory = try makeDirectory()
  defer { try? FileManager.default.removeItem(at: directory) }
  return try await body(directory)
}

private func makeDirectory() throws -> URL {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent("samt-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  return directory
}
