import Foundation

/// One call of what is timed.
typealias Body = () -> Void

/// How long to measure one body.
struct Effort {
  /// Seconds that its samples may take together, once there are enough of them.
  let budget: Double
  /// How many samples.
  let samples: ClosedRange<Int>
  /// Seconds that a sample takes at least, far above the clock's resolution and its cost.
  var shortestSample = 500e-6
  /// Seconds after which the data is back in the caches, and a sleeping worker awake.
  var warmUp = 1e-3
  /// Seconds of rest before a sample.
  var pause = 0.0

  static let full = Effort(budget: 0.4, samples: 5...100)
  static let quick = Effort(budget: 0.05, samples: 5...30)

  /// For libraries that have workers of their own each: rests so long that the last one's have gone to sleep.
  ///
  /// Spinning, they would take the processors from the next, whose own workers have then slept, and need longer until
  /// all of them run again, each on a processor of its own.
  var restful: Effort {
    Effort(
      budget: budget, samples: samples.lowerBound...min(samples.upperBound, 20), shortestSample: 5e-3, warmUp: 10e-3,
      pause: 20e-3)
  }
}

/// Seconds that one call took.
struct Timing {
  /// Half of the samples were faster: what a busy machine delivers.
  let median: Double
  /// The fastest sample: what kernels, limits and peers are judged by, since other programs slow one's samples and not
  /// the other's.
  let fastest: Double
}

/// The time of one call of each body.
///
/// Samples are taken in turns, one of each body a round, so that whatever slows the machine for a while slows all of
/// them, and their ratios stay true.
func time(_ bodies: [Body], _ effort: Effort) -> [Timing] {
  var series = bodies.map { Series($0, effort) }
  var isDone = false
  while !isDone {
    isDone = true
    for index in series.indices where series[index].wantsMore {
      series[index].sample()
      isDone = false
    }
  }
  return series.map(\.timing)
}

/// One body's samples.
private struct Series {
  let body: Body
  let effort: Effort
  /// Calls in a sample.
  private var repetitions = 1
  /// Calls before a sample.
  private var warmingCalls = 0
  private var spent = 0.0
  /// Of one call, sample by sample.
  private var samples: [Double] = []

  init(_ body: @escaping Body, _ effort: Effort) {
    self.body = body
    self.effort = effort
    body()
    var elapsed = seconds(of: repetitions)
    while elapsed < effort.shortestSample {
      repetitions *= 2
      elapsed = seconds(of: repetitions)
    }
    let call = elapsed / Double(repetitions)
    // Long calls warm up by themselves.
    if call < 5 * effort.warmUp { warmingCalls = Int((effort.warmUp / call).rounded(.up)) }
  }

  var timing: Timing {
    let sorted = samples.sorted()
    let middle = sorted.count / 2
    let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    return Timing(median: median, fastest: sorted[0])
  }

  var wantsMore: Bool {
    samples.count < effort.samples.lowerBound || (samples.count < effort.samples.upperBound && spent < effort.budget)
  }

  mutating func sample() {
    if effort.pause > 0 { Thread.sleep(forTimeInterval: effort.pause) }
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
