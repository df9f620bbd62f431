import SAMT

/// A row-major matrix of doubles, for references written for clarity.
package struct Matrix: Equatable, Sendable {
  package let rows: Int
  package let columns: Int
  package var elements: [Double]

  package init(_ rows: Int, _ columns: Int, _ elements: [Double]) {
    precondition(elements.count == rows * columns, "\(elements.count) elements for \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// The matrix with entries `entry(row, column)`.
  package init(_ rows: Int, _ columns: Int, _ entry: (Int, Int) -> Double) {
    var elements: [Double] = []
    for i in 0..<rows { for j in 0..<columns { elements.append(entry(i, j)) } }
    self.init(rows, columns, elements)
  }

  /// A tensor seen as a matrix with its first axis as rows.
  package init(_ tensor: Tensor) {
    self.init(tensor.shape[0], tensor.shape.elementsPerRow, tensor.elements.map(Double.init))
  }

  package subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// [self | other], side by side.
  package func joined(_ other: Matrix) -> Matrix {
    precondition(rows == other.rows, "\(rows) and \(other.rows) rows")
    return Matrix(rows, columns + other.columns) { $1 < columns ? self[$0, $1] : other[$0, $1 - columns] }
  }

  package static func * (a: Matrix, b: Matrix) -> Matrix {
    precondition(a.columns == b.rows, "\(a.rows) x \(a.columns) times \(b.rows) x \(b.columns)")
    return Matrix(a.rows, b.columns) { i, j in (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] } }
  }

  package var transposed: Matrix { Matrix(columns, rows) { self[$1, $0] } }

  /// This matrix as a tensor, rounded to single precision.
  package var tensor: Tensor { Tensor(elements.map { Float($0) }, shape: [rows, columns]) }
}
