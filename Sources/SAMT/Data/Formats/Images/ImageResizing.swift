/// Weights by which the pixels along one axis of an image become another number of pixels.
///
/// Fewer pixels are averages over the area that each covers. More are interpolated linearly between the centres of the
/// nearest two; outside the outermost centres they repeat the outermost pixel.
struct AxisResizing {
  /// What a new pixel is made of: pixels from `first` on, each times its weight; the weights add up to 1.
  struct Sum {
    let first: Int
    let weights: [Float]
  }

  /// By new pixel.
  let sums: [Sum]

  /// - Precondition: both lengths at least 1.
  init(from length: Int, to newLength: Int) {
    let ratio = Double(length) / Double(newLength)
    sums = (0..<newLength).map { pixel in
      newLength < length
        ? Self.average(from: Double(pixel) * ratio, to: Double(pixel + 1) * ratio, of: length)
        : Self.interpolation(at: (Double(pixel) + 0.5) * ratio - 0.5, of: length)
    }
  }

  private static func average(from start: Double, to end: Double, of length: Int) -> Sum {
    let first = min(Int(start), length - 1)
    let last = max(first, min(Int(end.rounded(.up)), length) - 1)
    let overlaps = (first...last).map { max(0, min(Double($0 + 1), end) - max(Double($0), start)) }
    let sum = overlaps.reduce(0, +)
    return Sum(first: first, weights: overlaps.map { Float($0 / sum) })
  }

  private static func interpolation(at position: Double, of length: Int) -> Sum {
    let position = min(max(position, 0), Double(length - 1))
    let first = min(Int(position), max(length - 2, 0))
    let fraction = Float(position - Double(first))
    return Sum(first: first, weights: length == 1 ? [1] : [1 - fraction, fraction])
  }
}

extension Tensor {
  /// This image, (channels, rows, columns), of another size: each axis is averaged where it becomes shorter, and
  /// interpolated where it becomes longer.
  func resized(to size: Size2D) -> Tensor {
    let (channels, rows, columns) = (shape[0], shape[1], shape[2])
    if rows == size.height && columns == size.width { return self }
    let vertical = AxisResizing(from: rows, to: size.height)
    let horizontal = AxisResizing(from: columns, to: size.width)
    var narrow = Tensor(zeros: [channels, rows, size.width])
    var resized = Tensor(zeros: [channels, size.height, size.width])
    withPointer { source in
      narrow.withMutablePointer { out in
        for row in 0..<channels * rows {
          for (column, sum) in horizontal.sums.enumerated() {
            var value: Float = 0
            for (index, weight) in sum.weights.enumerated() {
              value += weight * source[row * columns + sum.first + index]
            }
            out[row * size.width + column] = value
          }
        }
      }
    }
    narrow.withPointer { source in
      resized.withMutablePointer { out in
        for channel in 0..<channels {
          for (row, sum) in vertical.sums.enumerated() {
            let target = out + (channel * size.height + row) * size.width
            for (index, weight) in sum.weights.enumerated() {
              let line = source + (channel * rows + sum.first + index) * size.width
              for column in 0..<size.width { target[column] += weight * line[column] }
            }
          }
        }
      }
    }
    return resized
  }
}
