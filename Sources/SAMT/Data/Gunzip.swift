import Foundation

/// Decompression by the system's `gzip`, which every Linux and macOS has.
enum Gunzip {
  /// The content of the gzip archive at `path`.
  ///
  /// - Parameters:
  ///   - path: the archive, under any name.
  ///   - limit: the most bytes that may come out; a small archive can hold more than memory does.
  ///   - searchPath: the folders to look for `gzip` in, separated by colons.
  static func decompress(
    _ path: String, limit: Int = 1 << 32, searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(SAMTError) -> Data {
    guard let program = find("gzip", in: searchPath ?? "") else {
      throw .dataset(
        path: path, reason: "is compressed, and no gzip program was found; decompress it, or install gzip")
    }
    return try run(program, ["-dc"], on: path, limit: limit)
  }

  /// What `program` writes when given the file at `path` to read.
  static func run(_ program: String, _ arguments: [String], on path: String, limit: Int) throws(SAMTError) -> Data {
    func failure(_ reason: String) -> SAMTError { .dataset(path: path, reason: reason) }

    guard let archive = FileHandle(forReadingAtPath: path) else { throw failure("cannot be opened") }
    let (output, messages) = (Pipe(), Pipe())
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = archive
    process.standardOutput = output
    process.standardError = messages
    do { try process.run() } catch {
      throw failure("\(program) cannot be started: \(error.localizedDescription)")
    }

    // Both pipes are emptied at the same time: a full one would stop the program for ever.
    nonisolated(unsafe) var message = Data()
    let messageIsComplete = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      message = (try? messages.fileHandleForReading.readToEnd()) ?? Data()
      messageIsComplete.signal()
    }
    var content = Data()
    var problem: String?
    do {
      while content.count <= limit, let chunk = try output.fileHandleForReading.read(upToCount: 1 << 20),
        !chunk.isEmpty
      {
        content.append(chunk)
      }
      if content.count > limit { problem = "expected at most \(limit) bytes in this archive, found more" }
    } catch {
      problem = "cannot be read through \(program): \(error.localizedDescription)"
    }
    // Where it has more to write, this ends it; signals may be blocked.
    if problem != nil { try? output.fileHandleForReading.close() }
    messageIsComplete.wait()
    process.waitUntilExit()

    if let problem { throw failure(problem) }
    guard process.terminationReason == .exit && process.terminationStatus == 0 else {
      let end = process.terminationReason == .exit ? "status" : "signal"
      let reason = summary(of: message) ?? "gzip ended with \(end) \(process.terminationStatus)"
      throw failure("cannot be decompressed: \(reason)")
    }
    return content
  }

  private static func find(_ program: String, in searchPath: String) -> String? {
    searchPath.split(separator: ":").lazy.map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The last line that gzip wrote, without its name and the name it has for its input.
  private static func summary(of message: Data) -> String? {
    let lines = String(decoding: message, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.last?.split(separator: ": ").filter { $0 != "gzip" && $0 != "stdin" && $0 != "(stdin)" }
      .joined(separator: ": ")
  }
}
