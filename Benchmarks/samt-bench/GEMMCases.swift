import CKernels

/// One matrix product: op(A) is (m, k), op(B) is (k, n).
struct Product {
  let transposeA: Bool
  let transposeB: Bool
  let m: Int
  let n: Int
  let k: Int

  /// `layout` is N or T for A, then for B.
  init(_ layout: String, _ m: Int, _ n: Int, _ k: Int) {
    transposeA = layout.first == "T"
    transposeB = layout.last == "T"
    self.m = m
    self.n = n
    self.k = k
  }

  var name: String { "\(transposeA ? "T" : "N")\(transposeB ? "T" : "N") \(m)x\(n)x\(k)" }

  static let all: [Product] = {
    let cubes = [64, 128, 256, 512, 1024].flatMap { size in
      ["NN", "NT", "TN", "TT"].map { Product($0, size, size, size) }
    }
    let large = [2048, 4096].map { Product("NN", $0, $0, $0) }
    // Forward, weight gradient and input gradient of the layers of an MLP 784-400-10 at batch 128.
    let layers = [
      Product("NN", 128, 400, 784), Product("NT", 128, 400, 784), Product("TN", 400, 784, 128),
      Product("NN", 128, 784, 400), Product("NT", 128, 784, 400), Product("NN", 128, 10, 400),
      Product("NT", 128, 10, 400), Product("TN", 10, 400, 128), Product("NN", 10, 400, 128),
      Product("NN", 128, 400, 10), Product("NT", 128, 400, 10), Product("TN", 400, 10, 128),
    ]
    // Convolutions as products.
    let convolutions = [
      Product("NN", 64, 32768, 576), Product("NN", 128, 8192, 1152), Product("NN", 512, 512, 4608),
      Product("NN", 6, 73728, 25), Product("NN", 16, 8192, 150),
    ]
    return cubes + large + layers + convolutions
  }()
}

/// The products, each in turns with that of every one of `libraries`.
func gemmCases(against libraries: [BLASLibrary]) -> [BenchmarkCase] {
  Product.all.map { product in
    let (m, n, k) = (product.m, product.n, product.k)
    return BenchmarkCase(
      kernel: "gemm", name: product.name, work: .operations(2 * Double(m) * Double(n) * Double(k)),
      footprint: 4 * (m * k + k * n + m * n)
    ) {
      let operands = ProductOperands(product)
      return PreparedCase(
        verify: { operands.verify { operands.run() } }, body: { operands.run() },
        peers: libraries.map { library in
          PeerCall(
            name: library.name, version: library.version, verify: { operands.verify { operands.run(library) } },
            body: { operands.run(library) })
        })
    }
  }
}

/// A product's matrices, and the calls.
final class ProductOperands {
  private let product: Product
  private let kernels = ck_active()
  private let a: Floats
  private let b: Floats
  private let c: Floats
  private let arguments: ck_gemm_args

  init(_ product: Product) {
    self.product = product
    let (m, n, k) = (product.m, product.n, product.k)
    a = Floats(m * k, seed: 1)
    b = Floats(k * n, seed: 2)
    c = Floats(m * n, repeating: .nan)
    arguments = ck_gemm_args(
      m: m, n: n, k: k, transpose_a: product.transposeA, transpose_b: product.transposeB, alpha: 1, beta: 0,
      a: UnsafePointer(a.base), lda: product.transposeA ? m : k, b: UnsafePointer(b.base),
      ldb: product.transposeB ? k : n, c: c.base, ldc: n, bias: nil)
  }

  func run() {
    withUnsafePointer(to: arguments) { ck_gemm(kernels, $0) }
  }

  func run(_ library: BLASLibrary) { library.multiply(product, a.base, b.base, c.base) }

  /// Whether `run` makes C: all of it for whole numbers, and a sample for others, which stay as operands.
  func verify(_ run: () -> Void) -> String? {
    let failure = verifyWhole(run)
    a.fill(seed: 1)
    b.fill(seed: 2)
    return failure ?? verifySample(run)
  }

  /// An element of op(A), and of op(B).
  private func aAt(_ i: Int, _ p: Int) -> Double {
    Double(product.transposeA ? a[p * product.m + i] : a[i * product.k + p])
  }
  private func bAt(_ p: Int, _ j: Int) -> Double {
    Double(product.transposeB ? b[j * product.k + p] : b[p * product.n + j])
  }

  /// Checks C r = A (B r) for a vector r (Freivalds 1977).
  ///
  /// With small whole numbers all of it is exact, so one wrong element of C shows, and no second product is needed.
  private func verifyWhole(_ run: () -> Void) -> String? {
    a.fill(seed: 3, smallInteger)
    b.fill(seed: 4, smallInteger)
    c.fill(.nan)
    run()
    // None is 0, which would hide its column of C.
    let r = (0..<product.n).map { (j: Int) -> Double in
      let size = Double(j * 7 % 5 + 1)
      return j % 3 == 0 ? -size : size
    }
    let br = (0..<product.k).map { (p: Int) -> Double in
      var sum = 0.0
      for j in 0..<product.n { sum += bAt(p, j) * r[j] }
      return sum
    }
    for i in 0..<product.m {
      var expected = 0.0, sum = 0.0
      for p in 0..<product.k { expected += aAt(i, p) * br[p] }
      for j in 0..<product.n { sum += Double(c[i * product.n + j]) * r[j] }
      guard sum == expected else { return "row \(i) of C, weighted, adds up to \(sum), expected \(expected)" }
    }
    return nil
  }

  private func verifySample(_ run: () -> Void) -> String? {
    c.fill(.nan)
    run()
    let (m, n, k) = (product.m, product.n, product.k)
    // k products and sums, each rounded once, in any order; nearly always far less.
    let bound = Double(k + 2) * rounding
    for sample in 0..<200 {
      let index = sample == 0 ? m * n - 1 : sample * 7_919_191 % (m * n)
      let (i, j) = (index / n, index % n)
      var expected = 0.0, magnitude = 0.0
      for p in 0..<k {
        let term = aAt(i, p) * bAt(p, j)
        expected += term
        magnitude += abs(term)
      }
      guard abs(Double(c[index]) - expected) <= bound * magnitude else {
        return "C[\(i), \(j)] is \(c[index]), expected \(expected) within \(bound * magnitude)"
      }
    }
    return nil
  }
}
