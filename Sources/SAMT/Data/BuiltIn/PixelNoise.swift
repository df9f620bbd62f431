/// Noise of triangular distribution, drawn in bulk.
struct PixelNoise {
  private var uniform: Tensor

  /// For images of `count` numbers.
  init(count: Int) { uniform = Tensor(zeros: [2, count]) }

  /// Adds noise of magnitude up to `amplitude` to `image`, then brings every number back between 0 and 1.
  mutating func add(
    to image: UnsafeMutablePointer<Float>, amplitude: Double, using generator: inout Generator
  ) {
    let (amplitude, count) = (Float(amplitude), uniform.shape[1])
    Kernels.fillUniform(&uniform, using: &generator)
    uniform.withPointer { noise in
      for i in 0..<count { image[i] = min(max(image[i] + amplitude * (noise[i] - noise[count + i]), 0), 1) }
    }
  }
}
