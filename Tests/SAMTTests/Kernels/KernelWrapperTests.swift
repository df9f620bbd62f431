import SAMT
import SAMTTestSupport
import Testing

/// Whether tensors' shapes reach C as they should; the arithmetic has tests of its own, kernel by kernel.
@Suite struct KernelWrapperTests {
  /// Whole numbers, whose products and sums are exact in single precision.
  private func whole(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor((0..<shape.count).map { _ in Float(generator.integer(in: -8...8)) }, shape: shape)
  }

  private func nans(_ shape: Shape) -> Tensor { Tensor([Float](repeating: .nan, count: shape.count), shape: shape) }

  @Test(arguments: [false, true], [false, true]) func products(transposeA: Bool, transposeB: Bool) {
    let a = whole(transposeA ? [5, 3] : [3, 5], seed: 1), b = whole(transposeB ? [4, 5] : [5, 4], seed: 2)
    let expected = (transposeA ? Matrix(a).transposed : Matrix(a)) * (transposeB ? Matrix(b).transposed : Matrix(b))
    var product = nans([3, 4])
    Kernels.multiply(a, transposeA: transposeA, b, transposeB: transposeB, into: &product)
    #expect(Matrix(product) == expected)
    // Twice the product, thrice what was there, a bias for every column.
    let bias = whole([4], seed: 3)
    let before = whole([3, 4], seed: 4)
    var sum = before
    Kernels.multiply(
      a, transposeA: transposeA, b, transposeB: transposeB, into: &sum, alpha: 2, beta: 3, bias: bias)
    let all = Matrix(3, 4) {
      2 * expected[$0, $1] + 3 * Double(before.elements[4 * $0 + $1]) + Double(bias.elements[$1])
    }
    #expect(Matrix(sum) == all)
  }

  @Test func axesBehindTheFirstAreJoined() {
    let a = whole([3, 2, 2, 2], seed: 1), b = whole([4, 8], seed: 2)
    var product = nans([3, 4])
    Kernels.multiply(a, b, transposeB: true, into: &product)
    #expect(Matrix(product) == Matrix(a) * Matrix(b).transposed)
  }

  @Test func sumsAndInnerProducts() {
    let x = whole([4, 7], seed: 1), y = whole([4, 7], seed: 2)
    let (a, b) = (Matrix(x), Matrix(y))
    var sums = nans([7])
    Kernels.sumRows(of: x, into: &sums)
    #expect(sums.elements == (0..<7).map { j in Float((0..<4).reduce(0) { $0 + a[$1, j] }) })
    #expect(Kernels.dot(x, y) == (0..<28).reduce(0) { $0 + a.elements[$1] * b.elements[$1] })
    var rows = [Double](repeating: .nan, count: 4), columns = [Double](repeating: .nan, count: 7)
    rows.withUnsafeMutableBufferPointer { Kernels.rowDots(x, y, into: $0) }
    columns.withUnsafeMutableBufferPointer { Kernels.columnDots(x, y, into: $0) }
    #expect(rows == (0..<4).map { i in (0..<7).reduce(0) { $0 + a[i, $1] * b[i, $1] } })
    #expect(columns == (0..<7).map { j in (0..<4).reduce(0) { $0 + a[$1, j] * b[$1, j] } })
  }

  @Test func biasAndReLU() {
    let x = whole([3, 2, 4], seed: 1), b = whole([8], seed: 2)
    var y = nans([3, 2, 4])
    Kernels.applyBiasReLU(to: x, bias: b, into: &y)
    #expect(y.elements == (0..<24).map { max(x.elements[$0] + b.elements[$0 % 8], 0) })
  }

