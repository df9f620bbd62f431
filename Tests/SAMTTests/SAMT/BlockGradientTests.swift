import SAMTTestSupport
import Testing

@testable import SAMT

/// A whole block, single-precision kernels included, against the double reference.
@Suite struct BlockGradientTests {
  /// A block of [7, 11 + 1], with gradients of the given values handed to it as a backward pass would.
  private struct Bench {
    let layer = Linear(11, 7)
    let block: SAMTBlock
    private var generator = Generator(seed: 8)

    init(_ stepSizes: StepSizes, weightDecay: Double = 0) throws {
      let layer = layer
      let model = try Model(input: [11], seed: 1) { layer }
      for parameter in model.parameters { parameter.makeGradient() }
      block = try SAMTBlock(model.blocks[0], stepSizes: stepSizes, weightDecay: weightDecay, seed: 2)
    }

    /// Random gradients, as [W | b].
    mutating func setGradients(deviation: Float) -> Matrix {
      for parameter in layer.parameters {
        Initializer.normal(deviation: deviation).fill(&parameter.gradient, using: &generator)
      }
      return joined { $0.gradient }
    }

    func joined(_ part: (Parameter) -> Tensor) -> Matrix {
      Matrix(part(layer.weight)).joined(Matrix(part(layer.bias!)))
    }
  }

  private let scale: Float = 0.75

  @Test(arguments: EtaCase.all) func stepAndLessonAreThoseOfTheReference(_ etaCase: EtaCase) throws {
    let stepSizes = etaCase.stepSizes(learningRate: 0.05)
    var bench = try Bench(stepSizes)
    for _ in 0..<6 {
      _ = bench.setGradients(deviation: 0.2)
      bench.block.propose(scale: 1)
      _ = bench.setGradients(deviation: 0.2)
      bench.block.learn()
    }
    let (held, old) = (bench.setGradients(deviation: 0.3), bench.joined { $0.value })
    bench.block.propose(scale: scale)
    let eta = ReferenceEta(
      stepSizes, rows: 7, columns: 12, features: bench.block.eta.features, parameters: bench.block.eta.parameters)
    // Six lessons must have moved it, or the test would only see the start.
    #expect(eta.parameters.suffix(2 * eta.outputCount).contains { abs($0) > 0.05 })
    let (sizes, new) = (eta.eta, bench.joined { $0.value })
    for i in 0..<7 {
      for j in 0..<12 {
        let step = Double(scale) * sizes[i, j] * held[i, j]
        // Rounding of the step size and of the update; a factored head's exponentials are single precision, and its
        // half range of 7 multiplies their error.
        let stepRounding: Double = etaCase.granularity == .element ? 64 : 4
        let allowed: Double = 0x1p-23 * (abs(old[i, j]) + abs(step) * stepRounding)
        let error: Double = abs(new[i, j] - old[i, j] + step)
        #expect(error <= allowed, "\(i), \(j)")
      }
    }
    let mean = Double(scale) * sizes.elements.reduce(0, +) / Double(sizes.elements.count)
    #expect(abs(bench.block.report.metrics["stepSize"]! - mean) <= 1e-5 * mean)

    let after = bench.setGradients(deviation: 0.3)
    bench.block.learn()
    let products = Matrix(7, 12) { -Double(scale) * held[$0, $1] * after[$0, $1] }
    let head = eta.headGradients(products)
    let reference = eta.gradients(p: head.p, q: head.q)
    let boundHead = eta.headGradients(products, isBound: true)
    let bound = eta.gradients(p: boundHead.p, q: boundHead.q, isBound: true)
    let found = bench.block.eta.lastGradients
    try #require(found.count == reference.count)
    // 84 products summed in single precision at worst, each with the error of a step size as above.
    for k in found.indices {
      let error = abs(found[k] - reference[k])
      #expect(error <= 0x1p-24 * (84 + 64) * bound[k], "parameter \(k)")
    }
  }

