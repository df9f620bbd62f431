import Foundation

/// An open file's number, closed with its owner; never passed on to child processes.
///
/// It is above those of the standard streams. Where a program runs with one of these closed, the next file opened would
/// take its number, and what is printed would land in that file.
final class Descriptor: Sendable {
  let number: Int32

  /// Opens the file at `path`.
  init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws(FileFailure) {
    number = try path.withPathBytes { (bytes) throws(FileFailure) in
      let number = Self.retrying { open(bytes, flags | O_CLOEXEC, mode) }
      return try Self.aboveStandardStreams(number, action: "cannot be opened")
    }
  }

  /// Takes over what a system call has opened; a negative number is its failure.
  init(owning number: Int32, action: String) throws(FileFailure) {
    self.number = try Self.aboveStandardStreams(number, action: action)
    _ = fcntl(self.number, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(number) }

  /// The result of a system call, called again while a signal interrupts it.
  static func retrying<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) -> Result {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  /// Writes all of `bytes`, in as many calls as the system wants.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = Self.retrying { Foundation.write(number, rest.baseAddress, rest.count) }
      guard count > 0 else { throw FileFailure("cannot write", code: count == 0 ? ENOSPC : errno) }
      written += count
    }
  }

  private static func aboveStandardStreams(_ number: Int32, action: String) throws(FileFailure) -> Int32 {
    guard number >= 0 else { throw FileFailure(action) }
    guard number <= STDERR_FILENO else { return number }
    let moved = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    let code = errno
    close(number)
    guard moved >= 0 else { throw FileFailure(action, code: code) }
    return moved
  }
}
