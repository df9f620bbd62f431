import Foundation

/// A text file that grows by whole lines, each on the disk before the call returns.
///
/// A line that does not fit is taken back, and half a line that an earlier process left at the end is cut off, so that
/// every line there is complete.
final class AppendingFile {
  private let descriptor: Descriptor

  /// Opens the file at `path`, or makes it.
  init(_ path: String) throws(FileFailure) {
    descriptor = try Descriptor(opening: path, O_RDWR | O_CREAT | O_APPEND, mode: 0o666)
    let status = try FileStatus(of: descriptor)
    do throws(FileFailure) { try status.expectRegular() } catch {
      throw FileFailure(reason: "cannot be appended to: \(error.reason)")
    }
    let end = try endOfLastLine(size: status.size)
    if end < status.size { try cut(to: end) }
  }

  /// Adds `line`, which holds no line break, and one.
  func append(_ line: String) throws(FileFailure) {
    let end = try FileStatus(of: descriptor).size
    let bytes = Array((line + "\n").utf8)
    do throws(FileFailure) {
      try bytes.withUnsafeBytes { bytes in Result { () throws(FileFailure) in try descriptor.write(bytes) } }.get()
      guard Descriptor.retrying({ fsync(descriptor.number) }) == 0 else { throw FileFailure("cannot write") }
    } catch {
      try? cut(to: end)
      throw error
    }
  }

  private func cut(to size: Int) throws(FileFailure) {
    guard Descriptor.retrying({ ftruncate(descriptor.number, off_t(size)) }) == 0 else {
      throw FileFailure("cannot be cut to whole lines")
    }
  }

  /// The number of bytes up to the last line break, and with it.
  private func endOfLastLine(size: Int) throws(FileFailure) -> Int {
    var chunk = [UInt8](repeating: 0, count: 4096)
    var end = size
    while end > 0 {
      let start = max(0, end - chunk.count)
      let count = Descriptor.retrying { pread(descriptor.number, &chunk, end - start, off_t(start)) }
      guard count == end - start else { throw FileFailure("cannot be read") }
      if let index = chunk[..<count].lastIndex(of: UInt8(ascii: "\n")) { return start + index + 1 }
      end = start
    }
    return 0
  }
}