  /// The bounds above must not be so wide that nothing can fail.
  @Test func boundsAreTight() {
    let count = ReferenceEta.parameterCount(outputs: 19, hidden: 4)
    let parameters: [Double] = (0..<count).map { index in Double(index % 7) / 10 - 0.3 }
    let eta = ReferenceEta(
      EtaCase(granularity: .element, projection: .logarithmicTanh, isGated: true).stepSizes(), rows: 7, columns: 12,
      features: [0.5, -1, 0.2, 1, -0.3], parameters: parameters)
    let products = Matrix(7, 12) { Double(($0 + 2 * $1) % 5) - 2 }
    let head = eta.headGradients(products)
    let reference = eta.gradients(p: head.p, q: head.q)
    let boundHead = eta.headGradients(products, isBound: true)
    let bound = eta.gradients(p: boundHead.p, q: boundHead.q, isBound: true)
    let allowed = bound.map { 0x1p-24 * (84 + 64) * $0 }.max()!
    let largest = reference.map(abs).max()!
    #expect(allowed <= 1e-3 * largest)
  }

  @Test func weightDecayShrinksWeightsOnly() throws {
    var bench = try Bench(StepSizes(.scalar, initial: 0.25), weightDecay: 0.5)
    _ = bench.setGradients(deviation: 0)
    let (weight, bias) = (bench.layer.weight.value.elements, bits(bench.layer.bias!.value))
    bench.block.propose(scale: 1)
    // 1 - 0.5 * 0.25 is exact, so each product is rounded once.
    #expect(bench.layer.weight.value.elements == weight.map { $0 * 0.875 })
    #expect(bits(bench.layer.bias!.value) == bias)
  }

  /// The decay is by the step's own sizes: none where the schedule is at 0, and half where it is at a half, after a step
  /// at full size.
  @Test(arguments: StepSizes.Granularity.allCases, [Float(0), 0.5])
  func decayFollowsTheStepsOwnSizes(_ granularity: StepSizes.Granularity, _ scale: Float) throws {
    var bench = try Bench(StepSizes(granularity, initial: 0.25, learningRate: 0), weightDecay: 0.5)
    _ = bench.setGradients(deviation: 0)
    bench.block.propose(scale: 1)
    let (weight, bias) = (bench.layer.weight.value.elements, bits(bench.layer.bias!.value))
    _ = bench.setGradients(deviation: 0)
    bench.block.propose(scale: scale)
    // The factored head's step sizes are a product of single-precision factors, so its mean is near 0.25 alone, and the
    // decay is a product that is taken off: some eight roundings of a number below the weight's.
    let factor = Float(1 - 0.5 * 0.25 * Double(scale))
    let found = bench.layer.weight.value.elements
    for i in weight.indices {
      #expect(abs(found[i] - factor * weight[i]) <= (scale == 0 ? 0 : 8 * 0x1p-24 * abs(weight[i])), "\(i)")
    }
    #expect(bits(bench.layer.bias!.value) == bias)
  }

  @Test(arguments: StepSizes.Granularity.allCases)
  func rejectingGivesTheOldBitsBack(_ granularity: StepSizes.Granularity) throws {
    var bench = try Bench(StepSizes(granularity, initial: 0.5))
    let before = bench.layer.parameters.map { bits($0.value) }
    _ = bench.setGradients(deviation: 1)
    bench.block.propose(scale: 1)
    #expect(bench.layer.parameters.map { bits($0.value) } != before)
    bench.block.reject()
    #expect(bench.layer.parameters.map { bits($0.value) } == before)
    #expect(bench.block.rejections == 1)
  }

  @Test(arguments: StepSizes.Granularity.allCases, [Float.nan, .infinity])
  func gradientsThatAreNoNumbersTeachNothing(_ granularity: StepSizes.Granularity, _ poison: Float) throws {
    var bench = try Bench(StepSizes(granularity, initial: 0.5))
    _ = bench.setGradients(deviation: 1)
    bench.block.propose(scale: 1)
    _ = bench.setGradients(deviation: 1)
    bench.block.learn()
    let before = bench.block.eta.parameters.map(\.bitPattern)
    _ = bench.setGradients(deviation: 1)
    bench.block.propose(scale: 1)
    _ = bench.setGradients(deviation: 1)
    bench.layer.weight.gradient.withMutableSpan { $0[5] = poison }
    bench.block.learn()
    #expect(bench.block.eta.parameters.map(\.bitPattern) == before)
    // Nor do they spoil the features that later step sizes come from.
    _ = bench.setGradients(deviation: 1)
    bench.layer.weight.gradient.withMutableSpan { $0[5] = poison }
    bench.block.propose(scale: 1)
    #expect(bench.block.eta.features.allSatisfy { $0.isFinite })
    bench.block.reject()
    _ = bench.setGradients(deviation: 1)
    bench.block.propose(scale: 1)
    #expect(bench.joined { $0.value }.elements.allSatisfy { $0.isFinite })
  }
}
