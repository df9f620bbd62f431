import SAMT

/// Takes a model back to its first parameters after so many steps.
///
/// Steps on one batch for ever end at gradients whose squares are denormal numbers, with which arithmetic takes several
/// times as long as in a training.
final class ParameterReset {
  private let parameters: [Parameter]
  private let values: [Tensor]
  private let interval: Int
  private var steps = 0

  init(of model: Model, every interval: Int) {
    parameters = model.parameters
    values = parameters.map(\.value)
    self.interval = interval
  }

  /// Counts steps, and resets where it is time.
  func count(_ steps: Int = 1) {
    self.steps += steps
    guard self.steps >= interval else { return }
    self.steps = 0
    for index in parameters.indices { Kernels.copy(values[index], into: &parameters[index].value) }
  }
}
