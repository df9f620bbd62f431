import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct ReportTests {
  /// A run's directory with `epochs` lines, each with `blocks` blocks.
  private func write(
    _ directory: URL, epochs: Int, blocks: Int = 0, options: [String: String] = [:],
    losses: (Int) -> Double = { 1 / Double($0) }
  ) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let lines = (0..<epochs).map { index -> String in
      var report = sampleReport(epoch: index + 1, loss: losses(index + 1))
      let names = (0..<blocks).map { "<block&\"\($0)\">" }
      report.blocks = names.enumerated().map { block, name in
        BlockReport(name: name, metrics: ["stepSize": Double(index + block), "gate": 0.5])
      }
      report.gradients = names.enumerated().map { block, name in
        BlockReport(name: name, metrics: ["norm": 1, "rms": 1 / Double(block + 1), "mean": 0.25, "largest": 2])
      }
      return JSONText.encode(report) + "\n"
    }
    try Data(lines.joined().utf8).write(to: directory.appendingPathComponent("metrics.jsonl"))
    let config = try JSONSerialization.data(withJSONObject: [
      "options": ["optimizer": "adam", "seed": "0"].merging(options) { $1 }
    ])
    try config.write(to: directory.appendingPathComponent("config.json"))
  }

  private func expectSelfContained(_ html: String) {
    #expect(xmlProblem(html) == nil, "\(xmlProblem(html) ?? "")")
    for part in ["<script", "http:", "https:", "<link", "src=", "@import", "url("] {
      #expect(!html.contains(part), "\(part)")
    }
    let drawings = html.components(separatedBy: "role=\"img\"").count
    #expect(html.components(separatedBy: "<desc>").count == drawings, "a description for each drawing")
  }

  @Test func aPageAboutOneRun() throws {
    try withTemporaryDirectory { directory in
      let run = directory.appendingPathComponent("my <run> & \"more\"")
      try write(run, epochs: 3, blocks: 2)
      try Data("{\"classNames\":[\"<a>\",\"b\"],\"counts\":[[3,1],[0,4]]}".utf8).write(
        to: run.appendingPathComponent("confusion.json"))
      try Data(MachineRecord(ofThisProcessOf: "a & b").json).write(to: run.appendingPathComponent("machine.json"))
      let report = try Report(of: [run.path])
      expectSelfContained(report.html)
      #expect(report.notes.isEmpty)
      #expect(report.html.contains("<title>my &lt;run&gt; &amp; &quot;more&quot;</title>"))
      #expect(
        report.html.contains("<pre><span>samt-train</span> <span>--optimizer adam</span> <span>--seed 0</span></pre>"))
      for title in [
        "Learning curves", "The method", "Blocks", "Gradients", "Confusion matrix", "Configuration",
        "Over layer passes",
      ] {
        #expect(report.html.contains(title), "\(title)")
      }
      let page = directory.appendingPathComponent("page.html").path
      try report.write(to: page)
      #expect(try String(contentsOfFile: page, encoding: .utf8) == report.html)
      // The same files make the same page.
      #expect(try Report(of: [run.path]).html == report.html)
    }
  }

  /// Lines on a logarithmic axis, with the words and the values for whoever cannot see them; many blocks share a map.
  @Test(arguments: [2, 60]) func gradientsHaveChartsOfTheirOwn(blocks: Int) throws {
    try withTemporaryDirectory { directory in
      try write(directory, epochs: 3, blocks: blocks)
      let html = try Report(of: [directory.path]).html
      expectSelfContained(html)
      let section = try #require(
        html.components(separatedBy: "<h2>Gradients</h2>").last?.split(separator: "<h2>").first)
      for caption in ["root mean square", "largest magnitude", "mean"] {
        #expect(section.contains("<figcaption>\(caption)</figcaption>"), "\(caption)")
      }
      if blocks == 2 {
        #expect(
          section.contains("<desc>root mean square over epoch. &lt;block&amp;&quot;0&quot;&gt;: from 1 at 1 to 1 at 3"))
        #expect(section.contains("Logarithmic scale."))
      } else {
        #expect(section.contains("<desc>block by epoch. Values from 0.016667 to 1.</desc>"))
      }
      #expect(section.contains("<th scope=\"row\">3</th><td>1</td><td>0.5</td>"), "the table of values")
    }
  }

  @Test func runsWithoutGradientsHaveNoSuchSection() throws {
    try withTemporaryDirectory { directory in
      try write(directory, epochs: 3)
      #expect(try !Report(of: [directory.path]).html.contains("Gradients"))
    }
  }

  @Test(arguments: [0, 1]) func fewEpochs(_ epochs: Int) throws {
    try withTemporaryDirectory { directory in
      try write(directory, epochs: epochs, blocks: 2)
      let report = try Report(of: [directory.path])
      expectSelfContained(report.html)
      #expect(report.notes == (epochs == 0 ? ["No epoch was finished yet."] : []))
    }
  }

  @Test func lossesThatAreNotFinite() throws {
    try withTemporaryDirectory { directory in
      try write(directory, epochs: 6) { [1, .nan, .infinity, -.infinity, 1e308, -1e308][$0 - 1] }
      let report = try Report(of: [directory.path])
      expectSelfContained(report.html)
      #expect(report.html.contains("The training loss is not finite in 3 of 6 epochs, first in epoch 2."))
      try write(directory, epochs: 3) { _ in .nan }
      expectSelfContained(try Report(of: [directory.path]).html)
    }
  }

  /// Thousands of epochs of sixty blocks: the page does not grow with the epochs any more.
  @Test func pagesStaySmall() throws {
    try withTemporaryDirectory { directory in
      try write(directory, epochs: 2000, blocks: 60)
      let html = try Report(of: [directory.path]).html
      expectSelfContained(html)
      // Some 25 line charts of 240 points and five heat maps of 4800 cells, each some 40 bytes, and as much for the tables.
      #expect(html.utf8.count < 2_000_000)
    }
  }

  @Test func aPageAboutSeveralRuns() throws {
    try withTemporaryDirectory { directory in
      for (method, seed) in [("adam", 0), ("adam", 1), ("sgd<", 0)] {
        try write(
          directory.appendingPathComponent("\(method)-\(seed)"), epochs: 4,
          options: ["optimizer": method, "seed": "\(seed)"], losses: { Double($0 + seed) })
      }
      // The directory of a comparison stands for the runs in its folders.
      let report = try Report(of: [directory.path], title: "T & U")
      expectSelfContained(report.html)
      #expect(
        report.html.contains("<h1>T &amp; U</h1>") && report.html.contains("3 runs of 2 settings: adam · sgd&lt;"))
      #expect(report.html.contains("class=\"band s0\"") && !report.html.contains("class=\"band s1\""))
      #expect(!report.html.contains("Sensitivity"))
    }
  }

  @Test func ratesMakeASensitivityCurve() throws {
    try withTemporaryDirectory { directory in
      for rate in ["0.1", "0.001", "0.01"] {
        try write(directory.appendingPathComponent(rate), epochs: 2, options: ["learning-rate": rate])
      }
      let html = try Report(of: [directory.path]).html
      expectSelfContained(html)
      #expect(html.contains("<figcaption>test accuracy by learning rate</figcaption>"))
    }
  }

  @Test func aDirectoryWithoutARunIsRefused() throws {
    try withTemporaryDirectory { directory in
      #expect(throws: SAMTError.self) { _ = try Report(of: [directory.path]) }
      #expect(throws: SAMTError.self) { _ = try Report(of: []) }
    }
  }

  /// The sign tells the class, and one example is on the wrong side.
  @Test func theWriterKeepsTheConfusionMatrix() throws {
    try withTemporaryDirectory { directory in
      try write(directory, epochs: 1)
      let model = try Model(input: [1]) { Linear(1, 2) }
      model.parameters[0].value = Tensor([-1, 1], shape: [2, 1])
      model.parameters[1].value = Tensor([0, 0], shape: [2])
      let trainer = try Trainer(model: model, algorithm: Backpropagation(try SGD(model.parameters, learningRate: 1)))
      let test = Dataset(
        inputs: Tensor([-1, -2, -3, 4, 5], shape: [5, 1]), labels: [0, 0, 1, 1, 1], classCount: 2,
        classNames: ["no", "yes"])
      try ReportWriter(directory: directory.path, test: test).didFinishTraining(of: trainer)
      let run = try RunRecord(directory: directory.path)
      #expect(run.confusion == ConfusionRecord(classNames: ["no", "yes"], counts: [[2, 0], [1, 2]]))
    }
  }

  @Test func theWriterLeavesThePageAndSaysWhereItCannot() throws {
    try withTemporaryDirectory { directory in
      try write(directory, epochs: 1)
      let writer = ReportWriter(directory: directory.path)
      try writer.didFinishTraining(of: someTrainer())
      #expect(try String(contentsOfFile: writer.path, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
      #expect(writer.path.hasSuffix("/report.html") && writer.failure == nil)

      let missing = ReportWriter(directory: directory.path + "/missing")
      #expect(throws: SAMTError.self) { try missing.didFinishTraining(of: someTrainer()) }
      var failures: [SAMTError] = []
      missing.onFailure = { failures.append($0) }
      try missing.didFinishTraining(of: someTrainer())
      #expect(failures.count == 1 && missing.failure == failures.first)
    }
  }
}
