import CKernels

/// The optimizers' rules, at the size of an MLP 784-400-10 and at one that no cache holds.
func updateCases() -> [BenchmarkCase] {
  [318_010, 1 << 24].flatMap { [sgdCase($0), momentumCase($0), adamCase($0)] }
}

private func sgdCase(_ count: Int) -> BenchmarkCase {
  BenchmarkCase(kernel: "sgd", name: "\(count)", work: .traffic(bytes: 12 * Double(count)), footprint: 8 * count) {
    let kernels = ck_active()
    let rate: Float = 0.01
    let g = Floats(count, seed: 1), w = Floats(count, seed: 2)
    func run() { ck_sgd(kernels, count, rate, 1, g.base, w.base) }
    return PreparedCase(
      verify: {
        let old = w.copy()
        run()
        return firstMismatch("w", count, got: { Double(w[$0]) }) { i in
          let step = Double(rate) * Double(g[i])
          // A product and a difference, each rounded at most once.
          return (Double(old[i]) - step, 2 * rounding * (abs(Double(old[i])) + 2 * abs(step)))
        }
      },
      body: run)
  }
}

private func momentumCase(_ count: Int) -> BenchmarkCase {
  BenchmarkCase(
    kernel: "momentum", name: "\(count)", work: .traffic(bytes: 20 * Double(count)), footprint: 12 * count
  ) {
    let kernels = ck_active()
    let rate: Float = 0.01, momentum: Float = 0.9
    let g = Floats(count, seed: 1), w = Floats(count, seed: 2), v = Floats(count, seed: 3)
    func run() { ck_momentum(kernels, count, rate, 1, momentum, false, g.base, v.base, w.base) }
    return PreparedCase(
      verify: {
        let oldW = w.copy(), oldV = v.copy()
        run()
        func velocity(_ i: Int) -> (value: Double, bound: Double) {
          let (kept, g) = (Double(momentum) * Double(oldV[i]), Double(g[i]))
          return (kept + g, 2 * rounding * (abs(kept) + abs(g)))
        }
        return firstMismatch("v", count, got: { Double(v[$0]) }, wanted: velocity)
          ?? firstMismatch("w", count, got: { Double(w[$0]) }) { i in
            let (v, bound) = velocity(i)
            let (old, step) = (Double(oldW[i]), Double(rate) * v)
            return (old - step, 2 * rounding * (abs(old) + 2 * abs(step)) + Double(rate) * bound)
          }
      },
      body: run)
  }
}

private func adamCase(_ count: Int) -> BenchmarkCase {
  BenchmarkCase(kernel: "adam", name: "\(count)", work: .traffic(bytes: 28 * Double(count)), footprint: 16 * count) {
    let kernels = ck_active()
    let arguments = ck_adam_args(
      rate: 1e-3, decay_factor: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.5, correction2: 0.25)
    let g = Floats(count, seed: 1), w = Floats(count, seed: 2)
    let m = Floats(count, seed: 3), v = Floats(count, seed: 4) { $0 }
    func run() { withUnsafePointer(to: arguments) { ck_adam(kernels, count, $0, g.base, m.base, v.base, w.base) } }
    return PreparedCase(
      verify: {
        let oldW = w.copy(), oldM = m.copy(), oldV = v.copy()
        run()
        let reference = AdamReference(arguments), moments = reference.moments
        // The step has six more operations.
        return moments.firstMismatch(count, g, m: (oldM, m), v: (oldV, v))
          ?? firstMismatch("w", count, got: { Double(w[$0]) }) { i in
            let first = moments.first(Double(oldM[i]), Double(g[i]))
            let second = moments.second(Double(oldV[i]), Double(g[i]))
            let step = reference.step(first.value, second), largest = reference.step(first.magnitude, second)
            return (Double(oldW[i]) - step, rounding * (2 * abs(Double(oldW[i])) + 20 * largest))
          }
      },
      body: run)
  }
}

/// What becomes of a gradient's moments.
struct MomentReference {
  let beta1: Double
  let beta2: Double

  /// The moment, and what its two parts come to where they do not cancel.
  func first(_ m: Double, _ g: Double) -> (value: Double, magnitude: Double) {
    (beta1 * m + (1 - beta1) * g, beta1 * abs(m) + (1 - beta1) * abs(g))
  }

  func second(_ v: Double, _ g: Double) -> Double { beta2 * v + (1 - beta2) * g * g }

  /// Each moment is a sum of two products.
  func firstMismatch(
    _ count: Int, _ g: Floats, m: (old: Floats, new: Floats), v: (old: Floats, new: Floats)
  ) -> String? {
    samt_bench.firstMismatch("m", count, got: { Double(m.new[$0]) }) { i in
      let moment = first(Double(m.old[i]), Double(g[i]))
      return (moment.value, 4 * rounding * moment.magnitude)
    }
      ?? samt_bench.firstMismatch("v", count, got: { Double(v.new[$0]) }) { i in
        let moment = second(Double(v.old[i]), Double(g[i]))
        return (moment, 6 * rounding * moment)
      }
  }
}

private struct AdamReference {
  let moments: MomentReference
  private let rate: Double
  private let epsilon: Double
  private let correction1: Double
  private let correction2: Double

  init(_ arguments: ck_adam_args) {
    rate = Double(arguments.rate)
    moments = MomentReference(beta1: Double(arguments.beta1), beta2: Double(arguments.beta2))
    epsilon = Double(arguments.epsilon)
    correction1 = Double(arguments.correction1)
    correction2 = Double(arguments.correction2)
  }

  func step(_ first: Double, _ second: Double) -> Double {
    rate * (first / correction1) / ((second / correction2).squareRoot() + epsilon)
  }
}
