import CommandLineOptions
import SAMT

extension Command {
  /// Makes a page about runs that were kept.
  static var report: Command {
    Command(
      "report", "makes a page about runs that were kept", usage: ["samt-train report DIR... [options]"],
      about: """
        Makes one HTML file about the runs that were kept by --out: learning curves over epochs, time, updates and layer
        passes, what the method tells of itself and its blocks, the confusion matrix, configuration and machine.

        Several directories are overlaid; runs that differ in their seeds alone become one curve with its range. A
        directory that holds runs in its folders, as those of compare do, stands for all of them.
        """,
      defaults: ReportSettings(), options: ReportSettings.options, notes: environmentNotes,
      operand: { (settings, word) throws(UsageError) in settings.directories.append(word) }
    ) { settings, _ in
      guard let first = settings.directories.first else { throw UsageError("the directory of a run is missing") }
      let report = try Report(of: settings.directories, title: settings.title)
      for note in report.notes { complain("samt-train: \(note)") }
      let directory = settings.directories.count == 1 ? first : "."
      let path = settings.file ?? directory + (directory.hasSuffix("/") ? "" : "/") + RunRecord.FileName.report
      try report.write(to: path)
      try StandardOutput.writeLine("report \(path.displayedPath)")
      return 0
    }
  }
}

/// What `report` is asked for.
private struct ReportSettings {
  var directories: [String] = []
  var file: String?
  var title: String?

  static var options: OptionTable<Self> {
    OptionTable("output") {
      CommandLineOption(
        "--out", "FILE", "where the page goes; otherwise report.html in the directory, or for several here", \Self.file,
        .path)
      CommandLineOption("--title", "TEXT", "of the page; otherwise the directory's name", \Self.title, .text)
    }
  }
}
