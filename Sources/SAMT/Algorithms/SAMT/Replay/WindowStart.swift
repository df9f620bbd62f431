/// Where a window began, apart from what its blocks hold: its first minibatch, and what was random about it.
struct WindowStart {
  /// Whether its end is still to come.
  var isOpen = false
  /// The moves since.
  var moves = 0
  /// The minibatch, in memory of its own; nil before the first window.
  private(set) var batch: Batch?
  /// The minibatch's loss.
  private(set) var loss = 0.0
  /// The first window's loss, where the training began.
  private(set) var firstLoss = 0.0
  /// Where the minibatch's dropout masks were drawn from.
  var draw: ModelExecutor.Draw
  /// The model's buffers, such as a batch norm's running statistics, once the minibatch had moved them; before the
  /// first window, as they were when the training began.
  private var buffers: [Tensor]

  init(of model: Model) {
    draw = ModelExecutor.Draw(of: model)
    buffers = model.buffers.map { Tensor(zeros: $0.shape) }
  }

  /// Everything but the blocks.
  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("isOpen", &isOpen)
    visitor.visit("moves", &moves)
    visitor.visit("loss", &loss)
    visitor.visit("firstLoss", &firstLoss)
    visitor.visit("batch", optional: &batch)
    visitor.nested("draw") { draw.visitState(visitor) }
    for index in buffers.indices { visitor.visit("buffer\(index)", &buffers[index]) }
  }

  /// Begins a window at a minibatch that was just evaluated.
  mutating func open(at minibatch: Batch, loss: Double, model: Model) {
    if batch == nil {
      batch = minibatch.copy()
      firstLoss = loss
    } else {
      batch!.assign(copying: minibatch)
    }
    self.loss = loss
    holdBuffers(of: model)
    moves = 0
    isOpen = true
  }

  /// Holds the model's buffers as they are now.
  mutating func holdBuffers(of model: Model) {
    for index in buffers.indices { Kernels.copy(model.buffers[index].value, into: &buffers[index]) }
  }

  /// Puts the model's buffers back.
  func restoreBuffers(of model: Model) {
    for index in buffers.indices { Kernels.copy(buffers[index], into: &model.buffers[index].value) }
  }
}
