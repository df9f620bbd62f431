import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct BacktrackingTests {
  /// Factors of 2 and 4 are exact; the others are the very products that are computed.
  @Test func dampingFollowsWhatCameOfTheSteps() {
    var factors = BacktrackingFactors(Backtracking(), groups: 2)
    factors.accept(0, ratio: 1)
    #expect(factors.damping == [1, 1])
    factors.reject(1)
    factors.reject(1)
    #expect(factors.damping == [1, 0.25])
    factors.accept(1, ratio: 0.5)
    #expect(factors.damping == [1, 1.05 * 0.25])
    factors.accept(0, ratio: 0.49)
    #expect(factors.damping == [0.9, 1.05 * 0.25])
    for _ in 0..<3 { factors.accept(0, ratio: 0.6) }
    #expect(factors.damping[0] == 1)
  }

  /// A step of all blocks may go past the minimum along it, by half of the way there.
  @Test func aJointStepMayOvershoot() {
    var factors = BacktrackingFactors(Backtracking(), groups: 1)
    factors.accept(0, ratio: -0.51)
    #expect(factors.damping == [0.9])
    factors.accept(0, ratio: -0.5)
    #expect(factors.damping == [1.05 * 0.9])
    factors.reject(0)
    #expect(factors.damping == [0.5 * (1.05 * 0.9)])
  }

  /// A parabola whose minimum is `best` times eta0 away.
  private func search(best: Double, startLoss: Double? = nil) -> (factors: BacktrackingFactors, trials: [Double]) {
    var factors = BacktrackingFactors(Backtracking(), groups: 1)
    var trials: [Double] = []
    let ran = factors.search(startLoss: startLoss ?? best * best) { factor in
      trials.append(factor)
      return ((factor - best) * (factor - best), max(-1, (best - factor) / best))
    }
    #expect(ran == !trials.isEmpty)
    return (factors, trials)
  }

  /// By hand: the slope at 1, 2 and 4 of 12 is above half of the first; at 8 it is a third.
  @Test func aSearchFromBelow() {
    let (factors, trials) = search(best: 12)
    #expect(trials == [1, 2, 4, 8])
    #expect(factors.start == 4 && factors.factor(0) == 4 && factors.hasSearched)
  }

  /// By hand: 1, 1/2 and 1/4 climb, 1/8 goes past 1/10, at 1/16 the slope is 3/8.
  @Test func aSearchFromAbove() {
    let (factors, trials) = search(best: 0.1)
    #expect(trials == [1, 0.5, 0.25, 0.125, 0.0625])
    #expect(factors.start == 0.03125)
  }

  @Test func thereIsOneSearchOnTheFirstFiniteLoss() {
    var (factors, trials) = search(best: 12, startLoss: .nan)
    #expect(trials.isEmpty && !factors.hasSearched && factors.start == 1)
    #expect(factors.search(startLoss: 1) { _ in (0.5, 0.25) })
    #expect(factors.start == 0.5)
    #expect(!factors.search(startLoss: 1) { _ in (0.5, 0.25) })
    #expect(factors.start == 0.5)
  }

  /// Behind two doublings, steps are of four times eta0, from where the first one began.
  @Test(arguments: StepSizes.Granularity.allCases) func trialsLeaveNoTrace(_ granularity: StepSizes.Granularity) throws
  {
    let (model, twin) = (try perceptron([9, 13, 8, 4]), try perceptron([9, 13, 8, 4]))
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(granularity, initial: 1.0 / 64, learningRate: 0)
    configuration.blocks = .oneGroup
    configuration.backtracking = Backtracking()
    configuration.backtracking?.search = TwoDoublings()
    let samt = try SAMTOptimizer(for: model, configuration)
    let sgd = Backpropagation(try SGD(twin.parameters, learningRate: 4.0 / 64))
    let executor = ModelExecutor(for: model, batchSize: 16), twinExecutor = ModelExecutor(for: twin, batchSize: 16)
    for step in 0..<3 {
      let batch = randomBatch(16, inputs: 9, classes: 4, seed: UInt64(step))
      let ours = samt.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      let theirs = sgd.step(batch, in: twinExecutor, loss: SoftmaxCrossEntropy())
      #expect(ours.loss.bitPattern == theirs.loss.bitPattern)
      #expect(firstDifference(model, twin) == nil, "step \(step)")
    }
    // Three layers: each trial is evaluated at its end and taken back, which is evaluated before what follows.
    #expect(executor.passes.forward == 3 * (2 * 3 + 2 * 2))
  }

  /// The usual guard would let all of these stay.
  @Test(arguments: [(1.0, 1.0, true), (1.0, 1.0001, false), (0.01, 0.0100001, false)])
  func noStepMayClimb(before: Double, after: Double, stays: Bool) throws {
    let (model, start) = (try perceptron([3, 2]), try perceptron([3, 2]))
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(.scalar, initial: 0.125, learningRate: 0)
    configuration.backtracking = Backtracking()
    configuration.backtracking?.search = nil
    let samt = try SAMTOptimizer(for: model, configuration)
    let executor = ModelExecutor(for: model, batchSize: 2)
    let loss = ScriptedLoss(values: [before, after, 1, 0.5])
    let batch = randomBatch(2, inputs: 3, classes: 2, seed: 1)
    _ = samt.step(batch, in: executor, loss: loss)
    #expect((firstDifference(model, start) != nil) == stays)
    #expect(samt.blockReports.map { $0.metrics["rejections"] } == [stays ? 0 : 1])
    _ = samt.step(batch, in: executor, loss: loss)
    #expect(samt.blockReports.map { $0.metrics["stepSize"] } == [stays ? 0.125 : 0.0625])
  }

  /// Where a hundredth or sixteen times a good step size begins, the loss falls all the same.
  @Test(arguments: StepSizes.Granularity.allCases, [1e-3, 8])
  func anyStartLeadsDown(_ granularity: StepSizes.Granularity, eta0: Double) throws {
    let model = try perceptron([2, 16, 3])
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(granularity, initial: eta0)
    configuration.backtracking = Backtracking()
    let samt = try SAMTOptimizer(for: model, configuration)
    var training = Trainer.Configuration()
    training.epochs = 4
    training.batchSize = 30
    let trainer = try Trainer(model: model, algorithm: samt, configuration: training)
    let reports = try trainer.fit(clouds(600, seed: 1), test: clouds(300, seed: 2))
    // The clouds' own overlap is one in a hundred.
    #expect(try #require(reports.last?.test?.metrics["accuracy"]) > 0.95)
  }
}

/// Doubles twice, whatever the trials came to.
private struct TwoDoublings: StepSizeSearch {
  let trials = 2
  let finalFactor = 1.0

  func verdict(on trial: SearchTrial) -> SearchVerdict { .retry(factor: 2) }
}
