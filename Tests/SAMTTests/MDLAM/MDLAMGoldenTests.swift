import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

/// mDLAM against an independent implementation in double precision, update by update.
@Suite struct MDLAMGoldenTests {
  /// The script's numbers: scale sin(step i + phase), rounded to single precision.
  private static func wave(_ shape: Shape, step: Double, phase: Double, scale: Double) -> Tensor {
    Tensor((0..<shape.count).map { Float(scale * sin(step * Double($0) + phase)) }, shape: shape)
  }

  private static func run(_ golden: MDLAMGolden.Case) throws -> MDLAMRun {
    let model = try perceptron(golden.widths)
    for (index, layer) in model.layers.compactMap({ $0 as? Linear }).enumerated() {
      let l = Double(index + 1)
      layer.weight.value = wave(layer.weight.shape, step: 0.7 + 0.1 * l, phase: 0.2, scale: 0.8)
      layer.bias!.value = wave(layer.bias!.shape, step: 1.1, phase: 0.4 * l, scale: 0.3)
    }
    let (n, outputs) = (golden.examples, golden.widths.last!)
    let inputs = wave([n, golden.widths[0]], step: 1.7, phase: 0.1, scale: golden.inputScale)
    let classes = Targets.classes((0..<n).map { Int32($0 % outputs) }[...])
    let values = Targets.values(wave([n, outputs], step: 0.9, phase: 0.3, scale: 1.5))
    return try MDLAMRun(
      model, Batch(inputs: inputs, targets: golden.hasClasses ? classes : values),
      golden.hasClasses ? SoftmaxCrossEntropy() : MeanSquaredError()
    ) {
      $0.penalty = golden.penalty
      $0.weightPenalty = golden.weightPenalty
      ($0.initialTolerance, $0.finalTolerance) = golden.tolerances
      $0.isAccelerated = golden.isAccelerated
    }
  }

  /// The method's promise, in double precision: no update makes F larger; only a tighter constraint may.
  @Test(arguments: MDLAMGolden.cases.indices) func noUpdateRaisesTheObjective(index: Int) {
    let trace = MDLAMGolden.cases[index].trace
    for k in 1..<trace.count where trace[k].update != "tighten" {
      let (before, after) = (trace[k - 1].objective, trace[k].objective)
      // The script sums at most a few hundred terms of F's size.
      #expect(after <= before + 1e-13 * abs(before), "\(trace[k].update), entry \(k)")
    }
  }

  /// Every update takes F where the script takes it, and so the parameters.
  @Test(arguments: MDLAMGolden.cases.indices) func everyUpdateIsTheScripts(index: Int) throws {
    let golden = MDLAMGolden.cases[index]
    let run = try Self.run(golden)
    var found: [(update: String, objective: Double)] = []
    run.algorithm.onUpdate = { update, _ in found.append(("\(update)", run.objective)) }
    var rejections = 0
    for _ in 0..<golden.iterations {
      run.step()
      rejections += run.algorithm.rejections
    }
    let expected = golden.trace.filter { $0.update != "tighten" }
    #expect(found.map(\.update) == expected.map(\.update))
    // An update has some ten roundings of each number behind it, up to hundreds of terms long; errors of earlier updates
    // do not grow, since each one brings the variables closer to a minimum.
    for (k, (got, wanted)) in zip(found, expected).enumerated() {
      let error = abs(got.objective - wanted.objective)
      #expect(error <= 1e-5 * wanted.objective, "\(wanted.update), entry \(k): \(got.objective), \(wanted.objective)")
    }
    // Rounding decides where both objectives are the same.
    #expect(rejections >= golden.rejections)
    let parameters = run.model.parameters.flatMap { doubles($0.value) }
    #expect(parameters.count == golden.parameters.count)
    for (got, wanted) in zip(parameters, golden.parameters) {
      #expect(abs(got - wanted) <= 1e-4, "\(got), \(wanted)")
    }
  }
}
