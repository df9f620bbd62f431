/// What learning curves are drawn over: the epochs, or one of three costs.
enum RunAxis: CaseIterable, Sendable {
  case epochs, time, updates, layerPasses

  /// As it stands on the switch between the axes.
  var name: String {
    switch self {
    case .epochs: "epochs"
    case .time: "time"
    case .updates: "updates"
    case .layerPasses: "layer passes"
    }
  }

  /// The values at the ends of a run's epochs; NaN where they are not known.
  func values(of run: RunRecord) -> [Double] {
    switch self {
    case .epochs: return run.epochs.map { Double($0.epoch) }
    case .time:
      var seconds = 0.0
      return run.epochs.map { epoch in
        seconds += epoch.seconds ?? .nan
        return seconds
      }
    case .updates: return run.epochs.map { $0.updates ?? .nan }
    case .layerPasses: return run.epochs.map { $0.layerPasses ?? .nan }
    }
  }
}

/// A unit of time that suits the longest of several lengths.
struct TimeUnit: Equatable {
  let name: String
  let seconds: Double

  init(forSeconds longest: Double) {
    (name, seconds) =
      switch longest {
      case ..<300: ("s", 1)
      case ..<18_000: ("min", 60)
      case ..<1_000_000: ("h", 3600)
      default: ("days", 86_400)
      }
  }
}
