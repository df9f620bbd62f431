/// Ends a training that has not become better for some epochs, and gives the model its best epoch's weights back.
///
/// Better is what ``Trainer/criterion`` says of the validation examples, or of the test examples where there are none
/// (Prechelt 1998). The best weights, and buffers such as a batch norm's running statistics, are kept in memory and in
/// checkpoints; they are those that the algorithm would have evaluated.
public final class EarlyStopping: Stateful {
  /// How many epochs without a better one end the training.
  public let patience: Int
  /// The best epoch so far, counted from 1; nil before the first that came to a number.
  public var bestEpoch: Int? { epoch == 0 ? nil : epoch }
  /// Whether so many epochs followed the best one.
  public var isOver: Bool { waited >= patience }

  private let model: Model
  private var epoch = 0
  private var bestValue = Double.nan
  private var waited = 0
  private var parameters: [Tensor]
  private var buffers: [Tensor]

  /// Early stopping of a training of `model`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a patience below 1.
  public init(of model: Model, patience: Int) throws(SAMTError) {
    guard patience >= 1 else { throw .configuration("the patience must be at least 1, found \(patience)") }
    self.model = model
    self.patience = patience
    parameters = model.parameters.map { Tensor(zeros: $0.shape) }
    buffers = model.buffers.map { Tensor(zeros: $0.shape) }
  }

  /// The best epoch, its value, how many epochs followed, and the best weights and buffers.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("epoch", &epoch)
    visitor.visit("value", &bestValue)
    visitor.visit("waited", &waited)
    for index in parameters.indices { visitor.visit(model.parameters[index].path, &parameters[index]) }
    for index in buffers.indices { visitor.visit("buffer\(index)", &buffers[index]) }
  }

  /// Takes in an epoch, while the model has the weights that were evaluated.
  func add(_ report: EpochReport, by criterion: Criterion) {
    let value = report.heldOut.map(criterion.value) ?? .nan
    guard criterion.direction.isBetter(value, than: bestValue) else {
      waited += 1
      return
    }
    (epoch, bestValue, waited) = (report.epoch, value, 0)
    for index in parameters.indices { Kernels.copy(model.parameters[index].value, into: &parameters[index]) }
    for index in buffers.indices { Kernels.copy(model.buffers[index].value, into: &buffers[index]) }
  }

  /// Gives the model the best epoch's weights; executors of the model must be loaded anew.
  func restoreBest() {
    guard epoch > 0 else { return }
    for index in parameters.indices { Kernels.copy(parameters[index], into: &model.parameters[index].value) }
    for index in buffers.indices { Kernels.copy(buffers[index], into: &model.buffers[index].value) }
  }
}
