import Foundation
import Testing

@testable import SAMT

/// Singular values and what is left of them above noise.
@Suite struct SingularValuesTests {
  /// Householder's reflection I - 2 v v^T / |v|^2 with v[i] = 1 + (3 i + seed) mod 5.
  private func reflection(_ n: Int, _ seed: Int) -> [[Double]] {
    let v = (0..<n).map { Double(1 + (3 * $0 + seed) % 5) }
    let squares = v.reduce(0) { $0 + $1 * $1 }
    return (0..<n).map { i in (0..<n).map { j in (i == j ? 1 : 0) - 2 * v[i] * v[j] / squares } }
  }

  /// A matrix made of known values by two orthogonal ones has these values, to the root of what rounding does to squares.
  @Test(arguments: [(1, 1), (1, 7), (2, 2), (3, 5), (5, 3), (8, 8), (20, 33), (40, 12)])
  func ofAMatrixThatIsMadeOfThem(rows: Int, columns: Int) {
    let n = min(rows, columns)
    let values = (0..<n).map { index in index == n - 1 && n > 2 ? 0 : Double(n - index) * 0.75 }
    let (left, right) = (reflection(rows, 1), reflection(columns, 2))
    let found = SingularValues.of(rows: rows, columns: columns) { i, j in
      (0..<n).reduce(0.0) { $0 + left[i][$1] * values[$1] * right[j][$1] }
    }
    let largest = values[0]
    #expect(found.count == n)
    for (a, b) in zip(found, values) {
      // Squares are off by some n roundings of the largest one; a root of 0 by the root of that.
      let squareError = Double(40 * max(rows, columns)) * .ulpOfOne * largest * largest
      #expect(abs(a * a - b * b) <= squareError, "\(a), not \(b)")
    }
  }

  /// Trace and sum of squares are those of the matrix; equal eigenvalues and zeros end the iteration at once.
  @Test func eigenvaluesOfMatricesWithEqualOnes() {
    for n in [1, 2, 3, 9] {
      let identity = (0..<n * n).map { $0 % (n + 1) == 0 ? 2.0 : 0 }
      #expect(SingularValues.eigenvalues(symmetric: identity, n) == [Double](repeating: 2, count: n))
      #expect(
        SingularValues.eigenvalues(symmetric: [Double](repeating: 0, count: n * n), n)
          == [Double](repeating: 0, count: n))
      let ones = SingularValues.eigenvalues(symmetric: [Double](repeating: 1, count: n * n), n).sorted()
      #expect(abs(ones[n - 1] - Double(n)) <= 1e-13 * Double(n))
      for value in ones.dropLast() { #expect(abs(value) <= 1e-13 * Double(n)) }
    }
    #expect(SingularValues.eigenvalues(symmetric: [.nan], 1)[0].isNaN)
  }

  /// Numbers of Golden/norm_rules.py: three signals in noise of variance 0.01, and noise alone.
  @Test func whatIsLeftAboveNoise() {
    let model = KnowledgeGain(6, 30)
    let values = [9, 5, 2.5, 0.7, 0.55, 0.4]
    let found = model.shrunk(values)
    #expect(found.count == KnowledgeGainGolden.shrunk.count)
    for (a, b) in zip(found, KnowledgeGainGolden.shrunk) {
      // Both minimize the free energy by comparing it, which tells variances apart to the root of a rounding, 1e-8; the
      // values move by less than ten times that.
      #expect(abs(a - b) <= 1e-6, "\(a), not \(b)")
    }
    #expect(KnowledgeGain.of(Tensor(zeros: [3, 4])) == 0)
    #expect(KnowledgeGain.of(Tensor([.nan, 1, 1, 1], shape: [2, 2])) == 0)
    // One value alone is all signal or all noise, whatever its size.
    #expect(KnowledgeGain(1, 1).shrunk([2]).count <= 1)
  }
}
