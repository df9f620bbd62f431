/// The page about one run.
struct RunPage {
  let title: String
  let run: RunRecord

  var page: Page {
    var sections = [Page.Section(title: "Learning curves", content: curves)]
    let blocks = BlockFigures(run: run)
    for (title, figures) in [
      ("The method", blocks.ofMethod), ("Blocks", blocks.ofBlocks),
    ] where !figures.isEmpty {
      sections.append(.init(title: title, content: Page.grid(figures)))
    }
    let gradients = blocks.ofGradients
    if !gradients.isEmpty {
      sections.append(
        .init(
          title: "Gradients",
          content:
            "<p>The elements of each block’s gradient at the last step of each epoch.</p>\n\(Page.grid(gradients))"))
    }
    if let confusion = run.confusion {
      sections.append(.init(title: "Confusion matrix", content: matrix(confusion)))
    }
    if let configuration { sections.append(.init(title: "Configuration", content: configuration)) }
    return Page(title: title, subtitle: subtitle, notes: notes, cards: cards, sections: sections)
  }

  private var subtitle: String {
    guard let options = run.options else { return "A training, kept without its configuration" }
    let parts = [
      options.method, options.values["data"]?.first.map { "on \($0.displayedPath)" }, options.values["model"]?.first,
      options.values["batch"]?.first.map { "batch \($0)" }, options.values["seed"]?.first.map { "seed \($0)" },
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  private var notes: [String] {
    let broken = run.measures.compactMap { measure -> String? in
      let epochs = run.epochs.filter { $0.measures[measure].map { !$0.isFinite } ?? false }
      guard let first = epochs.first else { return nil }
      return "The \(measure.title) is not finite in \(epochs.count) of \(run.epochs.count) epochs, first in epoch "
        + "\(first.epoch)."
    }
    return run.notes + broken
  }

  private var cards: [Page.Card] {
    guard let last = run.epochs.last else { return [] }
    var cards: [Page.Card] = []
    let judged = [run].judgedBy
    let others = run.measures.filter { $0 != judged && ($0.part != "training" || $0.metric == "loss") }
    for measure in ([judged].compactMap(\.self) + others).prefix(5) {
      if let card = card(measure) { cards.append(card) }
    }
    let planned = run.options?.values["epochs"]?.first.flatMap { Int($0) }
    cards.append(.init(name: "epochs", value: "\(last.epoch)", remark: planned.map { "of \($0)" } ?? ""))
    if let seconds = run.seconds {
      let speed = last.samplesPerSecond.map { "\(NumberText.count($0)) samples/s" } ?? ""
      cards.append(.init(name: "training time", value: NumberText.duration(seconds), remark: speed))
    }
    if let updates = last.updates {
      let passes = last.layerPasses.map { "\(NumberText.count($0)) layer passes" } ?? ""
      cards.append(.init(name: "parameter updates", value: NumberText.count(updates), remark: passes))
    }
    return cards
  }

  /// The last value of a measure, and its best one.
  private func card(_ measure: Measure) -> Page.Card? {
    guard let value = run.last(measure) else { return nil }
    let values = run.epochs.compactMap { epoch in
      epoch.measures[measure].flatMap { $0.isFinite ? (epoch: epoch.epoch, value: $0) : nil }
    }
    let best = measure.isBetterLow ? values.min { $0.value < $1.value } : values.max { $0.value < $1.value }
    return Page.Card(
      name: measure.title, value: NumberText.fixed(value),
      remark: best.map { "best \(NumberText.fixed($0.value)) in epoch \($0.epoch)" } ?? "")
  }

  private var curves: Markup {
    guard !run.epochs.isEmpty else { return "<p>There are no epochs to draw.</p>" }
    return LearningCurves([RunGroup(name: run.name, runs: [run])]).markup
  }

  private func matrix(_ confusion: ConfusionRecord) -> Markup {
    let chart = ConfusionChart(
      title: "test examples by class", classNames: confusion.classNames, counts: confusion.counts)
    return """
      <p>Of the model at the end of the training. Colours show each row’s shares, by their square roots.</p>
      <div class="columns"><div>\(chart.figure.markup)</div><div>\(confusion.table.markup)</div></div>

      """
  }

  private var configuration: Markup? {
    guard run.options != nil || run.machine != nil else { return nil }
    let command: Markup =
      run.options.map { "<p>This command repeats the training:</p>\n<pre>\(lines($0.commandParts))</pre>\n" } ?? ""
    let options: Markup = run.options.map { "<div><h3>Options</h3>\(Page.list($0.rows))</div>" } ?? ""
    let machine: Markup = run.machine.map { "<div><h3>Machine</h3>\(Page.list($0.rows))</div>" } ?? ""
    return "\(command)<div class=\"columns\">\(options)\(machine)</div>\n"
  }

  /// Words of a line that is broken between them alone, where they have room.
  private func lines(_ words: [String]) -> Markup {
    Markup(words.enumerated().map { $0 == 0 ? "<span>\($1)</span>" : " <span>\($1)</span>" })
  }
}
