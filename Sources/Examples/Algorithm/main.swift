// A training algorithm of your own, with its state, in a training that is saved in the middle and resumed bit for bit.

import Foundation
import SAMT

/// Sharpness-aware minimization (Foret, Kleiner, Mobahi and Neyshabur, ICLR 2021), with momentum.
///
/// A step climbs from w to w + rho g / |g|, takes the gradient h there, and goes down from w by it:
///
///     v = momentum v + h,   w = w - rate v
///
/// An `Optimizer` moves parameters by gradients that are given; this method asks for the gradients twice, so it is a
/// `TrainingAlgorithm`.
final class SharpnessAware: TrainingAlgorithm {
  private let (rate, momentum, radius): (Float, Float, Float)
  private let parameters: [Parameter]
  /// v for each parameter.
  private var velocities: [Tensor]
  /// Where the parameters stood before the climb.
  private var starts: [Tensor]
  private(set) var parameterUpdates = 0

  init(for model: Model, rate: Float, momentum: Float = 0.9, radius: Float = 0.05) {
    (self.rate, self.momentum, self.radius) = (rate, momentum, radius)
    parameters = model.trainableParameters
    velocities = parameters.map { Tensor(zeros: $0.shape) }
    starts = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// Refuses a model that this was not made for.
  func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError) {
    guard model.trainableParameters.elementsEqual(parameters, by: ===) else {
      throw .configuration("the algorithm was made for another model")
    }
  }

  func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
    let layers = executor.model.trainableLayers
    executor.load(batch.inputs)
    let value = executor.evaluateWithGradients(loss, batch.targets, of: layers)

    let norm = parameters.reduce(0) { $0 + Kernels.dot($1.gradient, $1.gradient) }.squareRoot()
    let climb = norm > 0 ? radius / Float(norm) : 0
    for (index, parameter) in parameters.enumerated() {
      Kernels.copy(parameter.value, into: &starts[index])
      Kernels.add(parameter.gradient, scaledBy: climb, to: &parameter.value)
    }
    // The executor keeps what it computed until it is told that parameters of a layer, and all above it, are new.
    executor.invalidate(from: 0)
    _ = executor.evaluateWithGradients(loss, batch.targets, of: layers)

    for (index, parameter) in parameters.enumerated() {
      Kernels.scale(&velocities[index], by: momentum)
      Kernels.add(parameter.gradient, to: &velocities[index])
      Kernels.copy(starts[index], into: &parameter.value)
      Kernels.add(velocities[index], scaledBy: -rate, to: &parameter.value)
    }
    executor.invalidate(from: 0)
    parameterUpdates += 1
    return StepReport(loss: value)
  }

  /// What the next step depends on: not the starts, which are written before they are read.
  func visitState(_ visitor: StateVisitor) {
    visitor.visit("updates", &parameterUpdates)
    for (index, parameter) in parameters.enumerated() {
      visitor.visit("velocity.\(parameter.path)", &velocities[index])
    }
  }
}

/// A trainer of a small network; the seed says where its weights begin.
func makeTrainer(seed: UInt64) throws -> Trainer {
  let model = try Model.mlp(inputs: 784, hidden: [64], outputs: 10, dropout: 0.1, seed: seed)
  var configuration = Trainer.Configuration()
  configuration.epochs = 6
  return try Trainer(model: model, algorithm: SharpnessAware(for: model, rate: 0.05), configuration: configuration)
}

let (training, test) = Dataset.digits(training: 4000, test: 1000, seed: 0)
let checkpoint = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
defer { try? FileManager.default.removeItem(atPath: checkpoint) }

// One training writes a checkpoint after three epochs, and goes on.
let first = try makeTrainer(seed: 0)
try first.fit(training, test: test, epochs: 3)
try first.checkpoint(to: checkpoint)
try first.fit(training, test: test)

// Another one begins with other weights, takes the checkpoint up, and goes the same way.
let second = try makeTrainer(seed: 1)
try second.resume(from: checkpoint)
try second.fit(training, test: test)

for report in second.reports { print("epoch \(report.epoch): test accuracy \(report.test!.metrics["accuracy"]!)") }
let accuracy = second.reports.last!.test!.metrics["accuracy"]!
guard accuracy >= 0.8 else { fatalError("the test accuracy should be at least 0.8") }

// A state is all items under their names; two of them are compared bit by bit.
let difference =
  State(of: first.model).firstDifference(State(of: second.model))
  ?? State(of: first.algorithm).firstDifference(State(of: second.algorithm))
if let difference { fatalError("the resumed training should have the same bits, and differs in \(difference)") }
print("the resumed training ended with the same bits")
