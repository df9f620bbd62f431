import Foundation

/// One call of what is timed.
typealias Body = () -> Void

/// How long to measure one body.
struct Effort {
  /// Seconds that its samples may take together, once there are enough of them.
  let budget: Double
  /// How many samples.
  let samples: ClosedRange<Int>
  /// Seconds of rest before a sample.
  var pause = 0.0

  static let full = Effort(budget: 0.4, samples: 5...100)
  static let quick = Effort(budget: 0.05, samples: 5...30)

  /// The same, with rests so long that the workers of whoever ran last have gone to sleep.
  ///
  /// They spin for a while, in OpenBLAS for some 30 ms, and would take the processors from the next.
  var restful: Effort { Effort(budget: budget, samples: samples.lowerBound...min(samples.upperBound, 20), pause: 0.04) }
}

/// Seconds that one call took.
struct Timing {
  /// Half of the samples were faster: what a kernel is judged by.
  let median: Double
  /// The fastest sample: what a limit is judged by, since nothing exceeds it.
  let fastest: Double
}

/// The time of one call of each body.
///
/// Samples are taken in turns, one of each body a round, so that whatever slows the machine for a while slows all of
/// them, and their ratios stay true.
func time(_ bodies: [Body], _ effort: Effort) -> [Timing] {
  var series = bodies.map { Series($0) }
  var isDone = false
  while !isDone {
    isDone = true
    for index in series.indices where series[index].wantsMore(effort) {
      series[index].sample(after: effort.pause)
      isDone = false
    }
  }
  return series.map(\.timing)
}

/// One body's samples.
private struct Series {
  /// Seconds that a sample takes at least, far above the clock's resolution and its cost.
  static let shortestSample = 500e-6
  /// Seconds after which the data is back in the caches, and a sleeping worker awake.
  static let warmUp = 1e-3
  /// Calls longer than this need no warming up.
  static let longCall = 5e-3

  let body: Body
  /// Calls in a sample.
  private var repetitions = 1
  /// Calls before a sample.
  private var warmingCalls = 0
  private var spent = 0.0
  /// Of one call, sample by sample.
  private var samples: [Double] = []

  init(_ body: @escaping Body) {
    self.body = body
    body()
    var elapsed = seconds(of: repetitions)
    while elapsed < Series.shortestSample {
      repetitions *= 2
      elapsed = seconds(of: repetitions)
    }
    let call = elapsed / Double(repetitions)
    if call < Series.longCall { warmingCalls = Int((Series.warmUp / call).rounded(.up)) }
  }

  var timing: Timing {
    let sorted = samples.sorted()
    let middle = sorted.count / 2
    let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    return Timing(median: median, fastest: sorted[0])
  }

  func wantsMore(_ effort: Effort) -> Bool {
    samples.count < effort.samples.lowerBound || (samples.count < effort.samples.upperBound && spent < effort.budget)
  }

  mutating func sample(after pause: Double) {
    if pause > 0 { Thread.sleep(forTimeInterval: pause) }
    for _ in 0..<warmingCalls { body() }
    let elapsed = seconds(of: repetitions)
    spent += elapsed
    samples.append(elapsed / Double(repetitions))
  }

  private func seconds(of calls: Int) -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<calls { body() }
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }
}
