import Foundation

/// A file that takes another's place as a whole: whoever opens the path finds the old contents or the new ones,
/// complete, whatever happens meanwhile.
///
/// The new contents go to a temporary file beside it, `NAME.tmp`, and reach the disk; then the file is renamed, and
/// its directory, too, reaches the disk. A program that has the old file open or mapped keeps it. What a killed process
/// leaves behind is taken over by the next writer; a lock keeps two from writing at once.
final class AtomicFile {
  private let path: String
  private let temporary: String
  private let descriptor: Descriptor
  private var isPending = true

  /// Begins to write what shall be at `path`; a link there stays, and the file that it leads to is replaced.
  ///
  /// A file that is there keeps its permissions; a new one has those of the process's umask.
  init(replacing path: String) throws(FileFailure) {
    self.path = try Self.target(of: path)
    temporary = self.path + ".tmp"
    let old = try FileStatus(at: self.path)
    do throws(FileFailure) { try old?.expectRegular() } catch {
      throw FileFailure(reason: "cannot replace: \(error.reason)")
    }
    descriptor = try Self.lockedFile(temporary)
    guard ftruncate(descriptor.number, 0) == 0 else { throw FileFailure("cannot empty the temporary file") }
    if let old { _ = fchmod(descriptor.number, old.permissions) }
  }

  /// Adds `bytes` at the end.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
    try descriptor.write(bytes)
  }

  /// Adds `bytes` at the end.
  func write(_ bytes: [UInt8]) throws(FileFailure) {
    try bytes.withUnsafeBytes { bytes in Result { () throws(FileFailure) in try descriptor.write(bytes) } }.get()
  }

  /// Puts the new contents in the old ones' place.
  func commit() throws(FileFailure) {
    guard Descriptor.retrying({ fsync(descriptor.number) }) == 0 else { throw FileFailure("cannot write") }
    try temporary.withPathBytes { (from) throws(FileFailure) in
      try path.withPathBytes { (to) throws(FileFailure) in
        guard rename(from, to) == 0 else { throw FileFailure("cannot replace") }
      }
    }
    isPending = false
    try Self.synchronizeDirectory(of: path)
  }

  deinit {
    // The temporary file, too, goes while the lock is held.
    if isPending { _ = try? temporary.withPathBytes { (bytes) in unlink(bytes) } }
  }

  /// What a link at `path` leads to; the path itself where none is.
  private static func target(of path: String) throws(FileFailure) -> String {
    try path.withPathBytes { (bytes) throws(FileFailure) in
      var info = stat()
      guard lstat(bytes, &info) == 0, info.st_mode & S_IFMT == S_IFLNK else { return path }
      guard let resolved = realpath(bytes, nil) else { throw FileFailure("cannot follow the link") }
      defer { free(resolved) }
      return String(pathBytes: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
    }
  }

  /// The file at `path`, made where it is not, which this process alone holds.
  private static func lockedFile(_ path: String) throws(FileFailure) -> Descriptor {
    while true {
      let file: Descriptor
      do throws(FileFailure) {
        file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o666)
      } catch { throw FileFailure(reason: "cannot create a temporary file beside it: \(error.reason)") }
      // Not every file system has locks; without them, two writers at once are the users' affair.
      if Descriptor.retrying({ flock(file.number, LOCK_EX | LOCK_NB) }) != 0 && errno == EWOULDBLOCK {
        throw FileFailure(reason: "is being written by another process")
      }
      // Between opening and locking, its last writer may have renamed it: then it is a finished file.
      if let now = try FileStatus(at: path), now.isSameFile(as: try FileStatus(of: file)) { return file }
    }
  }

  private static func synchronizeDirectory(of path: String) throws(FileFailure) {
    let directory = try Descriptor(opening: FilePaths.directory(of: path), O_RDONLY)
    // Some file systems cannot, and say EINVAL.
    guard Descriptor.retrying({ fsync(directory.number) }) == 0 || errno == EINVAL else {
      throw FileFailure("cannot write the directory")
    }
  }
}
