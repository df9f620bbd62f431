import CKernels
import Foundation

// The block of an MLP's first layer: weights and bias as one matrix.
private let rows = 400
private let columns = 785
private let count = rows * columns
private let shape = "\(rows)x\(columns)"

/// SAMT's steps, W' = W - eta g, by where eta varies, and what teaches the factored eta.
func samtCases() -> [BenchmarkCase] {
  [
    stepCase("samt_scalar", etas: 1, place: { _ in 0 }) { kernels, eta, g, w, next in
      ck_samt_scalar(kernels, count, eta[0], 1, g, w, next)
    },
    stepCase("samt_rows", etas: rows, place: { $0 / columns }) { kernels, eta, g, w, next in
      ck_samt_rows(kernels, rows, columns, eta, 1, g, w, next)
    },
    stepCase("samt_columns", etas: columns, place: { $0 % columns }) { kernels, eta, g, w, next in
      ck_samt_columns(kernels, rows, columns, eta, 1, g, w, next)
    },
    factoredCase(), factoredGradientCase(),
  ]
}

private typealias Pointer = UnsafePointer<Float>

/// `place` says which of the step sizes an element takes.
private func stepCase(
  _ kernel: String, etas: Int, place: @escaping (Int) -> Int,
  run: @escaping (OpaquePointer, Pointer, Pointer, Pointer, UnsafeMutablePointer<Float>) -> Void
) -> BenchmarkCase {
  BenchmarkCase(
    kernel: kernel, name: shape, work: .traffic(bytes: Double(4 * (3 * count + etas))),
    footprint: 4 * (3 * count + etas)
  ) {
    let kernels = ck_active()
    let g = Floats(count, seed: 1), w = Floats(count, seed: 2), eta = Floats(etas, seed: 3) { $0 }
    let next = Floats(count, repeating: .nan)
    func body() { run(kernels, eta.base, g.base, w.base, next.base) }
    return PreparedCase(
      verify: {
        body()
        return firstMismatch("next", count, got: { Double(next[$0]) }) { i in
          let step = Double(eta[place(i)]) * Double(g[i])
          // A product and a difference, each rounded at most once.
          return (Double(w[i]) - step, 2 * rounding * (abs(Double(w[i])) + 2 * abs(step)))
        }
      },
      body: body)
  }
}

private func factoredCase() -> BenchmarkCase {
  let edges = 2 * (rows + columns)
  return BenchmarkCase(
    kernel: "samt_factored", name: shape, work: .traffic(bytes: Double(4 * (3 * count + edges))),
    footprint: 4 * (3 * count + edges)
  ) {
    let kernels = ck_active()
    let head = FactoredEta()
    let g = Floats(count, seed: 1), w = Floats(count, seed: 2), next = Floats(count, repeating: .nan)
    func run() -> Double {
      withUnsafePointer(to: head.argument) {
        ck_samt_factored(kernels, rows, columns, $0, 1, g.base, w.base, next.base)
      }
    }
    return PreparedCase(
      verify: {
        let sum = run()
        var expected = 0.0
        for i in 0..<count { expected += head.entry(i).eta }
        // Float sums along rows, of numbers that are off by `relativeError` themselves.
        let bound = (Double(columns) * rounding + FactoredEta.relativeError) * expected
        guard abs(sum - expected) <= bound else { return "the step sizes' sum is \(sum), expected \(expected)" }
        return firstMismatch("next", count, got: { Double(next[$0]) }) { i in
          let step = head.entry(i).eta * Double(g[i])
          return (Double(w[i]) - step, FactoredEta.relativeError * abs(step) + 2 * rounding * abs(Double(w[i])))
        }
      },
      body: { _ = run() })
  }
}

private func factoredGradientCase() -> BenchmarkCase {
  let edges = 2 * (rows + columns)
  return BenchmarkCase(
    kernel: "samt_factored_gradient", name: shape, work: .traffic(bytes: Double(8 * count + 20 * edges)),
    footprint: 8 * count + 12 * edges
  ) {
    let kernels = ck_active()
    let head = FactoredEta()
    let g = Floats(count, seed: 1), g2 = Floats(count, seed: 2)
    // p by row, p by column, q by row, q by column.
    let sums = [rows, columns, rows, columns].map { Operand<Double>($0, repeating: 0) }
    func run() {
      withUnsafePointer(to: head.argument) {
        ck_samt_factored_gradient(
          kernels, rows, columns, $0, g.base, g2.base, sums[0].base, sums[1].base, sums[2].base, sums[3].base)
      }
    }
    return PreparedCase(
      verify: {
        run()
        return head.gradientMismatch(g, g2, sums)
      },
      body: run)
  }
}

/// A factored head with step sizes between half and twice eta0, and its formulas in double.
private final class FactoredEta {
  /// Of a step size: t and t0 are each off by some roundings, which the exponential multiplies by half its range, and
  /// adds its own.
  static let relativeError = 200 * rounding