  @Test func momentsOfRowsAndColumns() {
    let x = whole([5, 2, 3], seed: 1)
    var rows = [Moments](repeating: Moments(), count: 5), columns = [Moments](repeating: Moments(), count: 6)
    Kernels.rowMoments(of: x, into: &rows)
    Kernels.columnMoments(of: x, into: &columns)
    // Sums of whole numbers are exact, and so are the quotients that follow from them, up to one rounding in double.
    func check(_ moments: Moments, _ elements: [Float], _ name: String) {
      let count = Double(elements.count), mean = elements.reduce(0) { $0 + Double($1) } / count
      let variance = elements.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
      #expect(moments.count == elements.count, "\(name)")
      #expect(abs(moments.mean - mean) <= 1e-14 * 8, "\(name)")
      #expect(abs(moments.variance - variance) <= 1e-14 * 64, "\(name)")
      #expect(moments.maximum == Double(elements.max()!), "\(name)")
      #expect(moments.minimum == Double(elements.min()!), "\(name)")
      #expect(abs(moments.sumOfSquares - elements.reduce(0) { $0 + Double($1 * $1) }) <= 1e-14 * 64 * 6, "\(name)")
    }
    for i in 0..<5 { check(rows[i], Array(x.elements[6 * i..<6 * i + 6]), "row \(i)") }
    for j in 0..<6 { check(columns[j], (0..<5).map { x.elements[6 * $0 + j] }, "column \(j)") }
  }

  @Test func elementwiseArithmetic() {
    let x = Tensor([1, -2, 3], shape: [3])
    var y = Tensor([10, 20, 30], shape: [3])
    Kernels.add(x, scaledBy: 2, to: &y)
    #expect(y.elements == [12, 16, 36])
    Kernels.scale(&y, by: 0.5)
    #expect(y.elements == [6, 8, 18])
    var z = nans([3])
    Kernels.multiplyElements(x, y, into: &z)
    #expect(z.elements == [6, -16, 54])
    Kernels.maskElements(Tensor([.infinity, .nan, 3], shape: [3]), by: Tensor([0, 0, 2], shape: [3]), into: &z)
    #expect(z.elements == [0, 0, 6])
    Kernels.multiplyElements(x, y, into: &z)
    Kernels.clamp(&z, to: -1...7)
    #expect(z.elements == [6, -1, 7])
    Kernels.copy(x, into: &z)
    #expect(z.elements == x.elements)
  }

  @Test func dropoutMasksAdvanceTheGenerator() {
    var generator = Generator(seed: 1)
    var first = nans([50]), second = nans([50])
    Kernels.fillDropoutMask(&first, probability: 0.5, using: &generator)
    Kernels.fillDropoutMask(&second, probability: 0.5, using: &generator)
    #expect((first.elements + second.elements).allSatisfy { $0 == 0 || $0 == 2 })
    #expect(first.elements != second.elements)
  }
}

@Suite struct MomentsTests {
  private let elements: [Float] = [1, 2, 3, 4, -5, 0, 0.5, 2.5]

  @Test func fiveStatistics() {
    let moments = Moments(of: Tensor(elements, shape: [2, 4]))
    #expect(moments.count == 8)
    #expect(moments.mean == 1)
    // A few roundings in double precision.
    #expect(abs(moments.sumOfSquares - 61.5) <= 1e-13)
    #expect(abs(moments.variance - (61.5 / 8 - 1)) <= 1e-15)
    #expect(moments.maximum == 4 && moments.minimum == -5)
    #expect(abs(moments.norm * moments.norm - 61.5) <= 1e-13)
  }

  @Test(arguments: 0...8) func partsMergeIntoTheWhole(cut: Int) {
    var merged = Moments(of: Tensor(Array(elements[..<cut]), shape: [cut]))
    merged.merge(Moments(of: Tensor(Array(elements[cut...]), shape: [8 - cut])))
    let whole = Moments(of: Tensor(elements, shape: [8]))
    #expect(merged.count == 8)
    #expect(abs(merged.mean - whole.mean) <= 1e-15)
    #expect(abs(merged.variance - whole.variance) <= 1e-14)
    #expect(abs(merged.sumOfSquares - whole.sumOfSquares) <= 1e-13)
    #expect(merged.maximum == 4 && merged.minimum == -5)
  }

  @Test func noNumbers() {
    let none = Moments()
    #expect(none.count == 0 && none.mean == 0 && none.variance == 0 && none.norm == 0)
    #expect(none.maximum == -.infinity && none.minimum == .infinity)
  }
}
