import CKernels

/// Normalization and pooling, at sizes of the networks that the library comes with.
func imageCases() -> [BenchmarkCase] {
  let norms = [(64, 16, 1024), (64, 64, 64), (128, 400, 1)].flatMap { images, channels, area in
    [batchNormCase(images, channels, area), batchNormGradientCase(images, channels, area)]
  }
  let pools = [(768, 28), (2048, 32)].flatMap { planes, side in
    [maxPoolCase(planes, side), maxPoolGradientCase(planes, side)]
  }
  return norms + pools
}

private func batchNormCase(_ images: Int, _ channels: Int, _ area: Int) -> BenchmarkCase {
  let count = images * channels * area
  return BenchmarkCase(
    kernel: "batch_norm", name: "forward \(images)x\(channels)x\(area)", work: .traffic(bytes: 12 * Double(count)),
    footprint: 8 * count
  ) {
    let kernels = ck_active()
    var shape = ck_channels(images: images, channels: channels, area: area)
    let x = Floats(count, seed: 1), y = Floats(count, repeating: .nan), ones = Floats(channels, repeating: 1)
    let zeros = Floats(channels, repeating: 0), moments = (0..<3).map { _ in Floats(channels, repeating: .nan) }
    func run() {
      ck_batch_norm(
        kernels, &shape, 1e-5, x.base, ones.base, zeros.base, false, moments[0].base, moments[1].base, moments[2].base,
        y.base)
    }
    return PreparedCase(
      verify: {
        run()
        let (mean, variance) = doubleMoments(x, channel: 0, images, channels, area)
        let deviation = (variance + 1e-5).squareRoot()
        // Moments to some hundred roundings, and numbers below two.
        return firstMismatch("y", area, got: { Double(y[$0]) }) { ((Double(x[$0]) - mean) / deviation, 200 * rounding) }
      },
      body: run)
  }
}

private func batchNormGradientCase(_ images: Int, _ channels: Int, _ area: Int) -> BenchmarkCase {
  let count = images * channels * area
  return BenchmarkCase(
    kernel: "batch_norm", name: "backward \(images)x\(channels)x\(area)", work: .traffic(bytes: 20 * Double(count)),
    footprint: 12 * count
  ) {
    let kernels = ck_active()
    var shape = ck_channels(images: images, channels: channels, area: area)
    let x = Floats(count, seed: 1), dy = Floats(count, seed: 2), dx = Floats(count, repeating: .nan)
    let ones = Floats(channels, repeating: 1), zeros = Floats(channels, repeating: 0)
    let dgamma = Floats(channels, repeating: .nan), dbeta = Floats(channels, repeating: .nan)
    func run() {
      ck_batch_norm_gradient(
        kernels, &shape, dy.base, x.base, ones.base, zeros.base, false, zeros.base, ones.base, dgamma.base, dbeta.base,
        dx.base)
    }
    return PreparedCase(
      verify: {
        run()
        // With mean 0 and deviation 1: dx = dy - mean dy - x (mean of dy x).
        let n = Double(images * area)
        var (sum, dot) = (0.0, 0.0)
        for i in 0..<images {
          for k in i * channels * area..<i * channels * area + area {
            sum += Double(dy[k])
            dot += Double(dy[k]) * Double(x[k])
          }
        }
        return firstMismatch("dx", area, got: { Double(dx[$0]) }) {
          (Double(dy[$0]) - sum / n - Double(x[$0]) * dot / n, 200 * rounding)
        }
      },
      body: run)
  }
}

private func doubleMoments(
  _ x: Floats, channel: Int, _ images: Int, _ channels: Int, _ area: Int
) -> (mean: Double, variance: Double) {
  let places = (0..<images).flatMap { image in (0..<area).map { (image * channels + channel) * area + $0 } }
  let mean = places.reduce(0) { $0 + Double(x[$1]) } / Double(places.count)
  let variance = places.reduce(0) { $0 + (Double(x[$1]) - mean) * (Double(x[$1]) - mean) } / Double(places.count)
  return (mean, variance)
}

private func pairs(_ side: Int) -> ck_pool {
  ck_pool(
    height: side, width: side, output_height: side / 2, output_width: side / 2, kernel_height: 2, kernel_width: 2,
    stride_height: 2, stride_width: 2, padding_height: 0, padding_width: 0)
}

private func largest(_ x: Floats, _ side: Int, _ out: Int) -> (place: Int, value: Float) {
  let (half, area) = (side / 2, side / 2 * (side / 2))
  let corner = out / area * side * side + out % area / half * 2 * side + out % half * 2
  let places = [corner, corner + 1, corner + side, corner + side + 1]
  let place = places.reduce(corner) { x[$1] > x[$0] ? $1 : $0 }
  return (place, x[place])
}

private func maxPoolCase(_ planes: Int, _ side: Int) -> BenchmarkCase {
  let count = planes * side * side
  return BenchmarkCase(
    kernel: "max_pool", name: "forward \(planes)x\(side)x\(side)", work: .traffic(bytes: 5 * Double(count)),
    footprint: 5 * count
  ) {
    let kernels = ck_active()
    var pool = pairs(side)
    let x = Floats(count, seed: 1), y = Floats(count / 4, repeating: .nan)
    func run() { ck_max_pool(kernels, &pool, planes, x.base, y.base) }
    return PreparedCase(
      verify: {
        run()
        return firstMismatch("y", count / 4, got: { Double(y[$0]) }) { (Double(largest(x, side, $0).value), 0) }
      },
      body: run)
  }
}

private func maxPoolGradientCase(_ planes: Int, _ side: Int) -> BenchmarkCase {
  let count = planes * side * side
  return BenchmarkCase(
    kernel: "max_pool", name: "backward \(planes)x\(side)x\(side)", work: .traffic(bytes: 10 * Double(count)),
    footprint: 10 * count
  ) {
    let kernels = ck_active()
    var pool = pairs(side)
    let x = Floats(count, seed: 1), dy = Floats(count / 4, seed: 2), dx = Floats(count, repeating: .nan)
    let y = Floats(count / 4, repeating: .nan)
    ck_max_pool(kernels, &pool, planes, x.base, y.base)
    func run() { ck_max_pool_gradient(kernels, &pool, planes, x.base, y.base, dy.base, dx.base) }
    return PreparedCase(
      verify: {
        run()
        return firstMismatch("dx", count / 4, got: { Double(dx[largest(x, side, $0).place]) }) { (Double(dy[$0]), 0) }
      },
      body: run)
  }
}
