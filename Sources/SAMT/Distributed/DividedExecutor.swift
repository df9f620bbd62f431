/// A batch in shards on its way through a model: this rank's shards, and the sums over all.
///
/// Losses, gradients and statistics are summed over the shards, each weighted by its part of the batch (``ShardSum``).
///
/// An algorithm that evaluates and goes back at once (``evaluateWithGradients(_:_:of:observer:isFirst:collects:)``) has
/// shards of equal size run in one executor, one after the other: the activations of one shard are in memory. One that
/// evaluates parts of the model needs those of all shards, and an executor for each is made when it first asks.
final class DividedExecutor {
  let division: BatchDivision
  private let model: Model
  private let counter: PassCounter
  private let sum: ShardSum
  private var losses: [Double]
  private let outputs: ShardOutputs
  private let batch = Buffer([0])
  private var isReplay = false
  /// Where the generators of the batch's shards begin.
  private var start: ModelExecutor.Draw
  /// Where the generators stand while shards draw.
  private var current: ModelExecutor.Draw
  /// For each shard; nil where it runs in that of the first shard of its size.
  private var executors: [ShardExecutor?]
  /// One layer's statistics.
  private let statistics = Buffer([0])
  private let statisticsCount: Int
  /// By layer, where an observer looks at it.
  private var squares: [LayerMeanSquares?]

  init(_ division: BatchDivision, of model: Model, counter: PassCounter) {
    self.division = division
    self.model = model
    self.counter = counter
    sum = ShardSum(of: division.rows.count, over: division.communicator)
    losses = [Double](repeating: 0, count: division.rows.count)
    outputs = ShardOutputs(on: division.communicator)
    start = ModelExecutor.Draw(of: model)
    current = start
    executors = [ShardExecutor?](repeating: nil, count: division.rows.count)
    statisticsCount = model.layers.reduce(0) { $0 + $1.statisticsCount }
    squares = [LayerMeanSquares?](repeating: nil, count: model.layers.count)
    for index in division.rows.indices where division.firstOfSize[index] == index { makeExecutor(index) }
  }

  /// Outputs of layers `0 ..< validOutputs` match the parameters and the loaded batch.
  var validOutputs: Int { hasEveryExecutor ? executor(0).validOutputs : 0 }

  /// Output gradients of layers `validGradients...` match the outputs.
  var validGradients: Int { hasEveryExecutor ? executor(0).validGradients : model.layers.count }

  /// The elements of the shards' outputs and their gradients that are held.
  var activationCount: Int { executors.reduce(0) { $0 + ($1?.activationCount ?? 0) } }

  // MARK: Loading

  /// Takes a batch, sharing its memory.
  func load(_ inputs: Tensor, isReplay: Bool) {
    batch.tensor = inputs
    self.isReplay = isReplay
    for index in model.layers.indices {
      start.generators[index] = model.layers[index].generator
      if let generator = start.generators[index] { model.layers[index].generator = generator.afterShards }
    }
    if hasEveryExecutor { for index in executors.indices { load(index) } }
  }

  /// Lets go of the batch.
  func unload() {
    batch.tensor = Tensor(zeros: [0])
    for index in executors.indices { executors[index]?.unload() }
  }

  /// Says that the parameters of layer `index` changed.
  func invalidate(from index: Int) {
    for shard in executors.indices { executors[shard]?.invalidate(from: index) }
  }

  private func makeExecutor(_ index: Int) {
    executors[index] = ShardExecutor(
      for: model, count: division.rows[index].count, mode: .training, counter: counter)
  }

  private var hasEveryExecutor: Bool {
    for index in executors.indices where executors[index] == nil { return false }
    return true
  }

  /// Makes the executors that are missing, and loads all; from then on they hold what they have evaluated.
  private func keepEveryShard() {
    guard !hasEveryExecutor else { return }
    for index in executors.indices {
      if executors[index] == nil { makeExecutor(index) }
      load(index)
    }
  }

