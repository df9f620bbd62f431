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
    plain.averagedTest = nil
    plain.blocks = []
    plain.gradients = nil
    #expect(try JSONDecoder().decode(EpochReport.self, from: try JSONEncoder().encode(plain)) == plain)
  }

  private func lines(_ path: String) throws -> [String] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
  }

  @Test func everyEpochIsALine() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory.path)
      #expect(URL(fileURLWithPath: writer.path).lastPathComponent == "metrics.jsonl")
      for epoch in 1...3 {
        try writer.didFinishEpoch(sampleReport(epoch: epoch), of: someTrainer())
        let found = try lines(writer.path)
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
      let writer = try MetricsWriter(directory: directory.path)
      try writer.didFinishEpoch(sampleReport(loss: value), of: someTrainer())
      let line = try #require(try lines(writer.path).first)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect((object["training"] as? [String: Any])?["loss"] as? String == text)
      #expect(object["epoch"] as? Int == 3)
    }
  }

  /// As it was before there were statistics of gradients.
  @Test func aLineWithoutGradientsIsAReport() throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("metrics.jsonl")
      let line = """
        {"algorithm":{},"blocks":[{"metrics":{"gate":0.5,"rejections":0,"stepSize":0.25},"name":"fc1"}],"epoch":1,\
        "layerPasses":{"forward":2,"inputGradient":1,"parameterGradient":2},"parameterUpdates":3,"samplesPerSecond":4,\
        "seconds":5,"training":{"loss":0.5,"metrics":{"accuracy":0.75}}}

        """
      try Data(line.utf8).write(to: file)
      let reports = try MetricsWriter.reports(at: file.path)
      #expect(reports.map(\.epoch) == [1] && reports[0].gradients == nil && reports[0].blocks.map(\.name) == ["fc1"])
      // A resumed training writes its lines anew, as they were.
      _ = try MetricsWriter(directory: directory.path, reports: reports)
      #expect(try String(contentsOf: file, encoding: .utf8) == line)
    }
  }

  /// Whoever has the file open sees it grow.
  @Test func linesAreAppended() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory.path)
      try writer.didFinishEpoch(sampleReport(epoch: 1), of: someTrainer())
      let reader = try #require(FileHandle(forReadingAtPath: writer.path))
      let size = try reader.seekToEnd()
      try writer.didFinishEpoch(sampleReport(epoch: 2), of: someTrainer())
      #expect(try reader.seekToEnd() == 2 * size)
      #expect(try lines(writer.path).count == 2)
      try reader.close()
    }
  }

  /// What an interrupted run wrote beyond its checkpoint goes, and half a line with it.
  @Test func aResumedRunBeginsWithTheLinesOfItsCheckpoint() throws {
    try withTemporaryDirectory { directory in
      let reports = (1...3).map { sampleReport(epoch: $0) }
      let first = try MetricsWriter(directory: directory.path)
      for report in reports { try first.didFinishEpoch(report, of: someTrainer()) }
      let whole = try lines(first.path)
      try Data((whole.joined(separator: "\n") + "\n{\"blocks\":[").utf8).write(to: URL(fileURLWithPath: first.path))
      let second = try MetricsWriter(directory: directory.path, reports: Array(reports[..<2]))
      #expect(try lines(second.path) == Array(whole[..<2]))
      try second.didFinishEpoch(reports[2], of: someTrainer())
      #expect(try lines(second.path) == whole)
    }
  }

  /// A directory that goes away and comes back: one warning, and then all lines.
  @Test func linesAreKeptUntilTheyAreWritten() throws {
    try withTemporaryDirectory { directory in
      let (runs, away) = (directory.path + "/runs", directory.path + "/away")
      let writer = try MetricsWriter(directory: runs)
      var warnings: [SAMTError] = []
      writer.onFailure = { warnings.append($0) }
      try writer.didFinishEpoch(sampleReport(epoch: 1), of: someTrainer())
      try FileManager.default.moveItem(atPath: runs, toPath: away)
      for epoch in 2...3 { try writer.didFinishEpoch(sampleReport(epoch: epoch), of: someTrainer()) }
      #expect(warnings.count == 1 && writer.failure != nil)
      try FileManager.default.moveItem(atPath: away, toPath: runs)
      try writer.didFinishTraining(of: someTrainer())
      #expect(warnings.count == 1 && writer.failure == nil)
      #expect(try lines(writer.path).count == 3)
    }
  }

  /// Another file of that name, or none, is replaced by all lines.
  @Test func aFileThatOthersChangedIsWrittenAnew() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory.path)
      try writer.didFinishEpoch(sampleReport(epoch: 1), of: someTrainer())
      try Data("other".utf8).write(to: URL(fileURLWithPath: writer.path))
      try writer.didFinishEpoch(sampleReport(epoch: 2), of: someTrainer())
      #expect(try lines(writer.path).count == 2)
      try FileManager.default.removeItem(atPath: writer.path)
      try writer.didFinishEpoch(sampleReport(epoch: 3), of: someTrainer())
      #expect(try lines(writer.path).count == 3)
    }
  }

  @Test func directoriesAreMade() throws {
    try withTemporaryDirectory { directory in
      let deep = directory.appendingPathComponent("a/b")
      try MetricsWriter(directory: deep.path).didFinishEpoch(sampleReport(), of: someTrainer())
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
      let error = try #require(outputError { _ = try MetricsWriter(directory: inside.path) })
      #expect(error.path == inside.path)
      #expect(error.reason == "\(file.path) is not a directory", "\(error.reason)")
    }
  }

  /// The superuser may write anywhere, so for it there is nothing to refuse.
  @Test(.enabled(if: geteuid() != 0)) func aDirectoryWithoutPermissionIsATypedError() throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: directory.path)
      let error = try #require(outputError { _ = try MetricsWriter(directory: directory.path) })
      #expect(error.path == directory.path)
      #expect(error.reason.contains("cannot write to"), "\(error.reason)")
    }
  }

  @Test func aDirectoryThatIsGoneIsATypedError() throws {
    try withTemporaryDirectory { directory in
      let runs = directory.appendingPathComponent("runs")
      let writer = try MetricsWriter(directory: runs.path)
      try FileManager.default.removeItem(at: runs)
      let error = try #require(outputError { try writer.didFinishEpoch(sampleReport(), of: someTrainer()) })
      #expect(error.path == writer.path)
      #expect(error.reason.contains("cannot create a temporary file"), "\(error.reason)")
    }
  }

  /// A directory in the file's place can be neither opened nor replaced; what stands there stays.
  @Test func aFileThatCannotBeReplacedIsATypedError() throws {
    try withTemporaryDirectory { directory in
      let writer = try MetricsWriter(directory: directory.path)
      try FileManager.default.removeItem(atPath: writer.path)
      let kept = URL(fileURLWithPath: writer.path).appendingPathComponent("kept")
      try FileManager.default.createDirectory(at: kept, withIntermediateDirectories: true)
      let error = try #require(outputError { try writer.didFinishEpoch(sampleReport(), of: someTrainer()) })
      #expect(error.reason.contains("cannot replace"), "\(error.reason)")
      #expect(FileManager.default.fileExists(atPath: kept.path))
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["metrics.jsonl"])
    }
  }
}
