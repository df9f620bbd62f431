/// The gradients of several minibatches on their way to one update: their mean, in which each example counts alike.
struct GradientAccumulator {
  private let parameters: [Parameter]
  private var sums: [Tensor]
  private var totalLoss = 0.0
  private var totalWeight = 0.0
  /// How many minibatches were taken in since the last mean.
  private(set) var count = 0

  init(_ parameters: [Parameter]) {
    self.parameters = parameters
    sums = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// The sums, under their parameters' paths, and what they are sums of.
  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("count", &count)
    visitor.visit("totalLoss", &totalLoss)
    visitor.visit("totalWeight", &totalWeight)
    for index in parameters.indices { visitor.visit(parameters[index].path, &sums[index]) }
  }

  /// Takes in the parameters' gradients, which are means over examples of that weight, and their loss.
  mutating func add(loss: Double, weight: Double) {
    for index in parameters.indices {
      Kernels.scale(&parameters[index].gradient, by: Float(weight))
      if count == 0 {
        Kernels.copy(parameters[index].gradient, into: &sums[index])
      } else {
        Kernels.add(parameters[index].gradient, to: &sums[index])
      }
    }
    count += 1
    totalLoss += loss * weight
    totalWeight += weight
  }

  /// Writes the mean over all minibatches since the last call into the parameters' gradients, and returns that of the
  /// losses.
  mutating func takeMean() -> Double {
    // Where no example has a weight, all sums are 0.
    let (loss, scale) = totalWeight > 0 ? (totalLoss / totalWeight, 1 / totalWeight) : (0, 1)
    for index in parameters.indices {
      Kernels.copy(sums[index], into: &parameters[index].gradient)
      Kernels.scale(&parameters[index].gradient, by: Float(scale))
    }
    (count, totalLoss, totalWeight) = (0, 0, 0)
    return loss
  }
}
