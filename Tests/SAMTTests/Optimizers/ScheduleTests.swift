import SAMT
import SAMTTestSupport
import Testing

@Suite struct ScheduleTests {
  @Test func constant() {
    #expect([0, 1, 1_000_000].map { Schedule.constant($0) } == [1, 1, 1])
  }

  @Test func cosineFallsFromOneToZero() {
    let schedule = Schedule.cosine(over: 100)
    #expect(schedule(0) == 1)
    // cos(pi / 3) = 1 / 2 and cos(pi / 2) = 0, each rounded once from double.
    #expect(abs(Schedule.cosine(over: 3)(1) - 0.75) <= 0x1p-24)
    #expect(abs(schedule(50) - 0.5) <= 0x1p-24)
    #expect(schedule(99) > 0 && schedule(99) < 0.001)
    #expect(schedule(100) == 0 && schedule(1000) == 0)
    #expect((1...100).allSatisfy { schedule($0) < schedule($0 - 1) })
    #expect(Schedule.cosine(over: 0)(0) == 0)
  }

  @Test func linearFallsInEqualSteps() {
    let schedule = Schedule.linear(over: 8)
    #expect((0..<10).map { schedule($0) } == [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0, 0])
    #expect(Schedule.linear(over: 0)(0) == 0)
  }

  @Test func stepsAreAStaircase() {
    let schedule = Schedule.step(every: 10, factor: 0.5)
    #expect([0, 9, 10, 19, 20, 35].map { schedule($0) } == [1, 1, 0.5, 0.5, 0.25, 0.125])
    #expect(Schedule.step(every: 3)(3) == 0.1)
  }

  @Test func warmUpRisesThenHandsOver() {
    let schedule = Schedule.warmUp(steps: 4, then: .step(every: 2, factor: 0.5))
    #expect((0..<9).map { schedule($0) } == [0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0.5, 0.25])
    #expect(Schedule.warmUp(steps: 0)(0) == 1)
    #expect(Schedule.warmUp(steps: 2)(5) == 1)
  }

  @Test(arguments: [
    Schedule.step(every: 10, factor: -1), .step(every: 10, factor: .nan), .step(every: 10, factor: .infinity),
    .step(every: 0), .cosine(over: 0), .cosine(over: -1), .linear(over: 0), .warmUp(steps: -1), .warmUp(steps: .min),
    .warmUp(steps: 3, then: .step(every: -1)),
  ])
  func numbersThatMakeNoScheduleAreRefused(_ schedule: Schedule) throws {
    let problem = try #require(schedule.problem)
    #expect(schedule(1_000_000).isFinite || problem.contains("factor"))
    let model = try perceptron([2, 3])
    let trainer = try Trainer(
      model: model, algorithm: Backpropagation(try Adam(model.parameters), schedule: schedule))
    #expect(throws: SAMTError.configuration(problem)) {
      try trainer.fit(clouds(300, seed: 1), test: clouds(30, seed: 2))
    }
    var configuration = SAMTOptimizer.Configuration()
    configuration.schedule = schedule
    #expect(throws: SAMTError.configuration(problem)) { try SAMTOptimizer(for: model, configuration) }
  }

  @Test func schedulesWithoutAProblem() {
    #expect(Schedule.constant.problem == nil && Schedule { _ in -1 }.problem == nil)
    #expect(Schedule.warmUp(steps: 0, then: .step(every: 1, factor: 0)).problem == nil)
    #expect(Schedule.cosine(over: 1).problem == nil)
  }

  @Test func yourOwn() {
    let schedule = Schedule { Float($0) * 2 }
    #expect(schedule(3) == 6)
  }
}
