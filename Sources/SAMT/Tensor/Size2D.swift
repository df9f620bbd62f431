/// A height and a width: of an image, a kernel, a stride.
///
/// A whole number stands for a square: `kernelSize: 3`.
public struct Size2D: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
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

  /// `3x5`: height, then width.
  public var description: String { "\(height)x\(width)" }
}
