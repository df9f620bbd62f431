/// A height and a width: of an image, a kernel, a stride.
///
/// A whole number stands for a square: `kernelSize: 3`.
public struct Size2D: Hashable, Sendable, Codable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Along the rows of an image, from top to bottom.
  public var height: Int
  /// Along its columns, from left to right.
  public var width: Int

  /// A size of its own height and width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(integerLiteral side: Int) { self.init(side, side) }

  /// floor((length + 2 padding - dilation (kernel - 1) - 1) / stride) + 1 in both directions: the number of windows; nil
  /// where none fits, or the padded length is not representable.
  ///
  /// - Precondition: lengths that ``areLengths(_:least:)`` holds for.
  func afterWindows(_ kernel: Size2D, stride: Size2D, padding: Size2D, dilation: Size2D = 1) -> Size2D? {
    func count(_ length: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      let (padded, overflow) = length.addingReportingOverflow(2 * padding)
      let reach = dilation * (kernel - 1) + 1
      return overflow || padded < reach ? 0 : (padded - reach) / stride + 1
    }
    let size = Size2D(
      count(height, kernel.height, stride.height, padding.height, dilation.height),
      count(width, kernel.width, stride.width, padding.width, dilation.width))
    return size.height > 0 && size.width > 0 ? size : nil
  }

  /// `3x5`: height, then width.
  public var description: String { "\(height)x\(width)" }
}
