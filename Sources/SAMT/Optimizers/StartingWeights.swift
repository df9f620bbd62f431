/// The parameters as they were before a rule's first step: distances are measured from there.
struct StartingWeights {
  private(set) var values: [Tensor]
  private var areTaken = false

  /// Room for the values of `parameters`, which are taken when the first step begins.
  init(of parameters: [Parameter]) { values = parameters.map { Tensor(zeros: $0.shape) } }

  /// Takes the values, the first time that it is called.
  mutating func take(from parameters: [Parameter]) {
    guard !areTaken else { return }
    areTaken = true
    for index in parameters.indices { Kernels.copy(parameters[index].value, into: &values[index]) }
  }

  /// The values as `start.PATH`, and whether they were taken.
  mutating func visitState(_ visitor: StateVisitor, _ parameters: [Parameter]) {
    visitor.visit("isStarted", &areTaken)
    for index in parameters.indices { visitor.visit("start.\(parameters[index].path)", &values[index]) }
  }
}
