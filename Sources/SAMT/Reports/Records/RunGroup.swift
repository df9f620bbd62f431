/// Runs of one setting, which differ in their seeds alone; their curves are drawn as a mean with its range.
struct RunGroup: Sendable {
  /// What distinguishes the setting from the others.
  var name: String
  var runs: [RunRecord]

  /// The runs by their settings, in the order in which the settings come first.
  ///
  /// A group is named by the options in which the groups differ, or by its directory where they differ in none.
  static func groups(of runs: [RunRecord]) -> [RunGroup] {
    var groups: [(key: [String: [String]]?, runs: [RunRecord])] = []
    for run in runs {
      var key = run.options?.values
      key?[RunOptions.seed] = nil
      if let key, let index = groups.firstIndex(where: { $0.key == key }),
        !groups[index].runs.contains(where: { $0.options?.values == run.options?.values })
      {
        groups[index].runs.append(run)
      } else {
        groups.append((key, [run]))
      }
    }
    let differing = differingOptions(groups.compactMap(\.key))
    var names: [String: Int] = [:]
    return groups.map { key, runs in
      var name = key.map { Self.name($0, by: differing) } ?? ""
      if name.isEmpty { name = runs[0].name }
      names[name, default: 0] += 1
      if let count = names[name], count > 1 { name += " (\(count))" }
      return RunGroup(name: name, runs: runs)
    }
  }

  /// The options that distinguish settings: the method where they have several, and those in which settings of one method
  /// differ.
  ///
  /// Methods have options and defaults of their own, so what differs between two of them says little.
  static func differingOptions(_ settings: [[String: [String]]]) -> [String] {
    let methods = Dictionary(grouping: settings) { $0[RunOptions.method] ?? [] }
    var differing: Set<String> = []
    for settings in methods.values {
      for name in Set(settings.flatMap(\.keys)) where settings.contains(where: { $0[name] != settings[0][name] }) {
        differing.insert(name)
      }
    }
    differing.remove(RunOptions.seed)
    return (methods.count > 1 ? [RunOptions.method] : []) + differing.sorted()
  }

  private static func name(_ values: [String: [String]], by differing: [String]) -> String {
    differing.compactMap { option in
      guard let found = values[option] else { return nil }
      let text = RunOptions.text(found)
      if [RunOptions.method, "data", "model"].contains(option) { return text }
      return text == "yes" ? option : "\(option) \(text)"
    }.joined(separator: ", ")
  }

  /// The epochs that all runs have.
  private var commonEpochs: Int { runs.map(\.epochs.count).min() ?? 0 }

  /// A measure over an axis: its mean over the runs with its range, where there are several.
  func points(_ measure: Measure, over axis: RunAxis) -> [SeriesPoint] {
    points(over: axis) { $0.measures[measure] }
  }

  /// A value of each epoch over an axis; epochs for which a run has none are left out.
  func points(over axis: RunAxis, _ value: (EpochRecord) -> Double?) -> [SeriesPoint] {
    let places = runs.map(axis.values)
    return (0..<commonEpochs).compactMap { index in
      let values = runs.compactMap { value($0.epochs[index]) }
      let x = places.reduce(0) { $0 + $1[index] } / Double(runs.count)
      guard values.count == runs.count, x.isFinite else { return nil }
      return SeriesPoint(x, Self.mean(values), range: Self.range(values))
    }
  }

  /// A number of each run's last epoch.
  func last(_ value: (RunRecord) -> Double?) -> [Double] { runs.compactMap(value) }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The range of several finite values.
  static func range(_ values: [Double]) -> ClosedRange<Double>? {
    guard values.count > 1, values.allSatisfy(\.isFinite), let low = values.min(), let high = values.max() else {
      return nil
    }
    return low...high
  }
}

extension RunRecord {
  /// The value of a measure in the last epoch.
  func last(_ measure: Measure) -> Double? { epochs.last?.measures[measure] }

  /// All training seconds.
  var seconds: Double? { RunAxis.time.values(of: self).last.flatMap { $0.isFinite ? $0 : nil } }

  /// Everything that was measured, in the order in which it is shown.
  var measures: [Measure] { Set(epochs.flatMap(\.measures.keys)).sorted() }
}

extension [RunRecord] {
  /// Everything that was measured in any of them, in the order in which it is shown.
  var measures: [Measure] { Set(flatMap(\.measures)).sorted() }

  /// The measure by which they are judged: the first metric, or else the loss, on what was not trained on.
  var judgedBy: Measure? {
    let candidates = measures.filter { !$0.part.hasPrefix("averaged") }
    func first(_ part: String) -> Measure? {
      let ofPart = candidates.filter { $0.part == part }
      return ofPart.first { $0.metric == "accuracy" } ?? ofPart.first { $0.metric != "loss" } ?? ofPart.first
    }
    return first("test") ?? first("validation") ?? first("training")
  }
}
