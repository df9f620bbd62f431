import Foundation

/// One layer's parameters under SAMT, as one matrix [W | b], with the eta model that sets its step sizes.
///
/// A step leaves the old values in `others`, by swapping tensors, so taking it back costs nothing.
final class SAMTBlock {
  let name: String
  /// The layer's index in the model.
  let layer: Int
  private let parameters: [Parameter]
  private let stepSizes: StepSizes
  private let weightDecay: Double
  private let projection: EtaProjection
  private(set) var eta: EtaModel
  private(set) var rejections = 0
  /// Of the gradient that the last step moved along.
  private var gradient = Moments()

  private let rows: Int
  /// The first column of each parameter, and the number of all columns.
  private let firstColumns: [Int]
  private let columns: Int
  /// Before ``propose(scale:)`` the candidates, after it the old values.
  private var others: [Tensor]
  /// The gradients that ``propose(scale:)`` stepped along.
  private var heldGradients: [Tensor]
  private var stepFactors: [Float]
  private let factored: FactoredHead?
  private var values: [EtaProjection.Value]
  private var etaGradients: [Double]
  private var partGradients: [Double]
  private var pGradients: [Double]
  private var qGradients: [Double]
  private var scale = 1.0
  private(set) var meanStepSize: Double

  init(_ block: Model.Block, stepSizes: StepSizes, weightDecay: Double, seed: UInt64) throws(SAMTError) {
    layer = block.layer
    name = block.name
    parameters = block.parameters
    self.stepSizes = stepSizes
    self.weightDecay = weightDecay
    let rows = parameters[0].shape[0]
    guard parameters.allSatisfy({ $0.shape[0] == rows }) else {
      let shapes = parameters.map(\.shape)
      throw .configuration("\(name): parameters of a block must agree in their first axis, found \(shapes)")
    }
    self.rows = rows
    var first: [Int] = []
    var width = 0
    for parameter in parameters {
      first.append(width)
      width += parameter.shape.elementsPerRow
    }
    firstColumns = first
    columns = width
    others = parameters.map { Tensor(zeros: $0.shape) }
    heldGradients = parameters.map { Tensor(zeros: $0.shape) }
    projection = EtaProjection(stepSizes)
    meanStepSize = stepSizes.initial

    let outputs =
      switch stepSizes.granularity {
      case .scalar: 1
      case .row: rows
      case .column: columns
      case .element: rows + columns
      case .elementUnfactored: rows * columns
      }
    // A factored head adds a row's and a column's output, so each begins at half.
    let isFactored = stepSizes.granularity == .element
    var generator = Generator(seed: seed, for: .etaModel(layer: layer))
    eta = EtaModel(
      outputs: outputs, hidden: stepSizes.hiddenUnits, learningRate: stepSizes.learningRate,
      features: stepSizes.features, initialP: 0,
      initialQ: isFactored ? projection.initialQ / 2 : projection.initialQ, using: &generator)
    factored = isFactored ? FactoredHead(projection, rows: rows, columns: columns) : nil
    stepFactors = [Float](repeating: 0, count: isFactored ? 0 : outputs)
    let none = EtaProjection.Value(gate: 0, learned: 0, slope: 0)
    values = [EtaProjection.Value](repeating: none, count: isFactored ? 0 : outputs)
    etaGradients = [Double](repeating: 0, count: isFactored ? 0 : outputs)
    partGradients = [Double](repeating: 0, count: max(rows, columns))
    pGradients = [Double](repeating: 0, count: outputs)
    qGradients = [Double](repeating: 0, count: outputs)
  }

  /// The eta model, the last step's mean step size, and how many steps were taken back.
  func visitState(_ visitor: StateVisitor) {
    visitEtaModel(visitor)
    visitor.visit("meanStepSize", &meanStepSize)
    visitor.visit("rejections", &rejections)
  }

  /// The eta model alone.
  func visitEtaModel(_ visitor: StateVisitor) {
    visitor.nested("eta") { eta.visitState(visitor, isGated: stepSizes.isGated) }
  }

  /// Moves the parameters along their gradients, by the step sizes that the eta model sees fit, times `scale`.
  func propose(scale: Float) {
    self.scale = Double(scale)
    gradient = Moments(ofGradients: parameters)
    eta.observe(gradient)
    setStepSizes()
    // A factored head's mean is known behind the step alone, so its decay follows then.
    let decayFactor = weightDecay == 0 || factored != nil ? 1 : Float(1 - weightDecay * meanStepSize)
    var sum = 0.0
    for index in parameters.indices {
      let parameter = parameters[index]
      sum += stepFactors.withUnsafeBufferPointer { factors in
        Kernels.step(
          from: parameter.value, into: &others[index], gradient: parameter.gradient,
          stepSizes: source(index, factors), decayFactor: parameter.isDecayed ? decayFactor : 1)
      }
      swap(&parameter.value, &others[index])
      swap(&parameter.gradient, &heldGradients[index])
    }
    if factored != nil {
      meanStepSize = sum / Double(rows * columns)
      if weightDecay > 0 { decay() }
    }
  }

  /// Takes the decay's part of the old values from the new ones: W' - decay eta W, eta the mean of this step's sizes.
  private func decay() {
    for index in parameters.indices where parameters[index].isDecayed {
      Kernels.move(&parameters[index].value, along: others[index], rate: Float(weightDecay * meanStepSize))
    }
  }

