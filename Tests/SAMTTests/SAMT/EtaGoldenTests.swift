import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

/// The eta model against automatic differentiation by an independent script, Golden/eta_model.py.
@Suite struct EtaGoldenTests {
  private let rows = 2
  private let columns = 4
  private let hidden = 3

  /// scale sin(step i + phase), the formula from which the script too makes its inputs.
  private func wave(_ count: Int, _ step: Double, _ phase: Double, _ scale: Double) -> [Double] {
    (0..<count).map { scale * sin(step * Double($0) + phase) }
  }

  private func stepSizes(_ golden: EtaModelGolden.Case) throws -> StepSizes {
    let granularity = try #require(StepSizes.Granularity(rawValue: golden.granularity))
    let projections: [String: StepSizes.Projection] = [
      "logarithmic": .logarithmicTanh, "relative": .relativeTanh, "sigmoid": .sigmoid,
    ]
    return StepSizes(
      granularity, initial: 0.3, projection: try #require(projections[golden.projection]), isGated: golden.isGated,
      hiddenUnits: hidden)
  }

  private func network() -> ReferenceNetwork {
    ReferenceNetwork(
      blocks: [Matrix(2, 4, wave(8, 0.9, 0.1, 0.8)), Matrix(3, 3, wave(9, 1.3, 0.7, 0.8))],
      inputs: Matrix(5, 3, wave(15, 2.1, 0.2, 1)), labels: [0, 1, 2, 1, 0])
  }

  @Test(arguments: EtaModelGolden.cases.indices) func psiGradientIsThatOfAutomaticDifferentiation(index: Int) throws {
    let golden = EtaModelGolden.cases[index]
    let stepSizes = try stepSizes(golden)
    var eta = ReferenceEta(
      stepSizes, rows: rows, columns: columns, features: wave(5, 1.1, 0.5, 1.5), parameters: [])
    eta.parameters = wave(ReferenceEta.parameterCount(outputs: eta.outputCount, hidden: hidden), 1.7, 0.3, 0.6)

    // Both sides are double; a few thousand operations leave 1e-12.
    var network = network()
    #expect(abs(network.loss - golden.lossBefore) <= 1e-12)
    let (old, gradient, sizes) = (network.blocks[0], network.gradient(0), eta.eta)
    network.blocks[0] = Matrix(rows, columns) { old[$0, $1] - sizes[$0, $1] * gradient[$0, $1] }
    #expect(abs(network.loss - golden.lossAfter) <= 1e-12)
    let after = network.gradient(0)

    var generator = Generator(seed: 0)
    var model = EtaModel(
      outputs: eta.outputCount, hidden: hidden, learningRate: 1e-3, initialP: 0, initialQ: 0, using: &generator)
    model.setParameters(eta.parameters, features: eta.features)
    let projection = EtaProjection(stepSizes)
    let (p, q) = (model.p, model.q)
    var (pGradients, qGradients) = (p.map { _ in 0.0 }, q.map { _ in 0.0 })
    for i in 0..<rows {
      for j in 0..<columns {
        let outputs = eta.contributors(i, j)
        let value = projection.value(
          p: outputs.reduce(0) { $0 + p[$1] }, q: outputs.reduce(0) { $0 + q[$1] })
        let gradient = projection.gradient(value, stepSizeGradient: -gradient[i, j] * after[i, j])
        for k in outputs {
          pGradients[k] += gradient.p
          qGradients[k] += gradient.q
        }
      }
    }
    model.backward(pGradient: pGradients, qGradient: qGradients)
    let found = model.lastGradients
    for (name, range) in eta.parts where golden.isGated || (name != "Bp" && name != "cp") {
      #expect(relativeError(Array(found[range]), Array(golden.gradient[range])) <= 1e-9, "\(name)")
    }
    #expect(relativeError(found, golden.gradient) <= 1e-9)
  }

  /// The script's features come from doubles, the library's from single precision gradients, which the values are
  /// exactly; what is left is the rounding of sums of eight, a hundred times larger behind the division by the
  /// smallest deviation, 0.01.
  @Test func featuresAreThoseOfTheScript() {
    var generator = Generator(seed: 0)
    var model = EtaModel(
      outputs: 1, hidden: hidden, learningRate: 1e-3, initialP: 0, initialQ: 0, using: &generator)
    var found: [[Double]] = []
    for t in 0..<160 {
      let factor: Float = t == 11 ? 1 : 1 / 64
      let elements = (0..<8).map { Float((7 * $0 + 3 * t) % 11 - 5) * factor }
      model.observe(Moments(of: Tensor(elements, shape: [2, 4])))
      if [0, 1, 4, 11, 159].contains(t) { found.append(model.features) }
    }
    #expect(found.count == EtaModelGolden.features.count)
    for (index, golden) in EtaModelGolden.features.enumerated() {
      let error = zip(found[index], golden).map { abs($0 - $1) }.max() ?? .infinity
      #expect(found[index].count == golden.count)
      #expect(error <= 1e-5, "\(found[index]) instead of \(golden)")
    }
    #expect(EtaModelGolden.features[0] == [0, 0, 0, 0, 0])
    #expect(EtaModelGolden.features[3].contains(3), "the twelfth gradient must reach the clip")
  }

  @Test func lessonsAreAdamSteps() {
    var generator = Generator(seed: 0)
    var model = EtaModel(
      outputs: rows, hidden: hidden, learningRate: 1e-3, initialP: 0, initialQ: 0, using: &generator)
    let features = wave(5, 1.1, 0.5, 1.5)
    let start = wave(ReferenceEta.parameterCount(outputs: rows, hidden: hidden), 1.7, 0.3, 0.6)
    model.setParameters(start, features: features)
    for t in 0..<3 {
      model.learn(pGradient: wave(rows, 1.9, 0.4 + Double(t), 0.01), qGradient: wave(rows, 2.3, 0.9 + Double(t), 0.02))
      // A lesson leaves the outputs to the next gradient; here they are recomputed for the same features.
      model.setParameters(model.parameters)
    }
    #expect(relativeError(model.parameters, start) > 1e-3)
    #expect(relativeError(model.parameters, EtaModelGolden.lessons) <= 1e-12)
  }
}
