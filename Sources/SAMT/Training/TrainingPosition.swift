extension Trainer {
  /// Where a training stands: between two steps of an epoch, or between two epochs.
  struct Position: Equatable {
    /// Epochs that are finished.
    var epochs = 0
    /// Steps of the current epoch.
    var step = 0
    /// The training examples, of which the order of the current epoch is a function.
    var examples = 0
    /// The sum of the current epoch's minibatch losses, each times its weight, and of the weights.
    var totalLoss = 0.0
    var totalWeight = 0.0
    /// The training time of the current epoch.
    var seconds = 0.0
    /// The blocks' gradients behind the epoch's last step; nil before it, and where there are none.
    var gradients: [BlockReport]?

    /// The mean loss of the current epoch; NaN before its first step.
    var loss: Double { totalLoss / totalWeight }

    mutating func add(_ report: StepReport, weight: Double) {
      step += 1
      totalLoss += report.loss * weight
      totalWeight += weight
    }

    mutating func visitState(_ visitor: StateVisitor) {
      visitor.visit("epochs", &epochs)
      visitor.visit("step", &step)
      visitor.visit("examples", &examples)
      visitor.visit("totalLoss", &totalLoss)
      visitor.visit("totalWeight", &totalWeight)
      visitor.visit("seconds", &seconds)
      visitor.visit("gradients", optionalJSON: &gradients)
    }
  }
}
