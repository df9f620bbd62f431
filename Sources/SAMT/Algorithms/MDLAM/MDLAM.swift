/// mDLAM: trains a ReLU perceptron without backpropagation, by alternating minimization over its weights, biases,
/// pre-activations and activations (Wang, Li and Zhao, Neurocomputing 2022).
///
/// With the data set's inputs a_0 and, for layers l = 1 ... L, pre-activations z_l and activations a_l (l < L) as
/// variables of their own, one row per example, it makes
///
///     F = R(z_L) + sum_l mu/2 |W_l|^2 + sum_l rho/2 |z_l - a_(l-1) W_l^T - b_l|^2
///
/// small, subject to |relu(z_l) - a_l| <= epsilon (l < L). R is the loss, summed over the examples. One step is one
/// iteration: for each layer in turn, W_l, b_l, z_l and a_l move, each to where F is no larger. epsilon halves with each
/// iteration; where z_l or a_l do not satisfy the tighter constraint, they are brought back into it, and only there may
/// F rise.
///
/// A full-batch method (``isFullBatch``): the minibatch is the data set, and an epoch is one iteration. Parameters that
/// are frozen stay as they are. <doc:MDLAM> has the updates' formulas and what they cost.
public final class MDLAM: TrainingAlgorithm {
  /// The settings.
  public let configuration: Configuration
  /// How many iterations ran so far.
  public private(set) var iterations = 0
  let model: Model
  let examples: Int
  let layers: [MDLAMLayer]
  var firstProduct: FirstProduct
  var momentum: NesterovMomentum
  var output: OutputUpdate
  /// epsilon of the last iteration, or of the one that runs.
  var tolerance: Float { configuration.tolerance(ofIteration: max(iterations, 1)) }
  /// Whether epsilon became smaller with it.
  var isTighter: Bool { iterations > 1 && tolerance < configuration.tolerance(ofIteration: iterations - 1) }
  /// How far tighter constraints raised F in the last iteration.
  var constraintRise = 0.0
  /// Extrapolated updates of the last iteration that were done again without.
  var rejections = 0
  /// R(z_L) behind the last iteration.
  var outputLoss = 0.0
  /// Called after each update, for checks.
  var onUpdate: ((MDLAMUpdate, Int) -> Void)?

  /// Exact products replace those that were updated along with the weights every so many iterations, so that rounding
  /// does not add up.
  static let refreshInterval = 32

  /// Trains `model` on data sets of `examples` examples.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where the model is no ReLU perceptron, there is no example, or a setting
  ///   is out of range.
  public init(
    for model: Model, examples: Int, _ configuration: Configuration = Configuration()
  ) throws(SAMTError) {
    try configuration.validate()
    guard examples >= 1 else { throw .configuration("mDLAM needs at least one example, found \(examples)") }
    let linear = try MDLAM.linearLayers(of: model)
    self.model = model
    self.examples = examples
    self.configuration = configuration
    let isAccelerated = configuration.isAccelerated
    layers = linear.indices.map { index in
      MDLAMLayer(
        linear[index].layer, name: linear[index].name, examples: examples, isLast: index == linear.count - 1,
        keepsGradient: index > 0 || examples > linear[0].layer.settings.inputs, keepsHistory: isAccelerated)
    }
    firstProduct = FirstProduct(of: layers[0], examples: examples, keepsHistory: isAccelerated)
    momentum = NesterovMomentum(isUsed: isAccelerated)
    output = OutputUpdate(shape: layers[layers.count - 1].preactivation.shape, keepsHistory: isAccelerated)
  }

  /// True: every step takes the whole data set.
  public var isFullBatch: Bool { true }

  /// As many as iterations: each moves every parameter.
  public var parameterUpdates: Int { iterations }

  /// - Throws: ``SAMTError/configuration(_:)`` where this is another model than the one it was made for, or the batch
  ///   has another number of examples.
  public func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError) {
    guard model === self.model else { throw .configuration("mDLAM was made for another model") }
    guard plan.batchSize == examples else {
      throw .configuration("mDLAM was made for \(examples) examples at once, found batches of \(plan.batchSize)")
    }
    firstProduct.forgetInputs()
  }

  /// The iteration and what is reported of it, the momentum, and every variable with its last value where there is
  /// acceleration.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("iterations", &iterations)
    visitor.visit("outputLoss", &outputLoss)
    visitor.visit("constraintRise", &constraintRise)
    visitor.visit("rejections", &rejections)
    momentum.visitState(visitor)
    for layer in layers { visitor.nested(layer.name) { layer.visitState(visitor) } }
    visitor.nested(layers[0].name) { firstProduct.visitState(visitor) }
    visitor.nested(layers[layers.count - 1].name) { output.visitState(visitor) }
  }

  /// One iteration.
  ///
  /// - Precondition: the examples, and their order, of every step before.
  public func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport {
    ensure(executor.model === model, "the executor belongs to another model")
    ensure(batch.count == examples, "a batch of \(batch.count) examples, expected all \(examples)")
    firstProduct.prepare(for: batch.inputs)
    if iterations == 0 { begin(at: batch) }
    let report = StepReport(loss: evaluate(batch, in: executor, loss: loss))
    iterate(batch, loss)
    executor.invalidate(from: 0)
    return report
  }

  /// The model's loss, for the report: the first layer's product is there already.
  private func evaluate(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> Double {
    executor.load(batch.inputs)
    executor.supplyOutput(ofLayer: 0) { firstProduct.writePreactivation(of: layers[0], into: &$0) }
    return executor.evaluate(loss, batch.targets)
  }

  /// Every variable once.
  private func iterate(_ batch: Batch, _ loss: any Loss) {
    iterations += 1
    let beta = momentum.next()
    (constraintRise, rejections) = (0, 0)
    if iterations % MDLAM.refreshInterval == 0 { refreshResiduals(batch.inputs) }
    for index in 0..<layers.count {
      updateWeight(index, batch.inputs, beta)
      onUpdate?(.weight, index)
      updateBias(index)
      onUpdate?(.bias, index)
      if index < layers.count - 1 {
        updatePreactivation(index)
        onUpdate?(.preactivation, index)
        updateActivation(index, beta)
        onUpdate?(.activation, index)
      } else {
        updateOutput(batch.targets, loss, beta)
        onUpdate?(.output, index)
      }
    }
  }
}

/// Which variable moved.
enum MDLAMUpdate {
  case weight, bias, preactivation, activation, output
}
