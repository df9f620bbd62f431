import Foundation
import Testing

@testable import SAMT

@Suite struct DecompressionTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private func failure(_ body: () throws -> Void) -> String {
    do { try body() } catch let failure as FileFailure { return failure.reason } catch {}
    return "no failure"
  }

  /// Everything that comes, at most `limit` bytes.
  private func contents(_ decompression: Decompression, limit: Int = .max) throws -> [UInt8] {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 10_000)
    while content.count < limit {
      let count = try chunk.withUnsafeMutableBytes { try decompression.read(into: $0) }
      if count == 0 { break }
      content += chunk.prefix(count)
    }
    return content
  }

  /// What comes of a shell command in gzip's place.
  private func contents(of command: String, limit: Int = .max) throws -> [UInt8] {
    let archive = try InputFile(try folder.write([1, 2, 3], "archive"))
    return try contents(Decompression(of: archive, by: "/bin/sh", ["-c", command]), limit: limit)
  }

  @Test func anArchiveIsDecompressed() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
    let archive = try folder.writeCompressed(bytes, "archive")
    #expect(try contents(Decompression(of: InputFile(archive))) == bytes)
  }

  /// As zcat has it: what stands behind an archive is left out.
  @Test func garbageBehindAnArchiveIsIgnored() throws {
    let whole = try folder.writeCompressed([1, 2, 3, 4], "whole.gz")
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: whole)))
    let longer = try folder.write(bytes + Array("garbage".utf8), "longer.gz")
    #expect(try contents(Decompression(of: InputFile(longer))) == [1, 2, 3, 4])
    let failing = failure { _ = try contents(of: "echo gzip: stdin: trailing garbage is not ignored >&2; exit 2") }
    #expect(failing.contains("not ignored"), "\(failing)")
  }

  @Test func theArchiveIsTheInput() throws {
    #expect(try contents(of: "exec cat") == [1, 2, 3])
  }

  @Test func aMissingGzipIsReported() throws {
    let archive = try InputFile(try folder.write([1], "archive"))
    for searchPath in [nil, "", folder.path, "/nowhere:\(folder.path)"] {
      let reason = failure { _ = try Decompression(of: archive, searchPath: searchPath) }
      #expect(reason.contains("no gzip program was found"), "\(reason)")
    }
  }

  @Test func aGzipThatCannotStartIsReported() throws {
    let program = try folder.write(Array("neither a program nor a script".utf8), "gzip")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let archive = try InputFile(try folder.write([1], "archive"))
    let reason = failure { _ = try Decompression(of: archive, searchPath: folder.path) }
    #expect(reason.contains("\(program) cannot be started"), "\(reason)")
  }

  @Test(arguments: [
    ("exit 3", "gzip ended with status 3"), ("kill -KILL $$", "gzip ended with signal 9"),
    ("echo one >&2; echo gzip: stdin: two: three >&2; exit 1", "cannot be decompressed: two: three"),
    ("echo 12345; exec >&-; sleep 0.1; echo gzip: late >&2; exit 1", "cannot be decompressed: late"),
    ("exec 2>&-; echo 12345; sleep 0.1; exit 2", "gzip ended with status 2"),
  ])
  func aFailureIsExplained(command: String, reason: String) {
    let found = failure { _ = try contents(of: command) }
    #expect(found.contains(reason), "\(found)")
  }

  @Test func manyMessagesDoNotBlockTheOutput() throws {
    let command = "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"
    #expect(try contents(of: command) == [UInt8](repeating: 0, count: 300_000))
  }

  /// The program ends with its reader, also where it ignores that nobody reads.
  @Test func theProgramIsStopped() throws {
    let started = folder.path + "/number"
    let command = "trap '' PIPE; echo $$ >\(started); while true; do echo x; done 2>/dev/null"
    #expect(try contents(of: command, limit: 10).first == UInt8(ascii: "x"))
    let text = try String(contentsOfFile: started, encoding: .utf8).trimmingCharacters(in: .newlines)
    let number = try #require(pid_t(text))
    #expect(kill(number, 0) == -1 && errno == ESRCH)
  }

  // MARK: archives of more than they should hold

  private func idxFile(of command: String, size: Int) throws -> IDXFile {
    let archive = try folder.write([UInt8](repeating: 0, count: 10), "archive")
    let child = try Decompression(of: InputFile(archive), by: "/bin/sh", ["-c", command])
    return try IDXFile(DataStream(child, size: size, path: archive), axes: ["examples"])
  }

  /// Content without end is read as far as the header promises, or not at all where it contradicts.
  @Test(arguments: [
    ("printf '\\0\\0\\10\\1\\0\\0\\0\\5'; exec cat /dev/zero", "bytes after the end: expected 13 bytes"),
    ("exec cat /dev/zero", "unsupported element type"),
    ("printf '\\0\\0\\10\\1'; exec cat /dev/zero", "no examples"),
    ("printf '\\0\\0\\10\\3'; exec cat /dev/zero", "wrong number of axes"),
    ("printf '\\0\\0\\10\\1\\0\\0\\0\\5ab'", "truncated: expected 13 bytes"),
  ])
  func contentWithoutEndIsRefused(command: String, reason: String) {
    expectDatasetError(at: folder.path + "/archive", [reason]) { try idxFile(of: command, size: 1000) }
  }

  /// Deflate cannot hold what this header promises, so nothing is allocated for it.
  @Test func anImpossiblePromiseIsRefused() {
    expectDatasetError(at: folder.path + "/archive", ["truncated: expected 4294967303 bytes", "can hold 103200"]) {
      try idxFile(of: "printf '\\0\\0\\10\\1\\377\\377\\377\\377'; exec cat /dev/zero", size: 100)
    }
  }

  /// A promise of more than has come costs a chunk, its array's own header included (found by fuzzing).
  @Test func chunksAreSmallerThanAMebibyte() throws {
    let size = 3 << 20
    let chunks = try DataStream(bytes: [UInt8](repeating: 1, count: size), path: "bytes").readChunks(size)
    #expect(chunks.allSatisfy { $0.capacity < 1 << 20 })
    #expect(chunks.reduce(0) { $0 + $1.count } == size)
  }

  @Test func theSizeThatIsPromisedIsRead() throws {
    #expect(try idxFile(of: "printf '\\0\\0\\10\\1\\0\\0\\0\\3abc'", size: 1000).chunks == [Array("abc".utf8)])
  }

  // MARK: processes that lack something

  /// With however few descriptors, an archive loads or is refused.
  @Test func fewDescriptorsAreAnError() async {
    await #expect(processExitsWith: .success) {
      let folder = try DataFolder()
      let labels = try folder.writeCompressed(fiveLabels, "labels.gz")
      var (loaded, refused) = (0, 0)
      // This process may have inherited some, anywhere below the last limit.
      let lowest = open("/dev/null", O_RDONLY)
      close(lowest)
      for limit in (lowest...lowest + 30).map(rlim_t.init) + [1024] {
        var old = rlimit()
        getrlimit(numberOfFiles, &old)
        var new = rlimit(rlim_cur: limit, rlim_max: old.rlim_max)
        setrlimit(numberOfFiles, &new)
        do throws(SAMTError) {
          _ = try IDXFile(path: labels, axes: ["examples"])
          loaded += 1
        } catch { refused += 1 }
        setrlimit(numberOfFiles, &old)
      }
      exit(loaded > 0 && refused > 0 ? 0 : 1)
    }
  }

  @Test func closedStandardStreamsAreNoObstacle() async {
    await #expect(processExitsWith: .success) {
      let folder = try DataFolder()
      let labels = try folder.writeCompressed(fiveLabels, "labels.gz")
      for stream: Int32 in 0...2 { close(stream) }
      let file = try IDXFile(path: labels, axes: ["examples"])
      exit(file.chunks == [Array(fiveLabels[8...])] ? 0 : 1)
    }
  }
}

#if os(Linux)
  private let numberOfFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
  private let numberOfFiles = RLIMIT_NOFILE
#endif
