/// A way to train: owns one whole training step, so that it decides which layers to evaluate, and when.
///
/// Its state is all that its next step depends on besides the model, the batch and its settings.
public protocol TrainingAlgorithm: Stateful {
  /// Called before the first step of a training, and again before it goes on under another plan.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where the algorithm was made for another model, or cannot follow the plan.
  func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError)

  /// One step on one batch, through an executor of the model that the algorithm was made for.
  ///
  /// The executor measures the batch where it is evaluated first, so that is before the parameters move.
  func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport

  /// Whether every step takes the whole data set: each time the same examples, unchanged and in the data set's order.
  var isFullBatch: Bool { get }

  /// How many parameter updates ran so far, counting each block's.
  var parameterUpdates: Int { get }

  /// Figures of the last step beyond its loss, by name, where the method has any.
  var metrics: [String: Double] { get }

  /// Figures of each block, where the method has blocks.
  var blockReports: [BlockReport] { get }

  /// Statistics of each block's gradient behind the last step (``BlockReport/init(name:gradient:)``), where there is one
  /// at hand.
  ///
  /// The trainer asks once an epoch, directly behind its last step.
  var gradientReports: [BlockReport] { get }

  /// Whether weights other than the trained ones should be evaluated and used.
  var hasEvaluationWeights: Bool { get }

  /// Calls `body` with the weights that should be evaluated and used in the parameters' place, then puts those that are
  /// trained back.
  ///
  /// Executors of the model must be loaded anew inside and after.
  func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError)
}

extension TrainingAlgorithm {
  /// Nothing to prepare or to check.
  public func begin(_ plan: TrainingPlan, for model: Model) throws(SAMTError) {}

  /// False: a step takes a minibatch.
  public var isFullBatch: Bool { false }

  /// None.
  public var metrics: [String: Double] { [:] }

  /// None.
  public var blockReports: [BlockReport] { [] }

  /// None.
  public var gradientReports: [BlockReport] { [] }

  /// The parameters are evaluated as they are trained.
  public var hasEvaluationWeights: Bool { false }

  /// The parameters are evaluated as they are trained.
  public func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) { try body() }
}

/// What one training step came to.
public struct StepReport: Sendable {
  /// The batch's mean loss before the step.
  public var loss: Double
  /// Whether the algorithm wants no further step; the training ends as if this had been its last.
  public var endsTraining: Bool

  /// A report, for algorithms of your own.
  public init(loss: Double, endsTraining: Bool = false) {
    self.loss = loss
    self.endsTraining = endsTraining
  }
}

/// One block's figures, for reports.
public struct BlockReport: Sendable, Codable, Equatable {
  /// The block's layer.
  public var name: String
  /// The figures by name, such as `stepSize`.
  public var metrics: [String: Double]

  /// A report, for algorithms of your own.
  public init(name: String, metrics: [String: Double]) {
    self.name = name
    self.metrics = metrics
  }
}
