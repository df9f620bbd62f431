/// One batch on its way through a model, and how much of it still matches the parameters.
///
/// Two watermarks make evaluation partial. Outputs of the layers below ``validOutputs`` match the current parameters,
/// and output gradients from layer ``validGradients`` up match the current outputs. A changed layer lowers the first
/// and voids the second; ``evaluate(_:_:)`` runs only stale layers, and ``backward(to:)`` goes on from where the last
/// call stood. Nothing else in the library knows how to run a model.
///
/// A batch may be divided into shards (<doc:DataParallel>). Each runs through the model alone, on the rank whose it is;
/// losses, gradients and statistics are those of the whole batch, summed over the shards in an order that depends on
/// their number alone.
///
/// Buffers are made once, for one batch size; after that no call allocates.
public final class ModelExecutor {
  /// The model whose batches run through this executor.
  public let model: Model
  /// The number of examples in a batch.
  public let batchSize: Int
  /// Training executors hold gradients and draw dropout masks; inference executors do neither.
  public let mode: Mode
  /// The passes run so far, by layers with parameters, one for all shards together; those of all executors that share
  /// them.
  public var passes: LayerPasses { counter.passes }
  /// Takes in the predictions for each batch when they are first evaluated; nil where nothing is measured.
  public var metrics: MetricAccumulator?

  /// Nil where the batch is divided.
  private let whole: ShardExecutor?
  /// Nil where the batch is one shard on one rank, which needs no sums.
  private let divided: DividedExecutor?
  private let counter: PassCounter
  /// Whether the batch has still to be evaluated for the first time, its statistics to be followed and it to be measured.
  private var isUnseen = false
  /// Where the layers' generators stand while a batch is replayed.
  private var current: Draw
  /// The layer of ``backward(to:)-(Int)``.
  private var oneLayer = [0]
  /// By layer, where an observer looks at it.
  private var squares: [LayerMeanSquares?]

  /// Buffers for batches of `batchSize` examples, the whole on one process.
  ///
  /// - Precondition: `batchSize` at least 1.
  public convenience init(for model: Model, batchSize: Int, mode: Mode = .training) {
    self.init(for: model, batchSize: batchSize, mode: mode, division: nil, counter: PassCounter())
  }

  /// Buffers for training on batches of `batchSize` examples in shards, of which this rank runs its part.
  ///
  /// - Precondition: `shards` in 1 ... `batchSize` and at most 4096; on several ranks, their number times 1, 2, 4, 8 ...
  public convenience init(for model: Model, batchSize: Int, shards: Int, on communicator: any Communicator) {
    self.init(
      for: model, batchSize: batchSize, mode: .training,
      division: BatchDivision(batchSize: batchSize, shards: shards, on: communicator), counter: PassCounter())
  }

  /// Buffers for batches of another size of the same model, in the same mode and in as many shards; passes are counted
  /// and batches measured together.
  ///
  /// Each of the two holds its own batch: what one evaluates is stale where the other moves the parameters.
  ///
  /// - Precondition: as for the other executor.
  public convenience init(sharing other: ModelExecutor, batchSize: Int) {
    self.init(
      for: other.model, batchSize: batchSize, mode: other.mode,
      division: other.divided?.division.resized(to: batchSize), counter: other.counter)
    metrics = other.metrics
  }

  private init(for model: Model, batchSize: Int, mode: Mode, division: BatchDivision?, counter: PassCounter) {
    ensure(batchSize >= 1, "a batch of \(batchSize) examples")
    if mode == .training { for parameter in model.parameters { parameter.makeGradient() } }
    self.model = model
    self.batchSize = batchSize
    self.mode = mode
    self.counter = counter
    current = Draw(of: model)
    squares = [LayerMeanSquares?](repeating: nil, count: model.layers.count)
    if let division, !division.isWhole {
      whole = nil
      divided = DividedExecutor(division, of: model, counter: counter)
    } else {
      whole = ShardExecutor(for: model, count: batchSize, mode: mode, counter: counter)
      divided = nil
    }
  }

  /// Outputs of layers `0 ..< validOutputs` match the parameters and the loaded batch.
  ///
  /// Of a batch in shards that share their memory, none.
  public var validOutputs: Int { divided?.validOutputs ?? wholeBatch("its outputs").validOutputs }

  /// Output gradients of layers `validGradients...` match the outputs; the number of layers where none does.
  public var validGradients: Int { divided?.validGradients ?? wholeBatch("its gradients").validGradients }

  /// The bytes of the layers' outputs and their gradients that are in memory on this rank.
  ///
  /// Shards for which ``evaluateWithGradients(_:_:of:observer:)`` alone was called share the memory of one of them, or,
  /// where they are not all equally large, of two.
  public var activationBytes: Int {
    MemoryLayout<Float>.stride * (divided?.activationCount ?? wholeBatch("its memory").activationCount)
  }

  /// Lets go of the batch, so that its memory may be written in place.
  public func unload() {
    whole?.unload()
    divided?.unload()
  }

  /// Says that the parameters of layer `index` changed, or that its outputs are stale for another reason.
  public func invalidate(from index: Int) {
    whole?.invalidate(from: index)
    divided?.invalidate(from: index)
  }

  /// Takes the output of layer `index` for the loaded batch from whoever knows it, in place of running the layers up to
  /// there; outputs below stay stale.
  ///
  /// - Precondition: a loaded batch that is one shard; a layer that every way through the model goes through.
  func supplyOutput(ofLayer index: Int, _ write: (inout Tensor) -> Void) {
    wholeBatch("its outputs").supplyOutput(ofLayer: index, write)
  }

  /// The model's output for the loaded batch, [batch, ...], on every rank; runs the stale layers.
  public func output() -> Tensor { divided?.output() ?? wholeBatch("its output").output() }

