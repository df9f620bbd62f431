import Dispatch

/// One call of what is timed.
typealias Body = () -> Void

/// How long to measure one body.
struct Effort {
  /// Seconds that its samples may take together, once there are enough of them.
  let budget: Double
  /// How many samples.
  let samples: ClosedRange<Int>

  static let full = Effort(budget: 0.4, samples: 5...200)
  static let quick = Effort(budget: 0.05, samples: 5...50)
}

/// The median seconds of one call of each body.
///
/// Samples are taken in turns, one of each body a round, so that whatever slows the machine for a while slows all of
/// them, and their ratios stay true.
func medianSeconds(_ bodies: [Body], _ effort: Effort) -> [Double] {
  var series = bodies.map { Series($0) }
  var isDone = false
  while !isDone {
    isDone = true
    for index in series.indices where series[index].wantsMore(effort) {
      series[index].sample()
      isDone = false
    }
  }
  return series.map { median($0.seconds) }
}

/// One body's samples.
private struct Series {
  /// Seconds that a sample takes at least, far above the clock's resolution and its cost.
  static let shortestSample = 200e-6
  /// Calls longer than this do not depend on what the caches held before.
  static let longCall = 5e-3

  let body: Body
  /// Calls in a sample.
  private var repetitions = 1
  private var warmsUp = false
  private var spent = 0.0
  /// Of one call, sample by sample.
  private(set) var seconds: [Double] = []

  init(_ body: @escaping Body) {
    self.body = body
    body()
    var elapsed = time()
    while elapsed < Series.shortestSample {
      repetitions *= 2
      elapsed = time()
    }
    warmsUp = elapsed / Double(repetitions) < Series.longCall
  }

  func wantsMore(_ effort: Effort) -> Bool {
    seconds.count < effort.samples.lowerBound || (seconds.count < effort.samples.upperBound && spent < effort.budget)
  }

  mutating func sample() {
    // The other bodies were here: brings back the data, and the threads if they sleep.
    if warmsUp { body() }
    let elapsed = time()
    spent += elapsed
    seconds.append(elapsed / Double(repetitions))
  }

  private func time() -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<repetitions { body() }
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
