/// The page about several runs side by side.
struct ComparisonPage {
  let title: String
  let runs: [RunRecord]
  /// What was compared, with the searches for rates.
  let comparisons: [ComparisonRecord]
  private let groups: [RunGroup]

  init(title: String, runs: [RunRecord], comparisons: [ComparisonRecord] = []) {
    self.title = title
    self.runs = runs
    self.comparisons = comparisons
    groups = RunGroup.groups(of: runs)
  }

  var page: Page {
    var sections = [
      Page.Section(title: "Results", content: "<p>\(explanation)</p>\n\(table.markup)"),
      Page.Section(title: "Learning curves", content: LearningCurves(groups).markup),
    ]
    let costs = CostCharts(groups).figures
    if !costs.isEmpty { sections.append(.init(title: "Cost", content: Page.grid(costs))) }
    let sensitivity = SensitivityCharts(groups).figures
    if !sensitivity.isEmpty { sections.append(.init(title: "Sensitivity", content: Page.grid(sensitivity))) }
    sections += comparisons.compactMap { SearchSection(comparison: $0).section }
    sections.append(.init(title: "Runs", content: list.markup))
    if let shared { sections.append(.init(title: "What all runs share", content: shared)) }
    return Page(title: title, subtitle: subtitle, notes: notes, cards: [], sections: sections)
  }

  private var subtitle: String {
    let count = "\(runs.count) runs of \(groups.count) setting\(groups.count == 1 ? "" : "s")"
    guard groups.count <= 4 else { return count }
    return "\(count): \(groups.map(\.name).joined(separator: " · "))"
  }

  private var notes: [String] {
    var notes = runs.flatMap { run in run.notes.map { "\(run.name): \($0)" } }
    for group in groups where Set(group.runs.map(\.epochs.count)).count > 1 {
      notes.append("\(group.name): the runs have different numbers of epochs; curves end with the shortest.")
    }
    return notes
  }

  private var explanation: String {
    let seeds = groups.map(\.runs.count).max() ?? 1
    return "Each value is of the last epoch"
      + (seeds > 1
        ? ", a mean over the runs of a setting; bands and ranges reach from the lowest to the highest." : ".")
  }

  /// A row for each setting.
  private var table: DataTable {
    let judged = runs.judgedBy
    let others = runs.measures.filter { $0 != judged }
    let ranges = groups.contains { $0.runs.count > 1 }
    var columns = ["setting"]
    if ranges { columns.append("runs") }
    if let judged { columns += [judged.title] + (ranges ? ["lowest", "highest"] : []) }
    columns += others.map(\.title) + ["training time", "samples/s", "updates", "layer passes"]
    let rows = groups.map { group -> [String] in
      func mean(_ text: (Double) -> String, _ value: (RunRecord) -> Double?) -> String {
        let values = group.last(value)
        return values.isEmpty ? "–" : text(RunGroup.mean(values))
      }
      var row = [group.name]
      if ranges { row.append("\(group.runs.count)") }
      if let judged {
        let values = group.last { $0.last(judged) }
        row.append(values.isEmpty ? "–" : NumberText.fixed(RunGroup.mean(values)))
        if ranges { row += [values.min(), values.max()].map { $0.map(NumberText.fixed) ?? "–" } }
      }
      row += others.map { measure in mean(NumberText.fixed) { $0.last(measure) } }
      row += [
        mean(NumberText.duration) { $0.seconds }, mean(NumberText.count) { $0.epochs.last?.samplesPerSecond },
        mean(NumberText.count) { $0.epochs.last?.updates }, mean(NumberText.count) { $0.epochs.last?.layerPasses },
      ]
      return row
    }
    return DataTable(columns: columns, rows: rows)
  }

  /// A row for each run.
  private var list: DataTable {
    let judged = runs.judgedBy
    var columns = ["run", "setting", "seed", "epochs"]
    if let judged { columns.append(judged.title) }
    columns.append("training time")
    var rows: [[String]] = []
    for group in groups {
      for run in group.runs {
        let seed = run.options?.values[RunOptions.seed]?.first
        var row = [run.path.displayedPath, group.name, seed ?? "–", "\(run.epochs.count)"]
        if let judged { row.append(run.last(judged).map(NumberText.fixed) ?? "–") }
        row.append(run.seconds.map(NumberText.duration) ?? "–")
        rows.append(row)
      }
    }
    return DataTable(columns: columns, rows: rows)
  }

  /// The options and the machine that all runs have alike.
  private var shared: Markup? {
    let settings = runs.compactMap(\.options?.values)
    guard let first = settings.first else { return nil }
    let common = first.filter { name, values in settings.allSatisfy { $0[name] == values } }
    let machines = runs.compactMap(\.machine)
    var machine: Markup = ""
    if let first = machines.first, machines.allSatisfy({ $0 == first }) {
      machine = "<div><h3>Machine</h3>\(Page.list(first.rows))</div>"
    }
    return """
      <div class="columns"><div><h3>Options</h3>\(Page.list(RunOptions(values: common).rows))</div>\(machine)</div>

      """
  }
}
