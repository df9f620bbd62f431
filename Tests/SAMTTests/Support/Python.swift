import Foundation

/// The Python that scripts beside the tests run in: `SAMT_PYTHON`, or else `python3` in the path.
enum Python {
  private static let program = ProcessInfo.processInfo.environment["SAMT_PYTHON"] ?? "python3"

  /// Whether it is there and has the given modules.
  static func canImport(_ modules: String...) -> Bool {
    (try? run(["-c", "import " + modules.joined(separator: ", ")]))?.status == 0
  }

  /// Runs it, and returns its status and all that it printed.
  static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
