import Foundation
import SAMT
import SAMTTestSupport
import Testing

/// psi's factor on the steps of a window: what it learns, and that it can be left out.
@Suite struct EtaModelProposalTests {
  private let time = LessonTime(step: 1, plannedSteps: 100, lessons: 1)

  private func gradient(_ scale: Float) -> Moments {
    var values = GradientCheck.values([40], magnitudes: 0.5...1, seed: 3).elements
    for index in values.indices { values[index] *= scale }
    return Moments(of: Tensor(values, shape: [40]))
  }

  /// Large gradients whose steps turn out short, and small ones whose steps turn out long: psi tells them apart.
  @Test(arguments: [1.0, -1]) func largeAndSmallGradientsAreToldApart(sign: Double) throws {
    let psi = try EtaModelProposal(layer: 0, seed: 1)
    #expect(psi.propose(gradient(1)) == 0, "nothing learned yet")
    for lesson in 0..<200 {
      let isLarge = lesson % 2 == 0
      _ = psi.propose(gradient(isLarge ? 10 : 0.1))
      psi.learn(ratio: isLarge ? 0.5 * sign : -0.5 * sign, at: time)
    }
    let (large, small) = (psi.propose(gradient(10)), psi.propose(gradient(0.1)))
    #expect(large * sign > 0.3 && small * sign < -0.3, "\(large), \(small)")
    #expect(abs(large) <= log(2) && abs(small) <= log(2))
  }

  /// A ratio that is always the same says nothing that the step size does not learn itself.
  @Test func whatDoesNotChangeTeachesNothing() throws {
    let psi = try EtaModelProposal(layer: 0, seed: 1)
    for lesson in 0..<50 {
      _ = psi.propose(gradient(lesson % 2 == 0 ? 10 : 0.1))
      psi.learn(ratio: 0.75, at: time)
    }
    #expect(psi.propose(gradient(10)) == 0)
  }

  /// Behind half of the training, what is learned stays.
  @Test func lessonsEnd() throws {
    let psi = try EtaModelProposal(layer: 0, seed: 1)
    for lesson in 0..<50 {
      _ = psi.propose(gradient(1))
      psi.learn(ratio: Double(lesson % 2), at: LessonTime(step: 50, plannedSteps: 100, lessons: 9))
    }
    #expect(psi.propose(gradient(1)) == 0)
  }

  private func trained(_ proposal: ProposalRule?) throws -> (model: Model, algorithm: SAMTReplay) {
    let model = try perceptron([6, 8, 3], seed: 1)
    var configuration = SAMTReplay.Configuration()
    configuration.proposal = proposal
    configuration.window.shortest = 2
    configuration.window.examples = 2
    let algorithm = try SAMTReplay(for: model, configuration)
    try algorithm.begin(TrainingPlan(epochs: 1, stepsPerEpoch: 60, batchSize: 8), for: model)
    let executor = ModelExecutor(for: model, batchSize: 8)
    for step in 0..<40 {
      let batch = randomBatch(8, inputs: 6, classes: 3, seed: UInt64(step))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    }
    return (model, algorithm)
  }

  /// A psi that does not learn leaves every bit of a training; one that does changes it.
  @Test func aFrozenModelChangesNothing() throws {
    let plain = try trained(nil)
    let frozen = try trained(.etaModel(learningRate: 0)), learning = try trained(.etaModel())
    #expect(firstDifference(plain.model, frozen.model) == nil)
    #expect(firstDifference(plain.model, learning.model) != nil)
    #expect(plain.algorithm.blockReports.allSatisfy { $0.metrics["factor"] == nil })
    let factors = learning.algorithm.blockReports.compactMap { $0.metrics["factor"] }
    #expect(factors.count == 2 && factors.allSatisfy { (0.5...2).contains($0) && $0 != 1 })
  }

  @Test func whatMakesNoSenseIsATypedError() throws {
    let tries: [() throws -> EtaModelProposal] = [
      { try EtaModelProposal(layer: 0, seed: 0, learningRate: -1) },
      { try EtaModelProposal(layer: 0, seed: 0, learningRate: .nan) },
      { try EtaModelProposal(layer: 0, seed: 0, bound: 1) },
      { try EtaModelProposal(layer: 0, seed: 0, bound: .infinity) },
      { try EtaModelProposal(layer: 0, seed: 0, hiddenUnits: 0) },
    ]
    for (index, make) in tries.enumerated() { #expect(throws: SAMTError.self, "try \(index)") { try make() } }
  }
}