  /// The executor of a shard, with its rows.
  private func executor(_ index: Int) -> ShardExecutor {
    guard let executor = executors[index] ?? executors[division.firstOfSize[index]] else {
      fatalError("no executor for the first shard of its size")
    }
    return executor
  }

  /// Puts a shard's rows into its executor, and draws what is random about them from the shard's generators.
  private func load(_ index: Int) {
    for layer in model.layers.indices {
      guard let generator = start.generators[layer] else { continue }
      current.generators[layer] = model.layers[layer].generator
      model.layers[layer].generator = generator.shard(division.first + index)
    }
    executor(index).load(
      batch.tensor[rows: division.rows[index]], keepsStatistics: true, countsPasses: !isReplay && index == 0)
    for layer in model.layers.indices where start.generators[layer] != nil {
      model.layers[layer].generator = current.generators[layer]
    }
  }

  // MARK: Evaluation

  /// The mean loss of the batch; leaves in each shard the gradient of its part of it.
  ///
  /// - Parameter isFirst: whether running statistics follow the batch's.
  func evaluate(_ loss: any Loss, _ targets: Targets, isFirst: Bool) -> Double {
    keepEveryShard()
    let whole = loss.weight(of: targets)
    for index in executors.indices { evaluate(index, loss, targets, whole) }
    if isFirst && statisticsCount > 0 {
      sum.begin(count: statisticsCount)
      for index in executors.indices { sum.add { writeStatistics(index, into: &$0) } }
      follow(sum.finish())
    }
    return sum.sum(&losses)
  }

  /// Writes the gradients of the layers' parameters that are not frozen.
  func backward(to layers: [Int]) {
    ensure(hasEveryExecutor, "evaluate the loss before going backward")
    sum.begin(count: vectorCount(of: layers, hasStatistics: false, hasSquares: false))
    for index in executors.indices {
      sum.add { total in
        var end = 0
        for position in stride(from: layers.count - 1, through: 0, by: -1) {
          executor(index).backward(to: layers[position])
          writeGradients(ofLayer: layers[position], into: &total, at: &end)
        }
      }
    }
    let total = sum.finish()
    var end = 0
    for position in stride(from: layers.count - 1, through: 0, by: -1) {
      readGradients(ofLayer: layers[position], from: total, at: &end)
    }
  }

  /// Both at once, shard by shard; what shards sum travels together.
  ///
  /// - Parameters:
  ///   - observer: is shown the layers that have weights, from the last to the first.
  ///   - isFirst: whether running statistics follow the batch's.
  ///   - collects: whether ``collectedOutputs()`` will be asked for.
  func evaluateWithGradients(
    _ loss: any Loss, _ targets: Targets, of layers: [Int], observer: (any LayerObserver)?, isFirst: Bool,
    collects: Bool
  ) -> Double {
    let whole = loss.weight(of: targets)
    let loads = !hasEveryExecutor
    if observer != nil { makeSquares(of: layers) }
    if collects { outputs.begin(division.rowsOfRanks, width: model.outputShape.count) }
    let firstGradient = isFirst ? statisticsCount : 0
    sum.begin(count: vectorCount(of: layers, hasStatistics: isFirst, hasSquares: observer != nil))
    for index in executors.indices {
      if loads { load(index) }
      evaluate(index, loss, targets, whole)
      if collects { putOutput(index) }
      sum.add { total in
        if isFirst { writeStatistics(index, into: &total) }
        var end = firstGradient
        for position in stride(from: layers.count - 1, through: 0, by: -1) {
          executor(index).backward(to: layers[position])
          writeGradients(ofLayer: layers[position], into: &total, at: &end)
          if observer != nil { writeSquares(ofLayer: layers[position], index, into: &total, at: &end) }
        }
      }
    }
    let total = sum.finish()
    if isFirst { follow(total) }
    var end = firstGradient
    for position in stride(from: layers.count - 1, through: 0, by: -1) {
      readGradients(ofLayer: layers[position], from: total, at: &end)
      if let observer { show(layer: layers[position], to: observer, from: total, at: &end) }
    }
    return sum.sum(&losses)
  }

