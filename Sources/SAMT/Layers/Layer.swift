/// Whether a model is being trained or used: dropout and normalization differ.
public enum Mode: Sendable {
  /// Dropout drops, batch statistics are used.
  case training
  /// Nothing is random.
  case inference
}

/// A differentiable function with parameters.
///
/// A layer holds its parameters; what it must remember of one batch lives in its `Saved`, which the
/// ``ModelExecutor`` keeps for it. Every shape begins with the batch axis. Its two gradient calls are separate because
/// an alternating method asks most layers for one of them only.
public protocol Layer: Stateful {
  /// What forward keeps for backward besides input and output, for one batch: a mask, an argmax.
  associatedtype Saved = Void

  /// What the layer is called in messages and reports; a model numbers equal names.
  var name: String { get }

  /// The parameters in a stable order; their first axes agree.
  var parameters: [Parameter] { get }

  /// What belongs to the layer's function without being trained, in a stable order.
  var buffers: [ModelBuffer] { get }

  /// Where the layer draws from at the beginning of each batch; nil where it draws nothing.
  var generator: Generator? { get set }

  /// The output's shape for an input's, both with the batch axis.
  ///
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the layer cannot take the input.
  func outputShape(for input: Shape) throws(SAMTError) -> Shape

  /// What keeps the layer from being trained on batches of an input shape that it can take; nil where nothing does.
  func trainingProblem(for input: Shape) -> String?

  /// The floating-point operations of one forward pass, a product that is added counted as two.
  ///
  /// Those of products of matrices and of convolutions: everything else is little beside them.
  func operations(for input: Shape) -> Int

  /// Draws the parameters' first values, and keeps what it needs of the generator for later draws.
  func initialize(using generator: inout Generator)

  /// Room for what is saved of batches of the given input shape, made once.
  func makeSaved(for input: Shape) -> Saved

  /// Called once for every batch before its first forward: what is random is drawn here from ``generator``, so that
  /// evaluating the same batch again gives the same function.
  ///
  /// With `isReplay`, an earlier batch is evaluated once more for its loss and gradients alone: nothing that outlives
  /// the batch, such as a running mean, may change by it. What the layer draws is put back by the ``ModelExecutor``.
  func beginBatch(_ saved: inout Saved, mode: Mode, isReplay: Bool)

  /// How many numbers a batch says about what outlives it, such as its means and variances; 0 where it says nothing.
  var statisticsCount: Int { get }

  /// Writes these numbers, as the last forward in training mode found them; there are ``statisticsCount``.
  func writeStatistics(of saved: inout Saved, into statistics: inout Tensor)

  /// Takes a batch's statistics in: lets running ones follow them.
  ///
  /// A batch that runs as a whole is taken in by its first forward. One in shards runs as if it were replayed, and then
  /// the mean of the shards' statistics, weighted by their examples, comes here.
  func follow(_ statistics: Tensor)

  /// Writes the layer's output for `input`.
  func forward(_ input: Tensor, into output: inout Tensor, saved: inout Saved, mode: Mode)

  /// Writes the loss's gradient with respect to the input, given that with respect to the output.
  func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Saved,
    into inputGradient: inout Tensor)

  /// Writes the loss's gradient into every parameter's `gradient`.
  func parameterGradients(_ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Saved)
}

extension Layer {
  /// No parameters.
  public var parameters: [Parameter] { [] }

  /// No buffers.
  public var buffers: [ModelBuffer] { [] }

  /// Nothing is drawn.
  public var generator: Generator? {
    get { nil }
    set {}
  }

  /// The parameters and buffers under their names, and the generator.
  public func visitState(_ visitor: StateVisitor) { visitDefaultState(visitor) }

  /// What ``visitState(_:)`` does unless a layer says otherwise, for layers with more state.
  public func visitDefaultState(_ visitor: StateVisitor) {
    for parameter in parameters { visitor.visit(parameter.name, &parameter.value, shape: parameter.shape) }
    for buffer in buffers { visitor.visit(buffer.name, &buffer.value, shape: buffer.shape) }
    if var drawn = generator {
      visitor.visit("generator", &drawn)
      generator = drawn
    }
  }

  /// Nothing: what the layer can take, it can be trained on.
  public func trainingProblem(for input: Shape) -> String? { nil }

  /// None that count.
  public func operations(for input: Shape) -> Int { 0 }

  /// Fills every parameter by its initializer, and every buffer.
  public func initialize(using generator: inout Generator) {
    for parameter in parameters { parameter.initialize(using: &generator) }
    for buffer in buffers { buffer.initialize() }
  }

  /// Begins a batch that counts.
  public func beginBatch(_ saved: inout Saved, mode: Mode) { beginBatch(&saved, mode: mode, isReplay: false) }

  /// Nothing to draw.
  public func beginBatch(_ saved: inout Saved, mode: Mode, isReplay: Bool) {}

  /// None.
  public var statisticsCount: Int { 0 }

  /// Nothing to write.
  public func writeStatistics(of saved: inout Saved, into statistics: inout Tensor) {}

  /// Nothing to follow.
  public func follow(_ statistics: Tensor) {}

  /// No parameters, nothing to do.
  public func parameterGradients(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Saved
  ) {}
}

extension Layer where Saved == Void {
  /// Nothing to remember.
  public func makeSaved(for input: Shape) {}
}
