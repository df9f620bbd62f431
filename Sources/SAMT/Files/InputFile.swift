import Foundation

/// A regular file to be read, which notices when it changes meanwhile.
final class InputFile {
  private let descriptor: Descriptor
  private let status: FileStatus

  /// The size when it was opened, in bytes.
  var size: Int { status.size }

  /// The number of the open file, for a child process; nothing has moved its position.
  var number: Int32 { descriptor.number }

  /// Opens the file at `path`.
  init(_ path: String) throws(FileFailure) {
    // Without waiting for the other end, where the path leads to a pipe.
    descriptor = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
    status = try FileStatus(of: descriptor)
    try status.expectRegular()
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// - Throws: where the file ends before, as it does when it was cut after it was opened.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileFailure) {
    let chunk = 1 << 24
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<min(buffer.count, filled + chunk)])
      let count = Descriptor.retrying { pread(descriptor.number, rest.baseAddress, rest.count, off_t(offset + filled)) }
      guard count >= 0 else { throw FileFailure("cannot be read") }
      guard count > 0 else { throw changed(found: offset + filled) }
      filled += count
    }
  }

  /// Throws where the file is no longer what it was when it was opened.
  func checkUnchanged() throws(FileFailure) {
    let now = try FileStatus(of: descriptor)
    guard now.size == size else { throw changed(found: now.size) }
    guard now.isUnchanged(since: status) else { throw FileFailure(reason: "was written to while it was read") }
  }

  private func changed(found: Int) -> FileFailure {
    FileFailure(reason: "changed while it was read: expected \(size) bytes, found \(found)")
  }

  /// The whole file in memory, read-only, without reading it yet.
  func map() throws(FileFailure) -> FileMapping {
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0), base != MAP_FAILED else {
      throw FileFailure("cannot be mapped")
    }
    return FileMapping(UnsafeRawBufferPointer(start: base, count: size))
  }
}

/// A mapped file's memory, given back with the last reference.
final class FileMapping: Sendable {
  /// Valid as long as this object lives.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  fileprivate init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
