/// The search for each method's rate: what each rate came to, and what the search cost.
struct SearchSection {
  let comparison: ComparisonRecord

  /// Nothing where no rate was searched.
  var section: Page.Section? {
    let searched = comparison.rows.filter { !($0.search ?? []).isEmpty }
    guard !searched.isEmpty else { return nil }
    let series = searched.enumerated().map { index, row in
      Series(
        name: row.method, style: index,
        points: (row.search ?? []).sorted { $0.rate < $1.rate }.map { SeriesPoint($0.rate, $0.result) })
    }
    let metric = comparison.metric.inWords
    let chart = LineChart(
      title: "validation \(metric) by rate", x: Axis("rate", .logarithmic), y: Axis("validation \(metric)"),
      series: series)
    return Page.Section(
      title: "Search for rates",
      content: """
        <p>Each point is a training on some of the training examples, judged by the others.</p>
        <div class="columns"><div>\(chart.figure.markup)</div><div>\(table(searched).markup)</div></div>

        """)
  }

  private func table(_ rows: [ComparisonRecord.Row]) -> DataTable {
    DataTable(
      columns: ["method", "rate", "trainings", "training time"],
      rows: rows.map { row in
        let trials = row.search ?? []
        let seconds = trials.compactMap(\.cost?.seconds)
        return [
          row.method, row.rate.map(NumberText.value) ?? "–", "\(trials.count)",
          seconds.isEmpty ? "–" : NumberText.duration(seconds.reduce(0, +)),
        ]
      })
  }
}
