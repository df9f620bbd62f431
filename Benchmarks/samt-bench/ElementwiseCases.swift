import CKernels
import Foundation

/// Everything that runs over memory once: activations, losses, updates, SAMT's steps and their lessons.
func elementwiseCases() -> [BenchmarkCase] {
  activationCases() + biasReLUCases() + crossEntropyCases() + updateCases() + soaaCases() + directionCases()
    + samtCases() + dotCases() + imageCases()
}

private func activationCases() -> [BenchmarkCase] {
  let activations = [("relu", CK_RELU), ("gelu", CK_GELU)]
  return activations.flatMap { name, activation in
    [(128, 400), (4096, 4096)].flatMap { rows, columns in
      [
        forwardCase(name, activation, rows, columns), backwardCase(name, activation, rows, columns),
      ]
    }
  }
}

private func forwardCase(_ kernel: String, _ activation: ck_activation, _ rows: Int, _ columns: Int) -> BenchmarkCase {
  let count = rows * columns
  return BenchmarkCase(
    kernel: kernel, name: "forward \(rows)x\(columns)", work: .traffic(bytes: 8 * Double(count)), footprint: 8 * count
  ) {
    let kernels = ck_active()
    let x = Floats(count, seed: 1) { 8 * $0 - 4 }, y = Floats(count, repeating: .nan)
    func run() { ck_activation_forward(kernels, activation, 0, count, x.base, y.base) }
    return PreparedCase(
      verify: {
        run()
        return firstMismatch("y", count, got: { Double(y[$0]) }) { i in
          let x = Double(x[i])
          return activation == CK_RELU ? (max(x, 0), 0) : (gelu(x).value, gelu(x).bound)
        }
      },
      body: run)
  }
}

private func backwardCase(_ kernel: String, _ activation: ck_activation, _ rows: Int, _ columns: Int) -> BenchmarkCase {
  let count = rows * columns
  // The derivative comes from x or from y, whichever is cheaper: three arrays pass through memory, not four.
  return BenchmarkCase(
    kernel: kernel, name: "backward \(rows)x\(columns)", work: .traffic(bytes: 12 * Double(count)),
    footprint: 12 * count
  ) {
    let kernels = ck_active()
    let x = Floats(count, seed: 1) { 8 * $0 - 4 }, dy = Floats(count, seed: 2), dx = Floats(count, repeating: .nan)
    let y = activation == CK_RELU ? Floats(count, seed: 1) { max(8 * $0 - 4, 0) } : x
    func run() { ck_activation_backward(kernels, activation, 0, count, x.base, y.base, dy.base, dx.base) }
    return PreparedCase(
      verify: {
        run()
        return firstMismatch("dx", count, got: { Double(dx[$0]) }) { i in
          let (x, dy) = (Double(x[i]), Double(dy[i]))
          if activation == CK_RELU { return (x > 0 ? dy : 0, 0) }
          return (dy * gelu(x).slope, abs(dy) * gelu(x).slopeBound)
        }
      },
      body: run)
  }
}

private func biasReLUCases() -> [BenchmarkCase] {
  [(128, 400), (4096, 4096)].map { rows, columns in
    let count = rows * columns
    return BenchmarkCase(
      kernel: "bias_relu", name: "\(rows)x\(columns)", work: .traffic(bytes: 8 * Double(count)), footprint: 8 * count
    ) {
      let kernels = ck_active()
      let x = Floats(count, seed: 1), b = Floats(columns, seed: 2), y = Floats(count, repeating: .nan)
      func run() { ck_bias_relu(kernels, rows, columns, x.base, b.base, y.base) }
      return PreparedCase(
        verify: {
          run()
          return firstMismatch("y", count, got: { Double(y[$0]) }) { i in (Double(max(x[i] + b[i % columns], 0)), 0) }
        },
        body: run)
    }
  }
}

/// x Phi(x) and its derivative, with what a kernel in float may be off by.
private func gelu(_ x: Double) -> (value: Double, bound: Double, slope: Double, slopeBound: Double) {
  let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
  let tail = erfc(abs(x) / 2.0.squareRoot()) / 2
  let distribution = x > 0 ? 1 - tail : tail
  // Phi within 5 ulp and a few roundings; where nothing is fused, rounding x^2 / 2 moves its exponential further.
  let square = x * x / 2 + 16
  return (
    x * distribution, rounding * square * abs(x) * distribution,
    distribution + x * density, rounding * square * (distribution + abs(x) * density)
  )
}

private func crossEntropyCases() -> [BenchmarkCase] {
  [(128, 10), (1024, 1000)].map { rows, columns in
    let count = rows * columns
    return BenchmarkCase(
      kernel: "softmax_cross_entropy", name: "\(rows)x\(columns)", work: .traffic(bytes: 8 * Double(count)),
      footprint: 8 * count
    ) {
      let kernels = ck_active()
      let x = Floats(count, seed: 1) { 8 * $0 - 4 }, gradient = Floats(count, repeating: .nan)
      let labels = Operand<Int32>(rows, repeating: 0)
      for i in 0..<rows { labels.base[i] = Int32(i * 7 % columns) }
      var settings = ck_cross_entropy(smoothing: 0, class_weights: nil, ignored: -1)
      func run() -> Double {
        ck_softmax_cross_entropy(kernels, &settings, rows, columns, x.base, labels.base, gradient.base)
      }
      return PreparedCase(
        verify: { crossEntropyMismatch(loss: run(), x, labels, gradient) },
        body: { _ = run() })
    }
  }
}

private func crossEntropyMismatch(loss: Double, _ x: Floats, _ labels: Operand<Int32>, _ gradient: Floats) -> String? {
  let rows = labels.count, columns = x.count / labels.count
  // exp within 2 ulp, its argument rounded once, and a sum of all columns in float.
  let tolerance = rounding * Double(columns + 40)
  var total = 0.0
  for i in 0..<rows {
    let row = i * columns, label = Int(labels[i])
    var sum = 0.0
    for j in 0..<columns { sum += exp(Double(x[row + j])) }
    let mismatch = firstMismatch("gradient of row \(i)", columns, got: { Double(gradient[row + $0]) }) { j in
      let probability = exp(Double(x[row + j])) / sum
      let value = (probability - (j == label ? 1 : 0)) / Double(rows)
      return (value, tolerance * probability / Double(rows) + 8 * rounding / Double(rows))
    }
    if let mismatch { return mismatch }
    total += log(sum) - Double(x[row + label])
  }
  let expected = total / Double(rows)
  guard abs(loss - expected) <= tolerance * (1 + abs(expected)) else {
    return "the loss is \(loss), expected \(expected)"
  }
  return nil
}
