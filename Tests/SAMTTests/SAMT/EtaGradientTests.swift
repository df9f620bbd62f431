import SAMTTestSupport
import Testing

@testable import SAMT

/// The eta model's gradient against numeric derivatives of the loss after the step, all in double precision.
@Suite struct EtaGradientTests {
  /// An eta model that has seen three gradients and has random parameters, and its reference.
  private func models(_ stepSizes: StepSizes, rows: Int, columns: Int) -> (EtaModel, ReferenceEta) {
    let outputs = ReferenceEta(stepSizes, rows: rows, columns: columns, features: [], parameters: []).outputCount
    var generator = Generator(seed: 5)
    var model = EtaModel(
      outputs: outputs, hidden: stepSizes.hiddenUnits, learningRate: 1e-3, initialP: 0, initialQ: 0,
      using: &generator)
    for deviation: Float in [0.1, 0.3, 0.2] {
      var gradient = Tensor(zeros: [rows, columns])
      Initializer.normal(deviation: deviation).fill(&gradient, using: &generator)
      model.observe(Moments(of: gradient))
    }
    model.setParameters(generator.normals(model.parameters.count, deviation: 0.5))
    let reference = ReferenceEta(
      stepSizes, rows: rows, columns: columns, features: model.features, parameters: model.parameters)
    return (model, reference)
  }

  /// dL(W - eta g) / d psi by numeric derivatives.
  private func numericGradient(_ eta: ReferenceEta, _ network: ReferenceNetwork, block: Int) -> [Double] {
    let (old, gradient) = (network.blocks[block], network.gradient(block))
    var moved = network
    var eta = eta
    return FiniteDifference.gradient(at: eta.parameters) { parameters in
      eta.parameters = parameters
      let sizes = eta.eta
      moved.blocks[block] = Matrix(old.rows, old.columns) { old[$0, $1] - sizes[$0, $1] * gradient[$0, $1] }
      return moved.loss
    }
  }

  /// -g g' at the entries of the block, g' being the gradient after the step: the loss's gradient by each step size.
  private func etaGradients(_ eta: ReferenceEta, _ network: ReferenceNetwork, block: Int) -> Matrix {
    let (old, gradient, sizes) = (network.blocks[block], network.gradient(block), eta.eta)
    var moved = network
    moved.blocks[block] = Matrix(old.rows, old.columns) { old[$0, $1] - sizes[$0, $1] * gradient[$0, $1] }
    let after = moved.gradient(block)
    return Matrix(old.rows, old.columns) { -gradient[$0, $1] * after[$0, $1] }
  }

  /// Each part of psi within 1e-9 of its largest numeric gradient: the numeric ones are exact to about 1e-12.
  private func expectAgreement(
    _ analytic: [Double], _ numeric: [Double], _ eta: ReferenceEta, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (name, range) in eta.parts {
      let isGate = name == "Bp" || name == "cp"
      if isGate && !eta.stepSizes.isGated {
        #expect(analytic[range].allSatisfy { $0 == 0 }, "\(what) \(name)", sourceLocation: sourceLocation)
      } else {
        let error = relativeError(Array(analytic[range]), Array(numeric[range]))
        #expect(error <= 1e-9, "\(what) \(name)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test(arguments: EtaCase.all, [0, 1]) func psiGradientIsThatOfTheLossAfterTheStep(_ etaCase: EtaCase, block: Int) {
    let network = smallReferenceNetwork()
    let (rows, columns) = (network.blocks[block].rows, network.blocks[block].columns)
    let stepSizes = etaCase.stepSizes()
    var (model, eta) = models(stepSizes, rows: rows, columns: columns)
    let numeric = numericGradient(eta, network, block: block)
    let stepSizeGradients = etaGradients(eta, network, block: block)

    let head = eta.headGradients(stepSizeGradients)
    expectAgreement(eta.gradients(p: head.p, q: head.q), numeric, eta, "reference")

    // The library's own chain: pooled by the head's shape, through the projection, through the two layers.
    let projection = EtaProjection(stepSizes)
    var (p, q) = ([Double](repeating: 0, count: eta.outputCount), [Double](repeating: 0, count: eta.outputCount))
    for i in 0..<rows {
      for j in 0..<columns {
        let outputs = eta.contributors(i, j)
        let value = projection.value(
          p: outputs.reduce(0) { $0 + model.p[$1] }, q: outputs.reduce(0) { $0 + model.q[$1] })
        let gradient = projection.gradient(value, stepSizeGradient: stepSizeGradients[i, j])
        for k in outputs {
          p[k] += gradient.p
          q[k] += gradient.q
        }
      }
    }
    model.backward(pGradient: p, qGradient: q)
    expectAgreement(model.lastGradients, numeric, eta, "library")
  }

  /// The negative control: what a wrong chain looks like to the same comparison.
  @Test func wrongChainsAreCaught() {
    let network = smallReferenceNetwork()
    let stepSizes = EtaCase(granularity: .row, projection: .logarithmicTanh, isGated: true).stepSizes()
    let (_, eta) = models(stepSizes, rows: 4, columns: 4)
    let numeric = numericGradient(eta, network, block: 0)
    var etaGradients = etaGradients(eta, network, block: 0)
    etaGradients[0, 0] *= 1.001
    let head = eta.headGradients(etaGradients)
    #expect(relativeError(eta.gradients(p: head.p, q: head.q), numeric) > 1e-6)
    // Stepping along g' in place of g is the mistake that a second forward pass invites.
    let after = network.gradient(0)
    let swapped = eta.headGradients(Matrix(4, 4) { -after[$0, $1] * after[$0, $1] })
    #expect(relativeError(eta.gradients(p: swapped.p, q: swapped.q), numeric) > 1e-3)
  }

  @Test(arguments: EtaCase.all) func outputsAreThoseOfTheReference(_ etaCase: EtaCase) {
    let (model, eta) = models(etaCase.stepSizes(), rows: 3, columns: 4)
    // Both sum a handful of products in double.
    #expect(relativeError(model.p, eta.outputs.p) <= 1e-14)
    #expect(relativeError(model.q, eta.outputs.q) <= 1e-14)
    let projection = EtaProjection(etaCase.stepSizes())
    for (p, q) in [(0.0, 0.0), (-2, 1.5), (0.7, -3), (4, 0.2)] {
      let (ours, theirs) = (projection.value(p: p, q: q), eta.project(p: p, q: q))
      // Written as a ratio to eta0, ours goes through exponentials of up to 7, whose rounding is as many ulp.
      let error = relativeError([ours.gate, ours.learned, ours.slope], [theirs.gate, theirs.learned, theirs.slope])
      #expect(error <= 1e-14, "p \(p), q \(q)")
    }
  }
}
