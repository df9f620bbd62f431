/// The minibatch of a step, as an optimizer may see it again.
struct EvaluatedMinibatch: LoadedMinibatch {
  let executor: ModelExecutor
  let lossFunction: any Loss
  let targets: Targets
  /// The layer of each parameter.
  let layers: [ObjectIdentifier: Int]

  func loss() -> Double {
    executor.invalidate(from: 0)
    return executor.evaluate(lossFunction, targets)
  }

  func writeGradients(ofLayerWith parameter: Parameter) {
    guard let layer = layers[ObjectIdentifier(parameter)] else { fatalError("\(parameter.path) is in no layer") }
    executor.invalidate(from: layer)
    _ = executor.evaluate(lossFunction, targets)
    executor.backward(to: layer)
  }
}
