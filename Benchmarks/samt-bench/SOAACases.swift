import CKernels

/// SOAA's two passes, at the size of an MLP 784-400-10 and at one that no cache holds.
func soaaCases() -> [BenchmarkCase] { [318_010, 1 << 24].map(soaaCase) }

private func soaaCase(_ count: Int) -> BenchmarkCase {
  // The first pass reads three arrays and writes two, the second reads four and writes one.
  BenchmarkCase(kernel: "soaa", name: "\(count)", work: .traffic(bytes: 40 * Double(count)), footprint: 16 * count) {
    let kernels = ck_active()
    let arguments = ck_soaa_args(
      rate: 1e-3, decay_factor: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.5, correction2: 0.25,
      fisher: 1.5,
      radius: 1.1)
    let g = Floats(count, seed: 1), w = Floats(count, seed: 2)
    let m = Floats(count, seed: 3), v = Floats(count, seed: 4) { $0 }
    func run() -> (sums: ck_soaa_sums, reduction: Double) {
      withUnsafePointer(to: arguments) {
        let sums = ck_soaa_moments(kernels, count, $0, g.base, m.base, v.base)
        return (sums, ck_soaa_step(kernels, count, $0, g.base, m.base, v.base, w.base))
      }
    }
    return PreparedCase(
      verify: {
        let oldW = w.copy(), oldM = m.copy(), oldV = v.copy()
        let found = run()
        let reference = SOAAReference(arguments)
        var (squares, seconds, reduction, terms) = (0.0, 0.0, 0.0, 0.0)
        for i in 0..<count {
          let (m, v) = (Double(m[i]), Double(v[i]))
          let step = reference.step(m, v)
          let term = -step * (Double(g[i]) + reference.curvature(v) * step / 2)
          squares += m * m
          seconds += v
          reduction += term
          terms += abs(term)
        }
        // A sum adds at most 4096 numbers in single precision.
        let sums = [
          ("sum of m^2", found.sums.first_squared, squares, squares), ("sum of v", found.sums.second, seconds, seconds),
          ("reduction", found.reduction, reduction, terms),
        ]
        for (name, got, wanted, size) in sums where !(abs(got - wanted) <= 4096 * rounding * size) {
          return "\(name) is \(got), not \(wanted)"
        }
        return reference.moments.firstMismatch(count, g, m: (oldM, m), v: (oldV, v))
          ?? firstMismatch("w", count, got: { Double(w[$0]) }) { i in
            let step = reference.step(Double(m[i]), Double(v[i]))
            return (Double(oldW[i]) + step, rounding * (2 * abs(Double(oldW[i])) + 20 * abs(step)))
          }
      },
      body: { _ = run() })
  }
}

private struct SOAAReference {
  let moments: MomentReference
  private let rate: Double
  private let epsilon: Double
  private let correction1: Double
  private let correction2: Double
  private let fisher: Double
  private let radius: Double

  init(_ arguments: ck_soaa_args) {
    moments = MomentReference(beta1: Double(arguments.beta1), beta2: Double(arguments.beta2))
    rate = Double(arguments.rate)
    epsilon = Double(arguments.epsilon)
    correction1 = Double(arguments.correction1)
    correction2 = Double(arguments.correction2)
    fisher = Double(arguments.fisher)
    radius = Double(arguments.radius)
  }

  func curvature(_ v: Double) -> Double { fisher * v / correction2 }

  /// What the weight changes by, given the new moments.
  func step(_ m: Double, _ v: Double) -> Double {
    let size = max(radius * curvature(v), (v / correction2).squareRoot()) + epsilon
    return -rate * m / correction1 * radius / size
  }
}
