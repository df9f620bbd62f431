import Foundation
import Testing

@testable import SAMT

@Suite struct AppendingFileTests {
  private let folder: DataFolder
  private var path: String { folder.path + "/lines" }

  init() throws { folder = try DataFolder() }

  private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func linesFollowEachOther() throws {
    let file = try AppendingFile(path)
    try file.append("one")
    #expect(try text() == "one\n")
    try file.append("two")
    try AppendingFile(path).append("three")
    #expect(try text() == "one\ntwo\nthree\n")
  }

  @Test(arguments: [
    ("", ""), ("half", ""), ("one\nhalf", "one\n"), ("one\n", "one\n"), ("\n", "\n"),
    ("one\n" + String(repeating: "x", count: 10_000), "one\n"), (String(repeating: "x", count: 4096), ""),
    (String(repeating: "x", count: 4095) + "\n" + "y", String(repeating: "x", count: 4095) + "\n"),
  ])
  func halfALineIsCutOff(_ old: String, _ kept: String) throws {
    try folder.write(Array(old.utf8), "lines")
    try AppendingFile(path).append("new")
    #expect(try text() == kept + "new\n")
  }

  #if os(Linux)
    /// Beyond the file size that the process may reach, a write is cut short, as on a full disk.
    @Test func aLineThatDoesNotFitIsTakenBack() async {
      await #expect(processExitsWith: .success) {
        let folder = try DataFolder()
        let path = folder.path + "/lines"
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 10, rlim_max: 10)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let file = try AppendingFile(path)
        try file.append("1234567")
        do {
          try file.append("89")
          exit(1)
        } catch let failure as FileFailure {
          guard failure.reason == "cannot write: File too large" else { exit(2) }
        }
        try file.append("8")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        exit(text == "1234567\n8\n" ? 0 : 3)
      }
    }
  #endif

  @Test func whatIsNoFileIsRefused() throws {
    let failure = #expect(throws: FileFailure.self) { try AppendingFile(folder.path) }
    #expect(failure?.reason.contains("cannot be opened") == true)
    let device = #expect(throws: FileFailure.self) { try AppendingFile("/dev/null") }
    #expect(device?.reason == "cannot be appended to: expected a regular file")
  }
}