  /// The outputs of the whole batch, on every rank; runs the stale layers.
  func output() -> Tensor {
    keepEveryShard()
    outputs.begin(division.rowsOfRanks, width: model.outputShape.count)
    for index in executors.indices { putOutput(index) }
    return collectedOutputs()
  }

  /// The outputs of the batch that was last evaluated and collected.
  func collectedOutputs() -> Tensor { outputs.collect(model.outputShape) }

  private func putOutput(_ index: Int) {
    outputs.put(executor(index).output(), at: division.rows[index].lowerBound)
  }

  private func evaluate(_ index: Int, _ loss: any Loss, _ targets: Targets, _ whole: Double) {
    let part = targets[division.rows[index]]
    losses[index] = executor(index).evaluate(loss, part, weight: loss.weight(of: part) / whole)
  }

  // MARK: What shards sum

  /// The elements of a vector of statistics, and of each layer, from the last to the first, its gradients and squares.
  private func vectorCount(of layers: [Int], hasStatistics: Bool, hasSquares: Bool) -> Int {
    var count = hasStatistics ? statisticsCount : 0
    for position in layers.indices {
      let parameters = model.layers[layers[position]].parameters
      for index in parameters.indices where !parameters[index].isFrozen { count += parameters[index].shape.count }
      if hasSquares { count += squares[layers[position]]?.count ?? 0 }
    }
    return count
  }

  private func writeStatistics(_ index: Int, into total: inout Tensor) {
    forEachStatistics { layer, start in
      executor(index).writeStatistics(ofLayer: layer, into: &statistics.tensor)
      Kernels.scale(&statistics.tensor, by: Float(division.weights[index]))
      Kernels.copy(statistics.tensor, into: &total, at: start)
    }
  }

  /// Lets running statistics follow the mean of the shards'.
  private func follow(_ total: Tensor) {
    forEachStatistics { layer, start in
      Kernels.copy(total, from: start, into: &statistics.tensor)
      model.layers[layer].follow(statistics.tensor)
    }
  }

  /// Calls `body` with each layer that has statistics, and where they stand among all.
  private func forEachStatistics(_ body: (_ layer: Int, _ start: Int) -> Void) {
    var start = 0
    for layer in model.layers.indices {
      let count = model.layers[layer].statisticsCount
      guard count > 0 else { continue }
      statistics.resize(count)
      body(layer, start)
      start += count
    }
  }

  private func writeGradients(ofLayer layer: Int, into total: inout Tensor, at end: inout Int) {
    let parameters = model.layers[layer].parameters
    for index in parameters.indices where !parameters[index].isFrozen {
      Kernels.copy(parameters[index].gradient, into: &total, at: end)
      end += parameters[index].shape.count
    }
  }

  private func readGradients(ofLayer layer: Int, from total: Tensor, at end: inout Int) {
    let parameters = model.layers[layer].parameters
    for index in parameters.indices where !parameters[index].isFrozen {
      Kernels.copy(total, from: end, into: &parameters[index].gradient)
      end += parameters[index].shape.count
    }
  }

  private func makeSquares(of layers: [Int]) {
    for position in layers.indices where squares[layers[position]] == nil {
      guard let layer = model.layers[layers[position]] as? any ProductLayer else { continue }
      squares[layers[position]] = LayerMeanSquares(of: layer)
    }
  }

  private func writeSquares(ofLayer index: Int, _ shard: Int, into total: inout Tensor, at end: inout Int) {
    guard let layer = model.layers[index] as? any ProductLayer else { return }
    executor(shard).withTensors(ofLayer: index) {
      squares[index]?.measure(layer, input: $0, outputGradient: $1)
    }
    squares[index]?.write(into: &total, at: end, weight: division.weights[shard])
    end += squares[index]?.count ?? 0
  }

  private func show(layer index: Int, to observer: any LayerObserver, from total: Tensor, at end: inout Int) {
    guard let layer = model.layers[index] as? any ProductLayer else { return }
    squares[index]?.read(from: total, at: end)
    end += squares[index]?.count ?? 0
    if let means = squares[index] { observer.observe(layer, means) }
  }
}
