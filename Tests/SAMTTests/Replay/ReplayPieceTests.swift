import Foundation
import SAMT
import Testing

/// SAMT-Replay's pieces alone, by numbers worked out from their formulas.
@Suite struct ReplayPieceTests {
  private func sums(_ startSlope: Double, _ endSlope: Double, _ startSquared: Double = 1, _ endSquared: Double = 1)
    -> PathSums
  {
    var sums = PathSums()
    sums.startSlope = startSlope
    sums.endSlope = endSlope
    sums.startSquared = startSquared
    sums.endSquared = endSquared
    return sums
  }

  @Test func ratios() {
    #expect(sums(2, 1).ratio == 0.5)
    #expect(sums(-2, 1).ratio == 0.5, "a path uphill at its start")
    #expect(sums(1, -3).ratio == -1 && sums(1, 3).ratio == 1)
    #expect(sums(0, 0).ratio == 0 && sums(0, 1).ratio == 1)
    #expect(sums(1, 1, 4, 1).gradientLeft == 0.25 && sums(0, 0, 0, 0).gradientLeft == 1)
    #expect(sums(1, .nan).ratio == -1 && sums(.infinity, .infinity).ratio == -1)
    var whole = sums(1, 2, 3, 4)
    whole.add(sums(10, 20, 30, 40))
    #expect(whole == sums(11, 22, 33, 44))
  }

  @Test func pathSumsOfTensors() {
    func tensor(_ values: [Float]) -> Tensor { Tensor(values, shape: [values.count]) }
    let found = Kernels.pathSums(
      from: tensor([1, 2]), to: tensor([0, 4]), startGradient: tensor([3, 5]), endGradient: tensor([7, 11]))
    #expect(found == sums(3 - 10, 7 - 22, 9 + 25, 49 + 121))
  }

  @Test func schedule() {
    let schedule = HorizonSchedule()
    #expect(schedule.warmUpSteps(of: 199) == 9)
    #expect(schedule(1, of: 100) == 1.0 / 5 && schedule(5, of: 100) == 0.96 && schedule(100, of: 100) == 1 - 0.99)
    #expect(schedule(101, of: 100) == 0 && schedule(1000, of: 100) == 0)
    // Fewer than 20 steps have no warm-up.
    #expect(schedule(1, of: 19) == 1)
    var other = HorizonSchedule()
    other.decay = .none
    #expect(other(101, of: 100) == 1 && other(1, of: 100) == 0.2)
    other.decay = .cosine
    #expect(abs(other(51, of: 100) - 0.5) < 1e-15)
  }

  /// Whatever the number of steps and the schedule, weights lose as much; in one epoch nothing.
  @Test func decayOverTheTraining() {
    var schedule = HorizonSchedule()
    let decay = HorizonDecay()
    for shape in [HorizonSchedule.Decay.linear, .cosine, .none] {
      schedule.decay = shape
      for (epochs, stepsPerEpoch) in [(2, 1), (4, 15), (4, 700)] {
        let plan = TrainingPlan(epochs: epochs, stepsPerEpoch: stepsPerEpoch, batchSize: 8)
        let rate = decay.rate(of: plan, under: schedule)
        let lost = (1...plan.steps).reduce(0) { $0 + rate * schedule($1, of: plan.steps) }
        // Both sums have at most 2800 terms, of which each rounds a sum of at most 1.5.
        #expect(abs(lost - 2 * (1 - 1 / Double(epochs))) < 3 * 2800 * 0x1p-53)
      }
      #expect(decay.rate(of: TrainingPlan(epochs: 1, stepsPerEpoch: 60, batchSize: 8), under: schedule) == 0)
    }
    var none = HorizonDecay()
    none.total = 0
    #expect(none.rate(of: TrainingPlan(epochs: 4, stepsPerEpoch: 9, batchSize: 8), under: schedule) == 0)
  }

  @Test func ranges() {
    var range = HorizonRange()
    let logarithms = range.logarithms(of: 100)
    // Logarithms below 4 are rounded three times.
    #expect(abs(logarithms.lowerBound - log(0.1)) < 3 * 0x1p-52 && abs(logarithms.upperBound - log(0.4)) < 3 * 0x1p-52)
    #expect(abs(range.logarithms(of: 100, orthogonalized: true).upperBound - log(0.3)) < 3 * 0x1p-52)
    range.least = 0
    range.most = .infinity
    #expect(range.logarithms(of: 100) == -.infinity ... .infinity)
  }

  @Test func windows() {
    let window = ReplayWindow()
    #expect((0..<7).map { window.length(closed: $0, batchSize: 128) } == [1, 2, 4, 8, 16, 20, 20])
    #expect(window.length(closed: 5, batchSize: 32) == 80 && window.length(closed: 5, batchSize: 4096) == 20)
    #expect(!window.isSettled(closed: 4) && window.isSettled(closed: 5))
    var short = ReplayWindow()
    short.examples = 1
    short.shortest = 3
    #expect((0..<4).map { short.length(closed: $0, batchSize: 8) } == [1, 2, 3, 3])
  }

  @Test func search() {
    let search = DoublingSearch()
    func verdict(_ loss: Double, _ ratio: Double, _ wasTooLong: Bool, gradientLeft: Double = 1) -> SearchVerdict {
      search.verdict(
        on: SearchTrial(
          startLoss: 1, endLoss: loss, ratio: ratio, gradientLeft: gradientLeft, wasTooLong: wasTooLong))
    }
    #expect(verdict(1.1, 0.9, false) == .retry(factor: 0.5) && verdict(.nan, 0.9, false) == .retry(factor: 0.5))
    #expect(verdict(0.5, -0.01, false) == .retry(factor: 0.5))
    #expect(verdict(0.5, 0.51, false) == .retry(factor: 2) && verdict(0.5, 0.51, true) == .accept)
    #expect(verdict(0.1, 0.6, false, gradientLeft: 0.9e-4) == .retry(factor: 0.5), "a layer that died")
    #expect(verdict(0.1, 0.4, false, gradientLeft: 1.1e-4) == .accept)
    #expect(verdict(1, 0, false) == .accept && verdict(0.5, 0.5, false) == .accept)
  }

