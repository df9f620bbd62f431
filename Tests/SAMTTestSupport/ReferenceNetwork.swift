import Foundation

/// A multilayer perceptron with tanh between its layers and softmax cross-entropy behind them, in double precision:
/// the oracle for gradients, written as one would on paper.
package struct ReferenceNetwork: Sendable {
  /// Layer l as [W | b], (outputs, inputs + 1).
  package var blocks: [Matrix]
  /// (examples, features).
  package let inputs: Matrix
  package let labels: [Int]

  package init(blocks: [Matrix], inputs: Matrix, labels: [Int]) {
    precondition(inputs.rows == labels.count, "\(inputs.rows) inputs, \(labels.count) labels")
    self.blocks = blocks
    self.inputs = inputs
    self.labels = labels
  }

  /// The mean loss over the examples.
  package var loss: Double {
    let logits = activations().last!
    var total = 0.0
    for i in 0..<logits.rows {
      let row = (0..<logits.columns).map { logits[i, $0] }
      total += log(row.reduce(0) { $0 + exp($1) }) - row[labels[i]]
    }
    return total / Double(logits.rows)
  }

  /// The loss's gradient with respect to [W | b] of layer `block`.
  package func gradient(_ block: Int) -> Matrix {
    let activations = activations()
    let logits = activations.last!
    var delta = Matrix(logits.rows, logits.columns) { i, j in
      let sum = (0..<logits.columns).reduce(0) { $0 + exp(logits[i, $1]) }
      return (exp(logits[i, j]) / sum - (j == labels[i] ? 1 : 0)) / Double(logits.rows)
    }
    for layer in stride(from: blocks.count - 1, to: block, by: -1) {
      let back = delta * blocks[layer]
      // The last column belongs to the bias; behind it stands tanh, with derivative 1 - a^2.
      let below = activations[layer]
      delta = Matrix(back.rows, back.columns - 1) { back[$0, $1] * (1 - below[$0, $1] * below[$0, $1]) }
    }
    return delta.transposed * withOnes(activations[block])
  }

  /// The input of each layer, and behind them the logits.
  private func activations() -> [Matrix] {
    var all = [inputs]
    for (index, block) in blocks.enumerated() {
      let sums = withOnes(all[index]) * block.transposed
      let isLast = index == blocks.count - 1
      all.append(isLast ? sums : Matrix(sums.rows, sums.columns) { tanh(sums[$0, $1]) })
    }
    return all
  }

  private func withOnes(_ matrix: Matrix) -> Matrix { matrix.joined(Matrix(matrix.rows, 1) { _, _ in 1 }) }
}
