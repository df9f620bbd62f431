import CKernels

/// Update directions: NAdam's at the sizes of the optimizers' rules, and the orthogonalized ones of convolutions of
/// LeNet-5, ResNet-20 and ResNet-18, and of square matrices.
func directionCases() -> [BenchmarkCase] {
  [318_010, 1 << 24].map(nadamDirectionCase)
    + [(16, 150), (16, 144), (32, 288), (64, 576), (128, 1152), (256, 2304), (512, 4608), (512, 512), (1024, 1024)]
    .map(orthogonalizeCase)
}

private func nadamDirectionCase(_ count: Int) -> BenchmarkCase {
  // Three arrays read, three written.
  BenchmarkCase(
    kernel: "nadam_direction", name: "\(count)", work: .traffic(bytes: 24 * Double(count)), footprint: 16 * count
  ) {
    let kernels = ck_active()
    let arguments = ck_nadam_args(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.5, correction2: 0.25)
    let g = Floats(count, seed: 1), d = Floats(count, seed: 2)
    let m = Floats(count, seed: 3), v = Floats(count, seed: 4) { $0 }
    func run() -> Double {
      withUnsafePointer(to: arguments) {
        ck_nadam_direction(kernels, count, $0, g.base, m.base, v.base, m.base, v.base, d.base)
      }
    }
    return PreparedCase(
      verify: {
        let oldM = m.copy(), oldV = v.copy()
        let squares = run()
        let moments = MomentReference(beta1: Double(arguments.beta1), beta2: Double(arguments.beta2))
        var wanted = 0.0
        for i in 0..<count { wanted += Double(d[i]) * Double(d[i]) }
        // A sum adds at most 4096 numbers in single precision.
        guard abs(squares - wanted) <= 4096 * rounding * wanted else {
          return "sum of d^2 is \(squares), not \(wanted)"
        }
        return moments.firstMismatch(count, g, m: (oldM, m), v: (oldV, v))
          ?? firstMismatch("d", count, got: { Double(d[$0]) }) { i in
            let first = moments.first(Double(oldM[i]), Double(g[i]))
            let second = moments.second(Double(oldV[i]), Double(g[i]))
            let size = (second / Double(arguments.correction2)).squareRoot() + Double(arguments.epsilon)
            let ahead = moments.beta1 / Double(arguments.correction1), fresh = (1 - moments.beta1) * Double(g[i])
            return (
              (ahead * first.value + fresh) / size, 20 * rounding * (ahead * first.magnitude + abs(fresh)) / size
            )
          }
      },
      body: { _ = run() })
  }
}

private func orthogonalizeCase(_ rows: Int, _ columns: Int) -> BenchmarkCase {
  let n = Double(min(rows, columns)), longer = Double(max(rows, columns))
  // The Gram matrix by half, its product with X, and 17 products of symmetric matrices, by half.
  let operations = 3 * n * n * longer + 17 * n * n * n
  return BenchmarkCase(
    kernel: "orthogonalize", name: "\(rows)x\(columns)", work: .operations(operations), footprint: 8 * rows * columns
  ) {
    let kernels = ck_active()
    let muon = ck_newton_schulz(a: 3.4445, b: -4.775, c: 2.0315, iterations: 5)
    let x = Floats(rows * columns, seed: 1), y = Floats(rows * columns, seed: 2)
    let workspace = Floats(ck_orthogonalize_workspace(rows, columns), seed: 3)
    func run() {
      withUnsafePointer(to: muon) { ck_orthogonalize(kernels, rows, columns, $0, 1, x.base, workspace.base, y.base) }
    }
    return PreparedCase(
      verify: {
        run()
        // The quintic leaves the singular values of a matrix as well conditioned as this one between 0.6 and 1.3.
        var squares = 0.0
        for i in 0..<y.count { squares += Double(y[i]) * Double(y[i]) }
        let mean = squares / n
        return mean >= 0.36 && mean <= 1.69 ? nil : "the mean squared singular value is \(mean)"
      },
      body: run)
  }
}
