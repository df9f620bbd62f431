/// One layer's parameters under ``SAMTReplay``: their directions, their common step size, and where a window began.
final class ReplayBlock: Stateful {
  let name: String
  private let parameters: [Parameter]
  private var directions: [any UpdateDirection] = []
  private let unit: StepUnit
  /// The root mean square of the first values.
  private(set) var weightRMS = 0.0
  private let elements: Int
  /// The values and gradients where the window began; before its first move, whatever was there.
  private var startValues: [Tensor]
  private var startGradients: [Tensor]
  /// Whether the values and gradients are still those where the window begins.
  private(set) var isAtStart = false
  /// The last step in units of the direction.
  private(set) var rate = 0.0

  init(_ block: Model.Block, _ rule: DirectionRule, _ unit: StepUnit) throws(SAMTError) {
    let parameters = block.parameters
    name = block.name
    self.parameters = parameters
    self.unit = unit
    elements = parameters.reduce(0) { $0 + $1.shape.count }
    startValues = parameters.map { Tensor(zeros: $0.shape) }
    startGradients = parameters.map { Tensor(zeros: $0.shape) }
    for parameter in parameters { directions.append(try rule(parameter)) }
    measureWeights()
  }

  /// Takes the root mean square of the values as they are now; of zeros, that of a uniform distribution within
  /// +-1 / sqrt(elements of a row) in their place.
  func measureWeights() {
    var squares = 0.0
    for index in parameters.indices { squares += Kernels.dot(parameters[index].value, parameters[index].value) }
    if squares == 0 {
      for index in parameters.indices {
        let shape = parameters[index].shape
        squares += Double(shape.count) / (3 * Double(max(1, shape.elementsPerRow)))
      }
    }
    weightRMS = (squares / Double(max(elements, 1))).squareRoot()
  }

  /// Whether one of its directions is orthogonalized.
  var isOrthogonalized: Bool { directions.contains { $0 is OrthogonalizedDirection } }

  /// The unit's first values, the window's start, and each direction's state under its parameter's name.
  func visitState(_ visitor: StateVisitor) {
    visitor.visit("weightRMS", &weightRMS)
    visitor.visit("rate", &rate)
    visitor.visit("isAtStart", &isAtStart)
    for index in parameters.indices {
      visitor.nested(parameters[index].name) {
        visitor.visit("startValue", &startValues[index])
        visitor.visit("startGradient", &startGradients[index])
        directions[index].visitState(visitor)
      }
    }
  }

  /// The statistics of the gradients as they stand.
  var gradientStatistics: Moments { Moments(ofGradients: parameters) }

  /// The statistics of the gradients that the window's first move put aside.
  var startGradientStatistics: Moments {
    startGradients.reduce(into: Moments()) { $0.merge(Moments(of: $1)) }
  }

  /// How many parameters there are.
  var parameterCount: Int { parameters.count }

  /// The number of elements of the parameter at `index`; 0 where there is none.
  func elements(ofParameter index: Int) -> Int { index < parameters.count ? parameters[index].shape.count : 0 }

  /// Begins a window here.
  func takeSnapshot() {
    for index in directions.indices { directions[index].takeSnapshot() }
    isAtStart = true
  }

  /// One step along the gradients as they stand: W = decayFactor W - a D, a = size unit; without decay where a parameter
  /// has none.
  func move(size: Double, decayFactor: Float, scratch: [Buffer]) {
    var squares = 0.0
    for index in parameters.indices {
      scratch[index].tensor.reshape(to: parameters[index].shape)
      squares += directions[index].advance(parameters[index].gradient, into: &scratch[index].tensor)
    }
    rate = size * unit(weightRMS: weightRMS, directionRMS: (squares / Double(max(elements, 1))).squareRoot())
    for index in parameters.indices {
      let parameter = parameters[index]
      let decayFactor = parameter.isDecayed ? decayFactor : 1
      if isAtStart {
        Kernels.move(
          from: parameter.value, along: scratch[index].tensor, rate: Float(rate), decayFactor: decayFactor,
          into: &startValues[index])
        swap(&parameter.value, &startValues[index])
        swap(&parameter.gradient, &startGradients[index])
      } else {
        Kernels.move(&parameter.value, along: scratch[index].tensor, rate: Float(rate), decayFactor: decayFactor)
      }
    }
    isAtStart = false
  }

  /// Goes back to where the window began, gradients included.
  func restore() {
    for index in directions.indices { directions[index].restore() }
    guard !isAtStart else { return }
    for index in parameters.indices {
      swap(&parameters[index].value, &startValues[index])
      swap(&parameters[index].gradient, &startGradients[index])
    }
    isAtStart = true
  }

  /// The sums of the path from where the window began, whose minibatch's gradients stand in the parameters again.
  func pathSums() -> PathSums {
    var sums = PathSums()
    for index in parameters.indices {
      sums.add(
        Kernels.pathSums(
          from: startValues[index], to: parameters[index].value, startGradient: startGradients[index],
          endGradient: parameters[index].gradient))
    }
    return sums
  }
}
