import SAMT
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

  @Test func yourOwn() {
    let schedule = Schedule { Float($0) * 2 }
    #expect(schedule(3) == 6)
  }
}