  let argument: ck_factored_eta
  private let rowP: Floats
  private let rowQ: Floats
  private let columnP: Floats
  private let columnQ: Floats

  init() {
    func factors(_ count: Int, seed: UInt64) -> Floats { Floats(count, seed: seed) { exp(0.2 * $0 - 0.1) } }
    rowP = factors(rows, seed: 11)
    rowQ = factors(rows, seed: 12)
    columnP = factors(columns, seed: 13)
    columnQ = factors(columns, seed: 14)
    argument = ck_factored_eta(
      row_p: rowP.base, row_q: rowQ.base, column_p: columnP.base, column_q: columnQ.base, projection: CK_EXP_TANH,
      eta0: 0.5, half_range: 6.9, initial_q: 1, scale: 1, right_only: false)
  }

  /// Element `i`'s step size, its gate, the learned step size and that one's derivative by q.
  func entry(_ i: Int) -> (eta: Double, gate: Double, learned: Double, slope: Double) {
    let p = Double(rowP[i / columns]) * Double(columnP[i % columns])
    let q = Double(rowQ[i / columns]) * Double(columnQ[i % columns])
    let eta0 = Double(argument.eta0), halfRange = Double(argument.half_range), t = (q - 1) / (q + 1)
    let gate = 1 / (1 + p), learned = eta0 * exp(halfRange * t)
    return (gate * eta0 + (1 - gate) * learned, gate, learned, learned * halfRange * (1 - t * t))
  }

  func gradientMismatch(_ g: Floats, _ g2: Floats, _ sums: [Operand<Double>]) -> String? {
    var wanted = sums.map { [Double](repeating: 0, count: $0.count) }
    var magnitudes = wanted
    let eta0 = Double(argument.eta0)
    for i in 0..<count {
      let entry = entry(i), m = -Double(g[i]) * Double(g2[i]), other = 1 - entry.gate
      let toP = m * (eta0 - entry.learned) * entry.gate * other, toQ = m * other * entry.slope
      // The difference may cancel, and its error is that of the step sizes.
      let sizeP = abs(m) * (eta0 + entry.learned) * entry.gate * other
      for (sum, place, term, size) in [
        (0, i / columns, toP, sizeP), (1, i % columns, toP, sizeP), (2, i / columns, toQ, abs(toQ)),
        (3, i % columns, toQ, abs(toQ)),
      ] {
        wanted[sum][place] += term
        magnitudes[sum][place] += size
      }
    }
    // Rows are summed in float.
    let tolerance = FactoredEta.relativeError + Double(columns) * rounding
    for (index, name) in ["dp of rows", "dp of columns", "dq of rows", "dq of columns"].enumerated() {
      let mismatch = firstMismatch(name, sums[index].count, got: { sums[index][$0] }) {
        (wanted[index][$0], tolerance * magnitudes[index][$0])
      }
      if let mismatch { return mismatch }
    }
    return nil
  }
}

/// The inner products of two gradients that teach eta: over the block, its rows, its columns.
func dotCases() -> [BenchmarkCase] {
  [
    dotCase("dot", outputs: 1, place: { _ in 0 }) { kernels, x, y, out in out[0] = ck_dot(kernels, count, x, y) },
    dotCase("row_dots", outputs: rows, place: { $0 / columns }) { kernels, x, y, out in
      ck_row_dots(kernels, rows, columns, x, y, out)
    },
    dotCase("column_dots", outputs: columns, place: { $0 % columns }) { kernels, x, y, out in
      ck_column_dots(kernels, rows, columns, x, y, out)
    },
  ]
}

/// `place` says which of the sums an element goes into.
private func dotCase(
  _ kernel: String, outputs: Int, place: @escaping (Int) -> Int,
  run: @escaping (OpaquePointer, Pointer, Pointer, UnsafeMutablePointer<Double>) -> Void
) -> BenchmarkCase {
  BenchmarkCase(
    kernel: kernel, name: shape, work: .traffic(bytes: Double(8 * count + 8 * outputs)),
    footprint: 8 * count + 8 * outputs
  ) {
    let kernels = ck_active()
    // Small whole numbers, whose sums are exact in any order.
    let x = Floats(count, seed: 1, smallInteger), y = Floats(count, seed: 2, smallInteger)
    let out = Operand<Double>(outputs, repeating: .nan)
    func body() { run(kernels, x.base, y.base, out.base) }
    return PreparedCase(
      verify: {
        body()
        var wanted = [Double](repeating: 0, count: outputs)
        for i in 0..<count { wanted[place(i)] += Double(x[i]) * Double(y[i]) }
        return firstMismatch("sum", outputs, got: { out[$0] }) { (wanted[$0], 0) }
      },
      body: body)
  }
}
