import Foundation

/// The singular values of matrices in double precision: the roots of the eigenvalues of the smaller Gram matrix.
///
/// Householder's reflections bring that matrix to three diagonals, and implicit QL steps these to one (Wilkinson and
/// Reinsch 1971). Values are right to about 1e-8 of the largest, since the Gram matrix holds their squares.
enum SingularValues {
  /// The values of a matrix given by its elements, largest first: as many as its shorter side is long.
  static func of(rows: Int, columns: Int, _ element: (_ row: Int, _ column: Int) -> Double) -> [Double] {
    let isTall = rows > columns
    let (n, longer) = isTall ? (columns, rows) : (rows, columns)
    var lines = [Double](repeating: 0, count: n * longer)
    for i in 0..<n {
      for j in 0..<longer { lines[i * longer + j] = isTall ? element(j, i) : element(i, j) }
    }
    var gram = [Double](repeating: 0, count: n * n)
    lines.withUnsafeBufferPointer { lines in
      for i in 0..<n {
        for j in 0...i {
          var sum = 0.0
          for k in 0..<longer { sum += lines[i * longer + k] * lines[j * longer + k] }
          gram[i * n + j] = sum
          gram[j * n + i] = sum
        }
      }
    }
    return eigenvalues(symmetric: gram, n).map { max($0, 0).squareRoot() }.sorted(by: >)
  }

  /// The eigenvalues of a symmetric matrix, (n, n), in no order; NaN where an element is no number.
  static func eigenvalues(symmetric matrix: [Double], _ n: Int) -> [Double] {
    guard matrix.allSatisfy(\.isFinite) else { return [Double](repeating: .nan, count: n) }
    var (diagonal, next) = tridiagonal(matrix, n)
    for first in 0..<n {
      // Each step makes the next off-diagonal element a third power of what it was; 30 are more than are ever needed.
      for _ in 0..<60 {
        var last = first
        while last < n - 1 {
          let neighbours = abs(diagonal[last]) + abs(diagonal[last + 1])
          if abs(next[last]) <= .ulpOfOne * neighbours { break }
          last += 1
        }
        if last == first { break }
        implicitStep(&diagonal, &next, first, last)
      }
    }
    return diagonal
  }

  /// The diagonal and the elements beside it of a similar matrix that has no others.
  private static func tridiagonal(_ matrix: [Double], _ n: Int) -> (diagonal: [Double], next: [Double]) {
    var a = matrix
    var next = [Double](repeating: 0, count: n)
    var v = next, p = next
    for column in 0..<max(n - 2, 0) {
      var squares = 0.0
      for i in column + 1..<n { squares += a[i * n + column] * a[i * n + column] }
      let norm = squares.squareRoot(), head = a[(column + 1) * n + column]
      next[column] = head > 0 ? -norm : norm
      if norm == 0 { continue }
      // A - 2 v v^T A ... with v = x - next e, scaled so that |v|^2 = 2.
      let scale = 1 / (squares - head * next[column]).squareRoot()
      for i in column + 1..<n { v[i] = (a[i * n + column] - (i == column + 1 ? next[column] : 0)) * scale }
      var product = 0.0
      for i in column + 1..<n {
        var sum = 0.0
        for j in column + 1..<n { sum += a[i * n + j] * v[j] }
        p[i] = sum
        product += sum * v[i]
      }
      for i in column + 1..<n { p[i] -= product / 2 * v[i] }
      for i in column + 1..<n {
        for j in column + 1..<n { a[i * n + j] -= v[i] * p[j] + p[i] * v[j] }
      }
    }
    if n > 1 { next[n - 2] = a[(n - 1) * n + n - 2] }
    return ((0..<n).map { a[$0 * n + $0] }, next)
  }

  /// One implicit QL step of the rows from first to last, shifted by the eigenvalue of the upper two that is nearer the first.
  private static func implicitStep(_ diagonal: inout [Double], _ next: inout [Double], _ first: Int, _ last: Int) {
    var g = (diagonal[first + 1] - diagonal[first]) / (2 * next[first])
    var r = (g * g + 1).squareRoot()
    g = diagonal[last] - diagonal[first] + next[first] / (g + (g < 0 ? -r : r))
    var (s, c, p) = (1.0, 1.0, 0.0)
    for i in stride(from: last - 1, through: first, by: -1) {
      let f = s * next[i], b = c * next[i]
      r = (f * f + g * g).squareRoot()
      next[i + 1] = r
      if r == 0 {
        diagonal[i + 1] -= p
        next[last] = 0
        return
      }
      (s, c) = (f / r, g / r)
      g = diagonal[i + 1] - p
      r = (diagonal[i] - g) * s + 2 * c * b
      p = s * r
      diagonal[i + 1] = g + p
      g = c * r - b
    }
    diagonal[first] -= p
    next[first] = g
    next[last] = 0
  }
}
