import Foundation

/// How far an epoch is, as a line of text that fits a width.
///
/// Where there is little room, the bar becomes shorter, and then the least important parts are left out: the speed, the
/// metric, the bar, the loss, the time that is left.
struct ProgressLine {
  let progress: TrainingProgress

  /// The longest bar, and the shortest that is still one.
  private static let barLengths = 6...24

  /// The line, of `width` characters at most.
  func text(width: Int) -> String {
    let loss = "loss \(Self.decimals(progress.loss))"
    let metric = progress.firstMetric.map { "\($0.name) \(Self.decimals($0.value))" }
    let speed = String(format: "%.0f samples/s", progress.samplesPerSecond)
    let left = "\(timeLeft) left"
    let all = [loss, metric, speed, left].compactMap(\.self)
    for (hasBar, parts) in [
      (true, all), (true, all.filter { $0 != speed }), (true, [loss, left]), (false, [loss, left]), (false, [left]),
      (false, []),
    ] {
      let rest = parts.joined(separator: "  ")
      // Between head and rest: a bar in brackets, or two spaces.
      let room = width - head.count - rest.count - (hasBar ? 4 : parts.isEmpty ? 0 : 2)
      if hasBar, room >= Self.barLengths.lowerBound {
        return "\(head) [\(bar(min(room, Self.barLengths.upperBound)))] \(rest)"
      }
      if !hasBar, room >= 0 { return parts.isEmpty ? head : "\(head)  \(rest)" }
    }
    return String(head.prefix(max(width, 0)))
  }

  /// Four decimals; large numbers with six digits.
  static func decimals(_ value: Double) -> String { String(format: abs(value) < 1e4 ? "%.4f" : "%.6g", value) }

  private var head: String { "epoch \(progress.epoch)/\(progress.epochs)" }

  private var share: Double { Double(progress.step) / Double(progress.stepsPerEpoch) }

  private func bar(_ length: Int) -> String {
    let filled = Int(share * Double(length))
    return String(repeating: "=", count: filled) + String(repeating: " ", count: length - filled)
  }

  /// The time that the rest takes at this speed.
  private var timeLeft: String {
    let seconds = progress.seconds / share * (Double(progress.epochs - progress.epoch) + 1 - share)
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds)
    return whole < 3600
      ? String(format: "%d:%02d", whole / 60, whole % 60)
      : String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }
}
