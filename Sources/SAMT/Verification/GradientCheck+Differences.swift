extension GradientCheck {
  /// What rounding a value of one to 24 bits does to a difference quotient.
  var rounding: Double { 0x1p-24 / Double(step) }

  /// Compares the entries of one tensor; `objective` puts a value at a flat index and evaluates.
  func compare(
    _ name: String, gradient: Tensor, values: Tensor, noise: Double, objective: (Int, Float) -> Double
  ) -> TensorResult {
    let (gradients, values, shape) = (gradient.elements, values.elements, values.shape)
    var result = TensorResult(
      name: name, relativeError: 0, entries: 0, worstIndex: [], analytic: 0, numeric: 0, isVacuous: false)
    if let index = gradients.firstIndex(where: { !$0.isFinite }) {
      result.relativeError = .infinity
      result.worstIndex = coordinates(of: index, in: shape)
      result.analytic = Double(gradients[index])
      result.numeric = derivative(at: index, values[index], step: step(for: values), objective)
      result.entries = 1
      return result
    }
    let step = step(for: values)
    var (differences, analytics, numerics, worst) = (0.0, 0.0, 0.0, -1.0)
    let chosen = entries(of: values.count)
    for index in chosen {
      let numeric = derivative(at: index, values[index], step: step, objective)
      let analytic = Double(gradients[index])
      let difference = abs(analytic - numeric)
      differences += difference * difference
      analytics += analytic * analytic
      numerics += numeric * numeric
      if !(difference <= worst) {
        worst = difference
        (result.analytic, result.numeric) = (analytic, numeric)
        result.worstIndex = coordinates(of: index, in: shape)
      }
    }
    let floor = 1000 * noise * Double(chosen.count).squareRoot()
    let scale = max(max(analytics, numerics).squareRoot(), floor)
    result.relativeError = scale > 0 ? differences.squareRoot() / scale : differences.squareRoot()
    result.entries = chosen.count
    result.isVacuous = analytics == 0 && numerics == 0
    return result
  }

  /// (4 D(h) - D(2h)) / 3 at one entry, which has its value back afterwards.
  private func derivative(at index: Int, _ value: Float, step: Float, _ objective: (Int, Float) -> Double) -> Double {
    func quotient(_ h: Float) -> Double {
      // Where x + h is rounded, the distance that counts is the one between the rounded points.
      let (above, below) = (value + h, value - h)
      return (objective(index, above) - objective(index, below)) / (Double(above) - Double(below))
    }
    let derivative = (4 * quotient(step) - quotient(2 * step)) / 3
    _ = objective(index, value)
    return derivative
  }

  private func step(for values: [Float]) -> Float {
    let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    return step * Float(max((squares / Double(max(values.count, 1))).squareRoot(), 1))
  }

  /// All indices below `count`, or as many random ones as are wanted, ascending.
  private func entries(of count: Int) -> [Int] {
    guard count > entriesPerTensor else { return Array(0..<count) }
    var generator = Generator(seed: seed, for: .checkedEntries)
    var indices = Array(0..<count)
    generator.shuffle(&indices)
    return indices.prefix(entriesPerTensor).sorted()
  }

  private func coordinates(of index: Int, in shape: Shape) -> [Int] {
    var rest = index
    var coordinates: [Int] = []
    for axis in (0..<shape.rank).reversed() {
      coordinates.append(rest % shape[axis])
      rest /= shape[axis]
    }
    return coordinates.reversed()
  }

  /// The sum of w y, in double.
  func weightedSum(_ output: Tensor, _ weights: Tensor) -> Double {
    output.withSpan { y in weights.withSpan { w in y.indices.reduce(0) { $0 + Double(y[$1]) * Double(w[$1]) } } }
  }

  /// The root of the sum of (w y)^2: how independent roundings of y add up.
  func weightedNorm(_ output: Tensor, _ weights: Tensor) -> Double {
    let squares = output.withSpan { y in
      weights.withSpan { w in
        y.indices.reduce(0.0) {
          let product = Double(y[$1]) * Double(w[$1])
          return $0 + product * product
        }
      }
    }
    return squares.squareRoot()
  }

  /// A tensor of NaN, so that what is not written shows.
  func nans(_ shape: Shape) -> Tensor { Tensor([Float](repeating: .nan, count: shape.count), shape: shape) }
}
