import CommandLineOptions
import Foundation
import SAMT

/// What a series of results depends on besides the code of the cases.
struct Setting: Encodable {
  let tool = "samt-bench"
  /// Files without their folders.
  let arguments = CommandLine.arguments.dropFirst().map { $0.split(separator: "/").last.map(String.init) ?? $0 }
  let date = Date.now.formatted(.iso8601)
  let cpu = MachineRecord.cpuName
  let isa = KernelISA.active.rawValue
  let threads = Threads.count
  /// How many processes ran or wanted to in the minute before, this one perhaps among them: how quiet the machine was.
  let loadAverage = Setting.loadAverage
  /// Of the toolchain at hand, which need not be the one that built this program.
  let compiler = Setting.output(of: ["swift", "--version"])
  /// Of the sources that this program was built from, "dirty" where they have changed since.
  let revision = Setting.output(of: ["git", "-C", Setting.sources, "describe", "--always", "--dirty"])
  /// Operations or bytes a second that the limits came to.
  let limits: [String: Double]

  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

  private static var loadAverage: Double? {
    var average = 0.0
    return getloadavg(&average, 1) == 1 ? average : nil
  }

  /// The first line that a command prints, or nil where it fails.
  private static func output(of command: [String]) -> String? {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? text.split(separator: "\n").first.map(String.init) : nil
  }
}

/// Appends the setting, and then the results, to a file.
func savingReport(at path: String) throws(SAMTError) -> JSONReport {
  guard let file = fopen(path, "a") else {
    throw .output(path: path, reason: "cannot be opened for writing")
  }
  return JSONReport(
    setting: { limits in
      Setting(limits: Dictionary(limits.map { ($0.limit, $0.limitRate) }) { first, _ in first })
    },
    write: { line in
      guard fputs(line + "\n", file) >= 0, fflush(file) == 0 else {
        throw SAMTError.output(path: path, reason: "cannot write: \(String(cString: strerror(errno)))")
      }
    })
}