  @Test func lessons() {
    let lesson = ReplayLesson()
    var sizes = [1.0, 3]
    // The tenth of a hundred steps is the third lesson: 1 / 4 is more than 0.2 (1 - 0.09).
    lesson.teach(&sizes, ratios: [0.5, -0.1], at: LessonTime(step: 10, plannedSteps: 100, lessons: 3))
    let wanted = [
      1 + 0.25 * (0.7 * 0.2 + 0.3 * 0.5 + 0.25 + 0.5), 3 + 0.25 * (0.7 * 0.2 - 0.3 * 0.1 + 0.25 - 0.5),
    ]
    // A handful of roundings of numbers below 4.
    for (found, wanted) in zip(sizes, wanted) { #expect(abs(found - wanted) <= 8 * 0x1p-52) }
    let before = sizes
    lesson.teach(&sizes, ratios: [0.5, -0.1], at: LessonTime(step: 50, plannedSteps: 100, lessons: 3))
    #expect(sizes == before, "half of the training is over")
    // Steps below the range are lifted towards it, all alike.
    let range = log(0.1)...log(0.4)
    sizes = [log(0.01), log(0.001)]
    let short = sizes
    lesson.teach(&sizes, ratios: [-0.25, -0.25], at: LessonTime(step: 1, plannedSteps: 100, lessons: 9, range: range))
    let lift = log(0.1) - (short[0] + short[1]) / 2, leash = 0.5 * (short[0] - short[1]) / 2
    for (found, wanted) in zip(sizes, [short[0] + 0.2 * (lift - leash), short[1] + 0.2 * (lift + leash)]) {
      // A dozen roundings of numbers below 8.
      #expect(abs(found - wanted) <= 16 * 0x1p-50)
    }
    // Steps above the range fall towards it; within it, only the leash moves them.
    for (size, wanted) in [(0.8, 0.2 * log(0.4 / 0.8)), (0.4, 0), (0.2, 0), (0.1, 0)] {
      sizes = [log(size), log(size)]
      lesson.teach(
        &sizes, ratios: [-0.25, -0.25], at: LessonTime(step: 1, plannedSteps: 100, lessons: 9, range: range))
      #expect(sizes.allSatisfy { abs($0 - log(size) - wanted) <= 16 * 0x1p-50 }, "\(size)")
    }
    // Ratios at the target move nothing but what the leash holds.
    sizes = [2, 2]
    lesson.teach(&sizes, ratios: [-0.25, -0.25], at: LessonTime(step: 10, plannedSteps: 100, lessons: 9))
    #expect(sizes.allSatisfy { abs($0 - 2) <= 4 * 0x1p-52 })
  }

  @Test func restoring() {
    let rule = RestoreRule()
    func rejects(_ end: Double, moves: Int, _ gradientLeft: Double) -> Bool {
      rule.rejects(startLoss: 1, endLoss: end, moves: moves, gradientLeft: gradientLeft)
    }
    let (alive, dead) = (1.1e-4, 0.9e-4)
    #expect(rejects(1.01, moves: 2, alive) && !rejects(1, moves: 2, alive) && !rejects(1.99, moves: 3, alive))
    #expect(rejects(2.01, moves: 3, alive) && rejects(.nan, moves: 3, alive))
    #expect(
      rejects(0.51, moves: 3, dead) && !rejects(0.5, moves: 3, dead), "a network that has learned its batch lives")
    #expect(rule.abandons(startLoss: 3, firstLoss: 1, loss: 6.01, isSettled: false))
    #expect(!rule.abandons(startLoss: 3, firstLoss: 1, loss: 6, isSettled: false))
    #expect(!rule.abandons(startLoss: 3, firstLoss: 1, loss: 9, isSettled: true))
    #expect(
      !rule.abandons(startLoss: 0.001, firstLoss: 1, loss: 1.9, isSettled: false),
      "an easy minibatch is no measure for others")
  }

  @Test func units() {
    #expect(StepUnit.relative(weightRMS: 3, directionRMS: 2) == 1.5)
    #expect(StepUnit.relative(weightRMS: 3, directionRMS: 0) == 0)
    #expect(StepUnit.absolute(weightRMS: 3, directionRMS: 2) == 1)
  }

  @Test func settingsOutOfRangeAreTypedErrors() {
    let tries: [() throws -> any UpdateDirection] = [
      { try NAdamDirection(for: [3], betas: (1, 0.9)) }, { try NAdamDirection(for: [3], betas: (0.9, -0.1)) },
      { try NAdamDirection(for: [3], epsilon: 0) },
      { try NAdamDirection(for: [3], epsilon: 1e-30) }, { try NAdamDirection(for: [3], epsilon: .nan) },
      { try OrthogonalizedDirection(for: [3, 4], beta: 1) }, { try OrthogonalizedDirection(for: [3, 4], blend: -0.1) },
      { try OrthogonalizedDirection(for: [3, 4], scale: 0) },
      { try OrthogonalizedDirection(for: [3, 4], iterations: 7) },
      { try OrthogonalizedDirection(for: [3, 4], iterations: 0) }, { try OrthogonalizedDirection(for: [0, 4]) },
    ]
    for (index, make) in tries.enumerated() { #expect(throws: SAMTError.self, "try \(index)") { try make() } }
  }
}
