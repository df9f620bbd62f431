import Foundation

/// What the end of a window teaches the blocks' step sizes.
public protocol StepSizeLesson: Sendable {
  /// Changes the logarithms of the blocks' step sizes by the slopes' ratios, one for each block.
  func teach(_ logStepSizes: inout [Double], ratios: [Double], at time: LessonTime)
}

/// When a lesson takes place.
public struct LessonTime: Sendable {
  /// The step, from 1.
  public var step: Int
  /// All steps of the training.
  public var plannedSteps: Int
  /// The windows closed behind the warm-up, this one included.
  public var lessons: Int
  /// The logarithms of the step sizes that a training of this length can use (``HorizonRange``).
  public var range: ClosedRange<Double>

  /// A moment, for lessons of your own and their tests.
  public init(step: Int, plannedSteps: Int, lessons: Int, range: ClosedRange<Double> = -.infinity ... .infinity) {
    self.step = step
    self.plannedSteps = plannedSteps
    self.lessons = lessons
    self.range = range
  }

  /// The steps before this one as a part of all.
  public var progress: Double { Double(step - 1) / Double(plannedSteps) }
}

/// Steps whose path met little curvature become longer, those that met much shorter.
///
///     s_l += max(gain (1 - u), 1 / (lessons + 1))
///            (share mean(r) + (1 - share) r_l - target - leash (s_l - mean(s)) + pull (clip(mean(s), range) - mean(s)))
///
/// r_l is block l's slope where the window ended, along its path and in units of the slope at its start: 1 where no
/// curvature was met, 0 where the path ended at the minimum along it. The first lessons count for as much as their
/// mean. Blocks learn from their common mean first, and a leash keeps them together. Where the mean is outside of what a
/// training of this length can use, it is pulled back (``HorizonRange``).
public struct ReplayLesson: StepSizeLesson {
  /// How fast step sizes follow, in logarithms for a ratio.
  public var gain = 0.2
  /// The ratio at which step sizes stay: below 0, so that a window may overshoot.
  public var target = -0.25
  /// How much of what a block learns is the blocks' mean.
  public var share = 0.7
  /// How strongly a block is pulled towards the blocks' mean step size.
  public var leash = 0.5
  /// How strongly step sizes outside of the range are pulled towards it.
  public var pull = 1.0
  /// The part of the training behind which nothing is learned: ratios rise where steps shrink.
  public var end = 0.5

  /// The defaults.
  public init() {}

  /// One lesson.
  public func teach(_ logStepSizes: inout [Double], ratios: [Double], at time: LessonTime) {
    guard Double(time.step) < end * Double(time.plannedSteps) else { return }
    let meanRatio = mean(ratios), meanSize = mean(logStepSizes)
    let pulled = pull * (min(max(meanSize, time.range.lowerBound), time.range.upperBound) - meanSize)
    let rate = max(gain * (1 - time.progress), 1 / Double(time.lessons + 1))
    for index in logStepSizes.indices {
      let ratio = share * meanRatio + (1 - share) * ratios[index]
      logStepSizes[index] += rate * (ratio - target - leash * (logStepSizes[index] - meanSize) + pulled)
    }
  }

  private func mean(_ values: [Double]) -> Double {
    var sum = 0.0
    for index in values.indices { sum += values[index] }
    return sum / Double(values.count)
  }
}
