import Foundation
import SAMT
import SAMTTestSupport
import Testing

@Suite struct MetricsWriterTests {
  @Test func reportsSurviveJSON() throws {
    let report = sampleReport()
    let data = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(EpochReport.self, from: data) == report)
    var plain = report
    plain.averagedTestAccuracy = nil
    plain.blocks = []
    #expect(try JSONDecoder().decode(EpochReport.self, from: try JSONEncoder().encode(plain)) == plain)
  }

  private func lines(_ url: URL) throws -> [String] {
    let text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
  }

  @Test func everyEpochIsALine() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory)
      #expect(writer.url.lastPathComponent == "metrics.jsonl")
      for epoch in 1...3 {
        try writer.didFinishEpoch(sampleReport(epoch: epoch), of: someTrainer())
        let found = try lines(writer.url)
        #expect(found.count == epoch)
        for (index, line) in found.enumerated() {
          let report = try JSONDecoder().decode(EpochReport.self, from: Data(line.utf8))
          #expect(report == sampleReport(epoch: index + 1))
        }
      }
      // Nothing temporary stays behind.
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["metrics.jsonl"])
    }
  }

  @Test(arguments: [(Double.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")])
  func numbersThatJSONCannotHold(_ value: Double, _ text: String) throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory)
      try writer.didFinishEpoch(sampleReport(loss: value), of: someTrainer())
      let line = try #require(try lines(writer.url).first)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["trainingLoss"] as? String == text)
      #expect(object["epoch"] as? Int == 3)
    }
  }

  /// Whoever has the old file open keeps the old file, whole: it is replaced and not overwritten.
  @Test func theFileIsReplacedAsAWhole() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory)
      try writer.didFinishEpoch(sampleReport(epoch: 1), of: someTrainer())
      let reader = try FileHandle(forReadingFrom: writer.url)
      let size = try reader.seekToEnd()
      try writer.didFinishEpoch(sampleReport(epoch: 2), of: someTrainer())
      #expect(try reader.seekToEnd() == size)
      #expect(try lines(writer.url).count == 2)
      try reader.close()
    }
  }

  @Test func directoriesAreMade() throws {
    try withTemporaryDirectory { directory in
      let deep = directory.appendingPathComponent("a/b")
      try MetricsWriter(directory: deep).didFinishEpoch(sampleReport(), of: someTrainer())
      #expect(FileManager.default.fileExists(atPath: deep.appendingPathComponent("metrics.jsonl").path))
    }
  }

  /// The typed error's path and reason, or nil where `body` throws none.
  private func outputError(_ body: () throws -> Void) -> (path: String, reason: String)? {
    do { try body() } catch SAMTError.output(let path, let reason) { return (path, reason) } catch {}
    return nil
  }

  @Test func aFileInTheDirectorysPlaceIsATypedError() throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("file")
      try Data("here".utf8).write(to: file)
      let inside = file.appendingPathComponent("runs")
      let error = try #require(outputError { _ = try MetricsWriter(directory: inside) })
      #expect(error.path == inside.path)
      #expect(error.reason.contains("cannot make the directory"), "\(error.reason)")
    }
  }

  /// The superuser may write anywhere, so for it there is nothing to refuse.
  @Test(.enabled(if: geteuid() != 0)) func aDirectoryWithoutPermissionIsATypedError() throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: directory.path)
      let error = try #require(outputError { _ = try MetricsWriter(directory: directory) })
      #expect(error.path == directory.path)
      #expect(error.reason.contains("not writable"), "\(error.reason)")
    }
  }

  @Test func aDirectoryThatIsGoneIsATypedError() throws {
    try withTemporaryDirectory { directory in
      let runs = directory.appendingPathComponent("runs")
      let writer = try MetricsWriter(directory: runs)
      try FileManager.default.removeItem(at: runs)
      let error = try #require(outputError { try writer.didFinishEpoch(sampleReport(), of: someTrainer()) })
      #expect(error.path == writer.url.path)
      #expect(error.reason.contains("cannot create a temporary file"), "\(error.reason)")
    }
  }

  /// A directory in the file's place can be neither opened nor replaced; what stands there stays.
  @Test func aFileThatCannotBeReplacedIsATypedError() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory)
      let kept = writer.url.appendingPathComponent("kept")
      try FileManager.default.createDirectory(at: kept, withIntermediateDirectories: true)
      let error = try #require(outputError { try writer.didFinishEpoch(sampleReport(), of: someTrainer()) })
      #expect(error.reason.contains("cannot replace"), "\(error.reason)")
      #expect(FileManager.default.fileExists(atPath: kept.path))
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["metrics.jsonl"])
    }
  }
}
