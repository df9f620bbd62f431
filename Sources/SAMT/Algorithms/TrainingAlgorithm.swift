/// What one training step came to.
public struct StepReport: Sendable {
  /// The batch's mean loss before the step.
  public var loss: Double
  /// How many of the batch's predictions were right before the step.
  public var correct: Int

  /// A report, for algorithms of your own.
  public init(loss: Double, correct: Int) {
    self.loss = loss
    self.correct = correct
  }
}

/// One block's step size, for reports.
public struct BlockReport: Sendable, Codable, Equatable {
  /// The block's layer.
  public var name: String
  /// The mean step size of the block's last step, the schedule's factor included.
  public var stepSize: Double
  /// The mean gate beta: 1 is all eta0, 0 all the eta model's own.
  public var gate: Double
  /// How many of the block's steps were taken back so far.
  public var rejections: Int

  /// A report, for algorithms of your own.
  public init(name: String, stepSize: Double, gate: Double, rejections: Int) {
    self.name = name
    self.stepSize = stepSize
    self.gate = gate
    self.rejections = rejections
  }
}

/// A way to train: owns one whole training step, so that it decides which layers to evaluate, and when.
public protocol TrainingAlgorithm: AnyObject {
  /// One step on one batch, through an executor of the model that the algorithm was made for.
  func step(_ batch: Batch, in executor: ModelExecutor, loss: any Loss) -> StepReport
  /// How many parameter updates ran so far, counting each block's.
  var parameterUpdates: Int { get }
  /// The state of each block, where the method has any.
  var blockReports: [BlockReport] { get }
}

extension TrainingAlgorithm {
  /// None.
  public var blockReports: [BlockReport] { [] }
}
