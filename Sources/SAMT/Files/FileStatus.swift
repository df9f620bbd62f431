import Foundation

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
