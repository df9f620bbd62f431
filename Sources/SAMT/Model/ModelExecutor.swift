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

  /// This rank's shards, at least one.
  private let shards: [ShardExecutor]
  /// How shards become a batch; nil where there is but one.
  private let division: BatchDivision?
  private let counter: PassCounter
  /// Whether the batch has still to be evaluated for the first time, its statistics to be followed and it to be measured.
  private var isUnseen = false
  /// Where the layers' generators stand while a batch is replayed.
  private var current: Draw
  /// Where the generators of a divided batch's shards begin.
  private var divided: Draw
  /// The layer of ``backward(to:)-(Int)``.
  private var oneLayer = [0]

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
      for: other.model, batchSize: batchSize, mode: other.mode, division: other.division?.resized(to: batchSize),
      counter: other.counter)
    metrics = other.metrics
  }

  private init(for model: Model, batchSize: Int, mode: Mode, division: BatchDivision?, counter: PassCounter) {
    ensure(batchSize >= 1, "a batch of \(batchSize) examples")
    if mode == .training { for parameter in model.parameters { parameter.makeGradient() } }
    self.model = model
    self.batchSize = batchSize
    self.mode = mode
    self.counter = counter
    // A batch that is one shard on one rank needs no sums.
    self.division = division?.isWhole == true ? nil : division
    let counts = division?.rows.map(\.count) ?? [batchSize]
    shards = counts.enumerated().map { index, count in
      ShardExecutor(for: model, count: count, mode: mode, counter: index == 0 ? counter : PassCounter())
    }
    current = Draw(of: model)
    divided = current
  }

  /// Outputs of layers `0 ..< validOutputs` match the parameters and the loaded batch.
  public var validOutputs: Int { shards[0].validOutputs }

  /// Output gradients of layers `validGradients...` match the outputs; the number of layers where none does.
  public var validGradients: Int { shards[0].validGradients }

  /// Lets go of the batch, so that its memory may be written in place.
  public func unload() { for index in shards.indices { shards[index].unload() } }

  /// Says that the parameters of layer `index` changed, or that its outputs are stale for another reason.
  public func invalidate(from index: Int) { for shard in shards.indices { shards[shard].invalidate(from: index) } }

  /// Takes the output of layer `index` for the loaded batch from whoever knows it, in place of running the layers up to
  /// there; outputs below stay stale.
  ///
  /// - Precondition: a loaded batch that is one shard; a layer that every way through the model goes through.
  func supplyOutput(ofLayer index: Int, _ write: (inout Tensor) -> Void) {
    ensure(division == nil, "the outputs of a batch in shards lie with their ranks")
    shards[0].supplyOutput(ofLayer: index, write)
  }

  /// The model's output for the loaded batch, [batch, ...], on every rank; runs the stale layers.
  public func output() -> Tensor {
    guard let division else { return shards[0].output() }
    return division.collect(shards)
  }

  /// The mean loss of the loaded batch; runs the stale layers and leaves the loss's gradient in the last one.
  ///
  /// The first call for a batch, unless it is replayed, adds it to the ``metrics``.
  public func evaluate(_ loss: any Loss, _ targets: Targets) -> Double {
    let value = division?.evaluate(shards, loss, targets) ?? shards[0].evaluate(loss, targets)
    if isUnseen {
      isUnseen = false
      division?.followStatistics(shards, of: model)
      metrics?.add(output(), targets: targets)
    }
    return value
  }

  /// Writes the gradients of layer `index`'s parameters, carrying output gradients down to it where they are stale.
  ///
  /// Call for the highest layer first: each call goes on where the last one stood, and one for a higher layer begins
  /// again at the loss.
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change.
  public func backward(to index: Int) {
    guard division != nil else { return shards[0].backward(to: index) }
    oneLayer[0] = index
    backward(to: oneLayer)
  }

  /// Writes the gradients of several layers' parameters, given in ascending order, as ``backward(to:)-(Int)`` does.
  ///
  /// Ranks exchange the gradients of all these layers at once, which takes less time than one after the other.
  public func backward(to layers: [Int]) {
    guard let division else { return shards[0].backward(to: layers) }
    division.backward(shards, to: layers, of: model)
  }

  /// Calls `body` with the input of layer `index`, and the loss's gradient with respect to its output.
  ///
  /// - Precondition: ``backward(to:)-(Int)`` for this layer was the last call; the batch is one shard.
  public func withTensors(ofLayer index: Int, _ body: (_ input: Tensor, _ outputGradient: Tensor) -> Void) {
    ensure(division == nil, "the tensors of a batch in shards lie with their ranks")
    shards[0].withTensors(ofLayer: index, body)
  }

  /// Writes the loss's gradient with respect to the loaded inputs, [batch, ...].
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change; `gradient` has the batch's shape; the batch is one
  ///   shard.
  public func inputGradient(into gradient: inout Tensor) {
    ensure(division == nil, "the gradient of a batch in shards lies with their ranks")
    shards[0].inputGradient(into: &gradient)
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
    guard let division else { return shards[0].load(inputs, isReplay: isReplay, keepsStatistics: false) }
    noteDraw(&divided)
    for index in shards.indices {
      setGenerators { $0.shard(division.first + index) }
      shards[index].load(inputs[rows: division.rows[index]], isReplay: isReplay, keepsStatistics: true)
    }
    setGenerators { $0.afterShards }
  }

  /// Sets each layer's generator to what `next` makes of the one that the divided batch began with.
  private func setGenerators(_ next: (Generator) -> Generator) {
    for index in model.layers.indices {
      guard let generator = divided.generators[index] else { continue }
      model.layers[index].generator = next(generator)
    }
  }
}
