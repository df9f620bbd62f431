import Foundation

/// Standard output, every write of which is checked: a full disk or a closed pipe is an error, not silence.
public enum StandardOutput {
  /// Standard output took no more.
  public struct Failure: Error, CustomStringConvertible {
    /// The system's number for what went wrong.
    public let code: Int32

    /// Whether the reader at the other end of a pipe has gone, of which nobody has to be told.
    public var isClosedPipe: Bool { code == EPIPE }

    /// One line that says what went wrong.
    public var description: String { "standard output: \(String(cString: strerror(code)))" }
  }

  /// Writes the whole text, at once: a reader at the other end of a pipe sees it as it comes.
  ///
  /// - Throws: ``Failure`` where not all of it was taken.
  public static func write(_ text: String) throws(Failure) {
    guard let code = writeAll(Array(text.utf8), to: STDOUT_FILENO) else { return }
    throw Failure(code: code)
  }

  /// Writes a line.
  ///
  /// - Throws: ``Failure`` where not all of it was taken.
  public static func writeLine(_ text: String = "") throws(Failure) { try write(text + "\n") }
}

/// Writes a line to standard error; where that takes none, there is nobody left to tell.
public func complain(_ message: String) { _ = writeAll(Array((message + "\n").utf8), to: STDERR_FILENO) }

/// Writes all bytes, however often the system takes only some; the number of the error where it takes none.
private func writeAll(_ bytes: [UInt8], to file: Int32) -> Int32? {
  bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while !rest.isEmpty {
      let count = Foundation.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : EIO }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}

/// Opens what of the three standard streams is closed, so that no file opened later takes its number.
///
/// That file would receive what is meant for the stream. Standard output is opened for reading: writing to it still
/// fails, as it should.
func reserveStandardStreams() {
  for (stream, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
  where fcntl(stream, F_GETFD) < 0 {
    _ = open("/dev/null", mode)  // takes the lowest free number, which is this one
  }
}