  /// Teaches the eta model by the gradients at the new parameters, which stand in the parameters' `gradient`.
  func learn() {
    if let factored {
      for i in pGradients.indices {
        pGradients[i] = 0
        qGradients[i] = 0
      }
      for index in parameters.indices {
        factored.addGradients(
          held: heldGradients[index], new: parameters[index].gradient, firstColumn: firstColumns[index],
          scale: Float(scale), p: &pGradients, q: &qGradients)
      }
    } else {
      poolGradients()
      for k in values.indices {
        // dL/d eta = -scale pool(g g'), the step having been scale eta g.
        let gradient = projection.gradient(values[k], stepSizeGradient: -scale * etaGradients[k])
        pGradients[k] = gradient.p
        qGradients[k] = gradient.q
      }
    }
    eta.learn(pGradient: pGradients, qGradient: qGradients)
  }

  /// Moves the parameters by `factor` eta0 along their gradients, past the eta model.
  func moveAlongGradient(by factor: Double) {
    for index in parameters.indices {
      let parameter = parameters[index]
      Kernels.move(
        from: parameter.value, along: parameter.gradient, rate: Float(factor * stepSizes.initial),
        into: &others[index])
      swap(&parameter.value, &others[index])
      swap(&parameter.gradient, &heldGradients[index])
    }
  }

  /// The sums of the path from the old parameters to the new ones, whose gradients stand in the parameters' `gradient`.
  func pathSums() -> PathSums {
    var sums = PathSums()
    for index in parameters.indices {
      sums.add(
        Kernels.pathSums(
          from: others[index], to: parameters[index].value, startGradient: heldGradients[index],
          endGradient: parameters[index].gradient))
    }
    return sums
  }

  /// Puts the old parameters back, and counts that.
  func reject() {
    rejections += 1
    restore()
  }

  /// Puts the old parameters back.
  func restore() {
    for index in parameters.indices { swap(&parameters[index].value, &others[index]) }
  }

  /// The last step's mean step size and gate, and the steps taken back so far.
  var report: BlockReport {
    let gate: Double
    if !stepSizes.isGated {
      gate = 0
    } else if factored != nil {
      var sum = 0.0
      for i in 0..<rows {
        for j in 0..<columns { sum += 1 / (1 + exp(-(eta.p[i] + eta.p[rows + j]))) }
      }
      gate = sum / Double(rows * columns)
    } else {
      gate = eta.p.reduce(0) { $0 + 1 / (1 + exp(-$1)) } / Double(eta.p.count)
    }
    return BlockReport(
      name: name, metrics: ["stepSize": meanStepSize, "gate": gate, "rejections": Double(rejections)])
  }

  /// Statistics of the gradient that the last step moved along.
  var gradientReport: BlockReport { BlockReport(name: name, gradient: gradient) }

  private func setStepSizes() {
    if let factored {
      factored.set(p: eta.p, q: eta.q)
      return
    }
    var sum = 0.0
    for k in values.indices {
      values[k] = projection.value(p: eta.p[k], q: eta.q[k])
      let size = scale * projection.stepSize(values[k])
      stepFactors[k] = Float(size)
      sum += size
    }
    meanStepSize = sum / Double(values.count)
  }

  private func source(_ index: Int, _ factors: UnsafeBufferPointer<Float>) -> StepSizeSource {
    switch stepSizes.granularity {
    case .scalar: .scalar(factors[0])
    case .row: .rows(factors.baseAddress!)
    case .column: .columns(factors.baseAddress! + firstColumns[index])
    // An unfactored head's outputs lie parameter after parameter.
    case .elementUnfactored: .elements(factors.baseAddress! + firstColumns[index] * rows)
    case .element: .factored(factored!.kernelArgument(firstColumn: firstColumns[index], scale: Float(scale)))
    }
  }

  /// etaGradients = pool(g g'): over the block, its rows, its columns, or not at all.
  private func poolGradients() {
    for k in etaGradients.indices { etaGradients[k] = 0 }
    for index in parameters.indices {
      let (held, new) = (heldGradients[index], parameters[index].gradient)
      let width = held.shape.elementsPerRow
      switch stepSizes.granularity {
      case .scalar:
        etaGradients[0] += Kernels.dot(held, new)
      case .row:
        partGradients.withUnsafeMutableBufferPointer {
          Kernels.rowDots(held, new, into: UnsafeMutableBufferPointer(rebasing: $0[..<rows]))
        }
        for i in 0..<rows { etaGradients[i] += partGradients[i] }
      case .column:
        partGradients.withUnsafeMutableBufferPointer {
          Kernels.columnDots(held, new, into: UnsafeMutableBufferPointer(rebasing: $0[..<width]))
        }
        for j in 0..<width { etaGradients[firstColumns[index] + j] += partGradients[j] }
      case .elementUnfactored:
        held.withSpan { held in
          new.withSpan { new in
            for i in held.indices { etaGradients[firstColumns[index] * rows + i] = Double(held[i]) * Double(new[i]) }
          }
        }
      case .element:
        fatalError("a factored head pools in its own kernel")
      }
    }
  }
}
