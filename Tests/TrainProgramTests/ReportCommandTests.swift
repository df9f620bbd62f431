import Foundation
import SAMTTestSupport
import Testing

@testable import samt_train

/// Pages about trainings: made at their end, by a comparison, and from runs that were kept.
@Suite struct ReportCommandTests {
  private func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

  @Test func trainingsAndComparisonsLeavePages() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 40, to: directory)
      let program = try Program("samt-train")
      let options = ["--data", directory.path, "--model", "mlp:4", "--batch", "4", "--epochs", "2"]
      let run = directory.appendingPathComponent("run")
      let trained = try program.run(options + ["--optimizer", "samt-s", "--out", run.path])
      #expect(trained.status == 0, "\(trained)")
      let page = run.appendingPathComponent("report.html")
      #expect(trained.output.contains("\nreport \(page.path)\n"))
      let html = try text(page)
      #expect(
        html.contains("<h1>run</h1>") && html.contains("<h2>Blocks</h2>")
          && html.contains("<h2>Confusion matrix</h2>") && html.contains("samt-train 1."))

      let runs = directory.appendingPathComponent("runs")
      let compared = try program.run(
        ["compare"] + options + ["--optimizer", "adam,sgd", "--seeds", "2", "--out", runs.path])
      #expect(compared.status == 0, "\(compared)")
      let comparison = runs.appendingPathComponent("report.html")
      #expect(compared.output.hasSuffix("\nreport \(comparison.path)\n"))
      #expect(try text(comparison).contains("4 runs of 2 settings: adam · sgd"))

      // The same page from what was kept.
      let kept = try text(comparison)
      try FileManager.default.removeItem(at: comparison)
      let again = try program.run(["report", runs.path])
      #expect(again.status == 0 && again.output == "report \(comparison.path)\n" && again.errors.isEmpty, "\(again)")
      #expect(try text(comparison) == kept)

      // A half-written line is told, and the rest is shown.
      let metrics = run.appendingPathComponent("metrics.jsonl")
      try Data((try text(metrics) + "{\"epoch\":3,").utf8).write(to: metrics)
      let file = directory.appendingPathComponent("page.html").path
      let broken = try program.run(["report", run.path, "--out", file, "--title", "a<b"])
      #expect(broken.status == 0 && broken.errors.contains("The last line of metrics.jsonl is broken"))
      #expect(try text(URL(fileURLWithPath: file)).contains("<h1>a&lt;b</h1>"))
    }
  }

  @Test func directoriesWithoutRunsAreRefused() throws {
    try withTemporaryDirectory { directory in
      let program = try Program("samt-train")
      let none = try program.run(["report"])
      #expect(none.status == 64 && none.errors.contains("the directory of a run is missing"))
      let empty = try program.run(["report", directory.path])
      #expect(empty.status == 2 && empty.errors.contains("no run was kept here"), "\(empty)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }
  }
}
