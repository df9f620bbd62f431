import Foundation

/// The content of a gzip archive, decompressed while it is read by the system's `gzip`, which every Linux and macOS has.
///
/// The program is stopped with this object, however little was read.
final class Decompression: ContentSource {
  private let archive: InputFile
  private let process: ChildProcess
  private let output: Descriptor
  /// What the program has to say; nil once it has closed it.
  private var messages: Descriptor?
  /// The end of it.
  private var message: [UInt8] = []
  private var isComplete = false

  /// Has `gzip` read `archive`.
  ///
  /// - Parameters:
  ///   - archive: a file of which nothing was read but by position.
  ///   - searchPath: the folders to look for `gzip` in, separated by colons.
  convenience init(
    of archive: InputFile, searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(FileFailure) {
    let folders = (searchPath ?? "").split(separator: ":")
    guard let program = folders.map({ FilePaths.join(String($0), "gzip") }).first(where: { access($0, X_OK) == 0 })
    else {
      throw FileFailure(reason: "is compressed, and no gzip program was found; decompress it, or install gzip")
    }
    try self.init(of: archive, by: program, ["-dc"])
  }

  /// Has `program` read `archive`.
  init(of archive: InputFile, by program: String, _ arguments: [String]) throws(FileFailure) {
    let output = try PipeEnds()
    let messages = try PipeEnds()
    process = try ChildProcess(
      program, arguments, input: archive.number, output: output.writing.number, error: messages.writing.number)
    self.archive = archive
    // The program alone holds the other ends once these two are gone, so that it can end what is read here.
    (self.output, self.messages) = (output.reading, messages.reading)
  }

  /// Puts what comes next into `buffer`; at the end, waits for the program's.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    guard !isComplete, !buffer.isEmpty else { return 0 }
    // Both pipes are emptied at the same time: a full one would stop the program for ever.
    while true {
      var ends = [output, messages].compactMap { $0 }.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
      guard Descriptor.retrying({ poll(&ends, nfds_t(ends.count), -1) }) > 0 else {
        throw FileFailure("cannot be decompressed")
      }
      if ends[0].revents != 0 {
        let count = Descriptor.retrying { Foundation.read(output.number, buffer.baseAddress, buffer.count) }
        guard count >= 0 else { throw FileFailure("cannot be decompressed") }
        if count == 0 { try finish() }
        return count
      }
      readMessage()
    }
  }

  private func readMessage() {
    guard let messages else { return }
    var chunk = [UInt8](repeating: 0, count: 1024)
    let count = Descriptor.retrying { Foundation.read(messages.number, &chunk, chunk.count) }
    message = Array((message + chunk.prefix(max(0, count))).suffix(4 * chunk.count))
    if count <= 0 { self.messages = nil }
  }

  /// Waits for the program's end.
  private func finish() throws(FileFailure) {
    while messages != nil { readMessage() }
    // What stands behind an archive is no part of it; gzip warns, by its exit status, too.
    if let problem = try process.wait(), lastLine?.hasSuffix("trailing garbage ignored") != true {
      throw FileFailure(reason: "cannot be decompressed: \(lastLine ?? "gzip ended with \(problem)")")
    }
    try archive.checkUnchanged()
    isComplete = true
  }

  /// The last line that gzip wrote, without its name and the name it has for its input.
  private var lastLine: String? {
    let lines = String(decoding: message, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.last?.split(separator: ": ").filter { $0 != "gzip" && $0 != "stdin" && $0 != "(stdin)" }
      .joined(separator: ": ")
  }
}
