import Foundation
import Testing

@testable import SAMT

@Suite struct AtomicFileTests {
  private let folder: DataFolder
  private var path: String { folder.path + "/file" }

  init() throws { folder = try DataFolder() }

  private func replace(_ path: String, with bytes: [UInt8]) throws {
    let file = try AtomicFile(replacing: path)
    try file.write(bytes)
    try file.commit()
  }

  private func contents(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  private func failure(_ body: () throws -> Void) -> String? {
    do { try body() } catch let failure as FileFailure { return failure.reason } catch {}
    return nil
  }

  @Test func contentsAreReplaced() throws {
    try replace(path, with: [1, 2, 3])
    #expect(try contents(path) == [1, 2, 3])
    try replace(path, with: [4])
    #expect(try contents(path) == [4])
    #expect(try names() == ["file"])
  }

  /// Until it is committed, the old file stands; given up, it leaves nothing.
  @Test func whatIsNotCommittedIsNotThere() throws {
    try folder.write([1], "file")
    do {
      let file = try AtomicFile(replacing: path)
      try file.write([2, 3])
      #expect(try contents(path) == [1])
      #expect(try names() == ["file", "file.tmp"])
    }
    #expect(try contents(path) == [1])
    #expect(try names() == ["file"])
  }

  /// A killed writer's file is taken over, whatever its length.
  @Test func whatAKilledWriterLeftIsTakenOver() throws {
    try folder.write([UInt8](repeating: 9, count: 100), "file.tmp")
    try replace(path, with: [1])
    #expect(try contents(path) == [1])
    #expect(try names() == ["file"])
  }

  @Test func twoWritersDoNotMeet() throws {
    let first = try AtomicFile(replacing: path)
    #expect(failure { try replace(path, with: [2]) }?.contains("is being written by another process") == true)
    try first.write([1])
    try first.commit()
    // `first` still holds its file, which is finished: the next writer takes a new one.
    try replace(path, with: [2])
    #expect(try contents(path) == [2])
    withExtendedLifetime(first) {}
  }

  @Test func permissionsStay() throws {
    try replace(path, with: [1])
    let mask = umask(0)
    umask(mask)
    #expect(try permissions(path) == Int(0o666 & ~mask))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try replace(path, with: [2])
    #expect(try permissions(path) == 0o640)
  }

  @Test func aLinkStays() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/below", withIntermediateDirectories: false)
    try folder.write([1], "below/target")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "below/target")
    try replace(path, with: [2])
    #expect(try contents(folder.path + "/below/target") == [2])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "below/target")
    try FileManager.default.removeItem(atPath: folder.path + "/below/target")
    #expect(failure { try replace(path, with: [3]) }?.contains("cannot follow the link") == true)
  }

  @Test func whatIsNoFileStays() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let reason = "cannot replace: expected a file, found a directory"
    #expect(failure { try replace(path, with: [1]) } == reason)
    #expect(failure { try replace("/dev/null", with: [1]) } == "cannot replace: expected a regular file")
    #expect(failure { try replace(folder.path + "/none/file", with: [1]) }?.contains("No such file") == true)
    #expect(try names() == ["file"])
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
  func aReadOnlyDirectoryIsReported() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path) }
    let reason = failure { try replace(path, with: [1]) }
    #expect(reason?.contains("cannot create a temporary file beside it") == true, "\(reason ?? "none")")
    #expect(reason?.contains("Permission denied") == true)
  }

  /// /dev/full takes nothing, as a full disk does.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskIsReported() throws {
    let full = try Descriptor(opening: "/dev/full", O_WRONLY)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
    defer { bytes.deallocate() }
    let reason = failure { try full.write(UnsafeRawBufferPointer(bytes)) }
    #expect(reason == "cannot write: No space left on device")
  }
}
