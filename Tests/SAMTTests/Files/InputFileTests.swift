import Foundation
import Testing

@testable import SAMT

@Suite struct InputFileTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private func failure(_ body: () throws -> Void) -> String? {
    do { try body() } catch let failure as FileFailure { return failure.reason } catch {}
    return nil
  }

  private func read(_ file: InputFile) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: file.size)
    try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    try file.checkUnchanged()
    return bytes
  }

  @Test func largeFilesComeWhole() throws {
    // More than two chunks of 2^24 bytes, told apart by what stands at their ends.
    var bytes = [UInt8](repeating: 0, count: 40_000_000)
    for (mark, index) in [0, 1 << 24 - 1, 1 << 24, 1 << 25 - 1, 1 << 25, 39_999_999].enumerated() {
      bytes[index] = UInt8(mark + 1)
    }
    #expect(try read(InputFile(try folder.write(bytes, "file"))) == bytes)
  }

  @Test func aFileThatIsCutIsNoticed() throws {
    let path = try folder.write([UInt8](repeating: 1, count: 1000), "file")
    let file = try InputFile(path)
    try #require(truncate(path, 300) == 0)
    #expect(failure { _ = try read(file) } == "changed while it was read: expected 1000 bytes, found 300")
  }

  @Test func aFileThatGrowsIsNoticed() throws {
    let path = try folder.write([UInt8](repeating: 1, count: 1000), "file")
    let file = try InputFile(path)
    try #require(truncate(path, 1001) == 0)
    #expect(failure { _ = try read(file) } == "changed while it was read: expected 1000 bytes, found 1001")
  }

  @Test func aFileThatIsRewrittenIsNoticed() throws {
    let path = try folder.write([1, 2, 3], "file")
    let file = try InputFile(path)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    handle.write(Data([3, 2, 1]))
    try handle.close()
    var later = [timeval(tv_sec: 5, tv_usec: 0), timeval(tv_sec: 5, tv_usec: 0)]
    try #require(utimes(path, &later) == 0)
    #expect(failure { _ = try read(file) } == "was written to while it was read")
  }

  @Test func aDescriptorIsAboveTheStandardStreams() throws {
    let path = try folder.write([1], "file")
    #expect(try InputFile(path).number > STDERR_FILENO)
  }
}