  /// The mean loss of the loaded batch; runs the stale layers and leaves the loss's gradient in the last one.
  ///
  /// The first call for a batch, unless it is replayed, adds it to the ``metrics``.
  public func evaluate(_ loss: any Loss, _ targets: Targets) -> Double {
    let isFirst = isUnseen
    isUnseen = false
    let value =
      divided?.evaluate(loss, targets, isFirst: isFirst) ?? wholeBatch("its loss").evaluate(loss, targets)
    if isFirst { metrics?.add(output(), targets: targets) }
    return value
  }

  /// The mean loss of the loaded batch, and the gradients of several layers' parameters: ``evaluate(_:_:)`` and
  /// ``backward(to:)-([Int])`` at once.
  ///
  /// Shards run through both one after the other, in the memory of one, and ranks exchange all that they sum together. An
  /// algorithm that has no use for parts of an evaluation calls this.
  ///
  /// - Parameters:
  ///   - layers: in ascending order.
  ///   - observer: is shown each of these layers that is a ``ProductLayer``, from the last to the first.
  public func evaluateWithGradients(
    _ loss: any Loss, _ targets: Targets, of layers: [Int], observer: (any LayerObserver)? = nil
  ) -> Double {
    guard let divided else {
      let value = evaluate(loss, targets)
      for position in stride(from: layers.count - 1, through: 0, by: -1) {
        backward(to: layers[position])
        if let observer { show(layer: layers[position], to: observer) }
      }
      return value
    }
    let isFirst = isUnseen
    isUnseen = false
    let isMeasured = isFirst && metrics != nil
    let value = divided.evaluateWithGradients(
      loss, targets, of: layers, observer: observer, isFirst: isFirst, collects: isMeasured)
    if isMeasured { metrics?.add(divided.collectedOutputs(), targets: targets) }
    return value
  }

  /// Writes the gradients of layer `index`'s parameters, carrying output gradients down to it where they are stale.
  ///
  /// Call for the highest layer first: each call goes on where the last one stood, and one for a higher layer begins
  /// again at the loss.
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change.
  public func backward(to index: Int) {
    oneLayer[0] = index
    backward(to: oneLayer)
  }

  /// Writes the gradients of several layers' parameters, given in ascending order, as ``backward(to:)-(Int)`` does.
  ///
  /// Ranks exchange the gradients of all these layers at once, which takes less time than one after the other.
  public func backward(to layers: [Int]) {
    whole?.backward(to: layers)
    divided?.backward(to: layers)
  }

  /// Writes the loss's gradient with respect to the loaded inputs, [batch, ...].
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change; `gradient` has the batch's shape; the batch is one
  ///   shard.
  public func inputGradient(into gradient: inout Tensor) {
    wholeBatch("its gradient").inputGradient(into: &gradient)
  }

  /// Shows an observer the layer that the last backward pass ended at, where that has a weight.
  private func show(layer index: Int, to observer: any LayerObserver) {
    guard let layer = model.layers[index] as? any ProductLayer else { return }
    if squares[index] == nil { squares[index] = LayerMeanSquares(of: layer) }
    wholeBatch("its tensors").withTensors(ofLayer: index) {
      squares[index]?.measure(layer, input: $0, outputGradient: $1)
    }
    if let means = squares[index] { observer.observe(layer, means) }
  }

  /// The batch's executor; traps where the batch is divided.
  private func wholeBatch(_ wanted: String) -> ShardExecutor {
    guard let whole else { fatalError("of a batch in shards, \(wanted) lie with their ranks") }
    return whole
  }

  /// The passes, which is all that outlives a batch.
  func visitState(_ visitor: StateVisitor) {
    visitor.nested("passes") {
      visitor.visit("forward", &counter.passes.forward)
      visitor.visit("parameterGradient", &counter.passes.parameterGradient)
      visitor.visit("inputGradient", &counter.passes.inputGradient)
    }
  }

  // MARK: Loading

  /// Notes where the next batch draws from; allocates nothing.
  ///
  /// - Precondition: a draw of the same model.
  public func noteDraw(_ draw: inout Draw) {
    ensure(draw.generators.count == model.layers.count, "a draw of another model")
    for index in model.layers.indices { draw.generators[index] = model.layers[index].generator }
  }

  /// Takes a batch, sharing its memory, and draws what is random about it.
  ///
  /// - Precondition: [batchSize, ...], with as many elements behind the batch axis as the model's input.
  public func load(_ inputs: Tensor) { load(inputs, isReplay: false) }

  /// Loads a batch once more, for its loss and gradients alone.
  ///
  /// What is random about it is drawn from `draw`: the dropout masks are those of the batch that was loaded after
  /// ``noteDraw(_:)``. Nothing that outlives the batch changes: generators, running statistics and ``passes`` stay as
  /// they are.
  ///
  /// - Precondition: as for ``load(_:)``; a draw of the same model.
  public func load(_ inputs: Tensor, replaying draw: Draw) {
    ensure(draw.generators.count == model.layers.count, "a draw of another model")
    for index in model.layers.indices {
      let generator = model.layers[index].generator
      guard generator != nil else { continue }
      current.generators[index] = generator
      model.layers[index].generator = draw.generators[index]
    }
    load(inputs, isReplay: true)
    for index in model.layers.indices {
      guard let generator = current.generators[index] else { continue }
      model.layers[index].generator = generator
    }
  }

  private func load(_ inputs: Tensor, isReplay: Bool) {
    model.requireBatch(inputs.shape, size: batchSize)
    isUnseen = !isReplay
    whole?.load(inputs, keepsStatistics: isReplay, countsPasses: !isReplay)
    divided?.load(inputs, isReplay: isReplay)
  }
}
