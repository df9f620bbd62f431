extension Dataset {
  /// Checks that the examples fit a model, a loss and metrics.
  ///
  /// - Parameter name: what the data is called in messages: `training`.
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the examples do not fit the model,
  ///   ``SAMTError/configuration(_:)`` where the targets do not fit it, the loss or a metric.
  func check(for model: Model, loss: any Loss, metrics: [any Metric], name: String) throws(SAMTError) {
    guard exampleShape.count == model.inputShape.count else {
      throw .shape(layer: "\(name) data", expected: "examples of shape \(model.inputShape)", found: exampleShape)
    }
    if let problem = loss.problem(with: targets, outputShape: model.outputShape) {
      throw .configuration("\(type(of: loss)) does not take the \(name) data's targets: \(problem)")
    }
    if let classCount, classCount > model.outputShape.count {
      throw .configuration("the \(name) data has \(classCount) classes, the model \(model.outputShape.count) outputs")
    }
    for metric in metrics {
      if let problem = metric.problem(with: targets, outputShape: model.outputShape) {
        throw .configuration("the metric \(metric.name) does not take the \(name) data's targets: \(problem)")
      }
    }
  }
}
