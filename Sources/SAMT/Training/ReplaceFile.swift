import Foundation

/// Replaces a file's contents so that at any moment either the old or the new ones are there, whole: a temporary file
/// in the same directory, fsync, rename.
///
/// - Throws: ``SAMTError/output(path:reason:)``; the old file stands then.
func replaceFile(at url: URL, with data: Data) throws(SAMTError) {
  let temporary = url.path + ".\(getpid()).tmp"
  func fail(_ action: String) -> SAMTError {
    let reason = String(cString: strerror(errno))
    unlink(temporary)
    return .output(path: url.path, reason: "\(action): \(reason)")
  }
  let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  guard file >= 0 else { throw fail("cannot create a temporary file beside it") }
  let isWritten = data.withUnsafeBytes { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
  guard isWritten, fsync(file) == 0 else {
    let error = fail("cannot write")
    close(file)
    throw error
  }
  guard close(file) == 0, rename(temporary, url.path) == 0 else { throw fail("cannot replace") }
}
