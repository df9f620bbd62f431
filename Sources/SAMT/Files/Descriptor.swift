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

/// What the system says about a file.
struct FileStatus {
  private let info: stat

  /// Of the file at `path`, or what a link there leads to; nil where nothing is.
  init?(at path: String) throws(FileFailure) {
    var info = stat()
    let exists = try path.withPathBytes { (bytes) throws(FileFailure) in
      if stat(bytes, &info) == 0 { return true }
      if errno == ENOENT { return false }
      throw FileFailure("cannot be opened")
    }
    guard exists else { return nil }
    self.info = info
  }

  /// Of an open file.
  init(of descriptor: Descriptor) throws(FileFailure) {
    var info = stat()
    guard fstat(descriptor.number, &info) == 0 else { throw FileFailure("cannot be read") }
    self.info = info
  }

  var isRegular: Bool { info.st_mode & S_IFMT == S_IFREG }
  var isDirectory: Bool { info.st_mode & S_IFMT == S_IFDIR }
  /// The rights of owner, group and others.
  var permissions: mode_t { info.st_mode & 0o777 }
  /// In bytes.
  var size: Int { Int(info.st_size) }

  /// Whether both are the same file, under whatever names.
  func isSameFile(as other: FileStatus) -> Bool {
    info.st_dev == other.info.st_dev && info.st_ino == other.info.st_ino
  }

  /// Whether size and time of the last change agree.
  func isUnchanged(since other: FileStatus) -> Bool {
    #if canImport(Darwin)
      let (a, b) = (info.st_mtimespec, other.info.st_mtimespec)
    #else
      let (a, b) = (info.st_mtim, other.info.st_mtim)
    #endif
    return size == other.size && a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec
  }

  /// Throws where this is no regular file.
  func expectRegular() throws(FileFailure) {
    if isDirectory { throw FileFailure(reason: "expected a file, found a directory") }
    guard isRegular else { throw FileFailure(reason: "expected a regular file") }
  }
}
