import Foundation

/// How a model's outputs become the probabilities of classes.
public enum OutputProbabilities: String, Sendable, CaseIterable {
  /// Of one class among all: exp(x_i) / sum over j of exp(x_j), as cross-entropy trains it.
  case softmax
  /// Of each class by itself: 1 / (1 + exp(-x_i)), as binary cross-entropy trains it.
  case sigmoid

  /// The probability of class `index` by one example's outputs; finite ones do not overflow.
  ///
  /// - Precondition: `index` is one of the outputs'.
  public func probability(of index: Int, in outputs: some RandomAccessCollection<Float>) -> Double {
    let output = Double(outputs[outputs.index(outputs.startIndex, offsetBy: index)])
    switch self {
    case .softmax: return 1 / outputs.reduce(0) { $0 + exp(Double($1) - output) }
    case .sigmoid: return 1 / (1 + exp(-output))
    }
  }
}
