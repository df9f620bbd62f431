import Foundation
import SAMT

/// The eta model and its projection as the method's description writes them, in double precision.
package struct ReferenceEta: Sendable {
  package let stepSizes: StepSizes
  /// The block [W | b].
  package let rows: Int
  package let columns: Int
  package var features: [Double]
  /// A (hidden, 5), a (hidden), Bp (outputs, hidden), Bq (outputs, hidden), cp (outputs), cq (outputs).
  package var parameters: [Double]

  package init(_ stepSizes: StepSizes, rows: Int, columns: Int, features: [Double], parameters: [Double]) {
    self.stepSizes = stepSizes
    self.rows = rows
    self.columns = columns
    self.features = features
    self.parameters = parameters
  }

  package var outputCount: Int {
    switch stepSizes.granularity {
    case .scalar: 1
    case .row: rows
    case .column: columns
    case .element: rows + columns
    case .elementUnfactored: rows * columns
    }
  }

  package static func parameterCount(outputs: Int, hidden: Int) -> Int { hidden * 6 + outputs * (hidden + 1) * 2 }

  // Where each part begins.
  private var hiddenCount: Int { stepSizes.hiddenUnits }
  private var biasStart: Int { 5 * hiddenCount }
  private var gateStart: Int { biasStart + hiddenCount }
  private var stepStart: Int { gateStart + outputCount * hiddenCount }
  private var gateBiasStart: Int { stepStart + outputCount * hiddenCount }
  private var stepBiasStart: Int { gateBiasStart + outputCount }

  package var hidden: [Double] {
    (0..<hiddenCount).map { unit in
      tanh((0..<5).reduce(parameters[biasStart + unit]) { $0 + parameters[5 * unit + $1] * features[$1] })
    }
  }

  /// The head's outputs.
  package var outputs: (p: [Double], q: [Double]) {
    let hidden = hidden
    func head(_ weights: Int, _ biases: Int) -> [Double] {
      (0..<outputCount).map { k in
        (0..<hiddenCount).reduce(parameters[biases + k]) {
          $0 + parameters[weights + k * hiddenCount + $1] * hidden[$1]
        }
      }
    }
    return (head(gateStart, gateBiasStart), head(stepStart, stepBiasStart))
  }

  /// Which outputs make the logits of entry (i, j): one, or a row's and a column's, which add.
  package func contributors(_ i: Int, _ j: Int) -> [Int] {
    switch stepSizes.granularity {
    case .scalar: [0]
    case .row: [i]
    case .column: [j]
    case .element: [i, rows + j]
    // The weights row by row, then the biases.
    case .elementUnfactored: [j < columns - 1 ? i * (columns - 1) + j : rows * (columns - 1) + i]
    }
  }

  /// Gate, learned step size and its derivative by q.
  package func project(p: Double, q: Double) -> (gate: Double, learned: Double, slope: Double) {
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let gate = stepSizes.isGated ? sigmoid(p) : 0
    switch stepSizes.projection {
    case .logarithmicTanh(let range):
      let (low, high) = (log(range.lowerBound), log(range.upperBound))
      let learned = exp(low + (high - low) / 2 * (1 + tanh(q)))
      return (gate, learned, learned * (high - low) / 2 * (1 - tanh(q) * tanh(q)))
    case .relativeTanh(let factor):
      let learned = stepSizes.initial * pow(factor, tanh(q))
      return (gate, learned, learned * log(factor) * (1 - tanh(q) * tanh(q)))
    case .sigmoid(let maximum):
      return (gate, maximum * sigmoid(q), maximum * sigmoid(q) * (1 - sigmoid(q)))
    }
  }

  /// eta for every entry of [W | b].
  package var eta: Matrix {
    let (p, q) = outputs
    return Matrix(rows, columns) { i, j in
      let value = project(
        p: contributors(i, j).reduce(0) { $0 + p[$1] }, q: contributors(i, j).reduce(0) { $0 + q[$1] })
      return value.gate * stepSizes.initial + (1 - value.gate) * value.learned
    }
  }

  /// The gradients by the head's outputs, given those by every entry of ``eta``.
  ///
  /// With `isBound`, each term's magnitude instead: a bound of what relative errors in the terms can add up to.
  package func headGradients(_ etaGradients: Matrix, isBound: Bool = false) -> (p: [Double], q: [Double]) {
    let (p, q) = outputs
    var pGradients = [Double](repeating: 0, count: outputCount)
    var qGradients = pGradients
    for i in 0..<rows {
      for j in 0..<columns {
        let these = contributors(i, j)
        let value = project(p: these.reduce(0) { $0 + p[$1] }, q: these.reduce(0) { $0 + q[$1] })
        let (eta0, gate) = (stepSizes.initial, value.gate)
        let difference = isBound ? eta0 + value.learned : eta0 - value.learned
        let byP = etaGradients[i, j] * difference * gate * (isBound ? 1 : 1 - gate)
        let byQ = etaGradients[i, j] * (isBound ? 1 : 1 - gate) * value.slope
        for k in these {
          pGradients[k] += isBound ? abs(byP) : byP
          qGradients[k] += isBound ? abs(byQ) : byQ
        }
      }
    }
    return (pGradients, qGradients)
  }

  /// The gradients by ``parameters``, given those by the head's outputs; magnitudes throughout with `isBound`.
  package func gradients(p: [Double], q: [Double], isBound: Bool = false) -> [Double] {
    func magnitude(_ x: Double) -> Double { isBound ? abs(x) : x }
    var gradients = [Double](repeating: 0, count: parameters.count)
    let hidden = hidden
    for unit in 0..<hiddenCount {
      var inner = 0.0
      for k in 0..<outputCount {
        let (gate, step) = (gateStart + k * hiddenCount + unit, stepStart + k * hiddenCount + unit)
        inner += magnitude(parameters[gate]) * p[k] + magnitude(parameters[step]) * q[k]
        gradients[gate] = p[k] * magnitude(hidden[unit])
        gradients[step] = q[k] * magnitude(hidden[unit])
        gradients[gateBiasStart + k] = p[k]
        gradients[stepBiasStart + k] = q[k]
      }
      inner *= 1 - hidden[unit] * hidden[unit]
      gradients[biasStart + unit] = inner
      for i in 0..<5 { gradients[5 * unit + i] = inner * magnitude(features[i]) }
    }
    return gradients
  }

  /// The parts of ``parameters`` by name, so that each is compared on its own scale.
  package var parts: [(name: String, range: Range<Int>)] {
    [
      ("A", 0..<biasStart), ("a", biasStart..<gateStart), ("Bp", gateStart..<stepStart),
      ("Bq", stepStart..<gateBiasStart), ("cp", gateBiasStart..<stepBiasStart),
      ("cq", stepBiasStart..<stepBiasStart + outputCount),
    ]
  }
}
