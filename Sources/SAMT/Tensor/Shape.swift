/// The lengths of a tensor's axes, at most four, held inline: copying or comparing a shape never allocates.
public struct Shape: Hashable, Sendable {
  /// The number of axes, 0 (a single number) to 4.
  public let rank: Int
  private let lengths: (Int, Int, Int, Int)

  /// A shape with the given axis lengths, outermost first.
  ///
  /// - Precondition: at most four lengths, none negative, their product representable.
  public init(_ lengths: [Int]) {
    ensure(lengths.count <= 4, "a shape has at most four axes, found \(lengths)")
    ensure(lengths.allSatisfy { $0 >= 0 }, "axis lengths cannot be negative, found \(lengths)")
    func length(_ axis: Int) -> Int { axis < lengths.count ? lengths[axis] : 1 }
    rank = lengths.count
    self.lengths = (length(0), length(1), length(2), length(3))
    ensure(Shape.count(of: lengths) != nil, "a shape's element count must be representable, found \(lengths)")
  }

  private init(rank: Int, lengths: (Int, Int, Int, Int)) {
    self.rank = rank
    self.lengths = lengths
  }

  /// [count, channels, height, width], without an array on the way: without optimization, a literal takes memory.
  static func images(_ count: Int, channels: Int, _ size: Size2D) -> Shape {
    Shape(rank: 4, lengths: (count, channels, size.height, size.width))
  }

  /// [count], without an array on the way.
  static func vector(_ count: Int) -> Shape { Shape(rank: 1, lengths: (count, 1, 1, 1)) }

  /// The product of `lengths`, or nil where it overflows.
  static func count(of lengths: [Int]) -> Int? {
    var product = 1
    for length in lengths {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// The length of `axis`, counted from the outermost, 0.
  public subscript(axis: Int) -> Int {
    ensure(axis >= 0 && axis < rank, "axis \(axis) of a shape of rank \(rank)")
    return switch axis {
    case 0: lengths.0
    case 1: lengths.1
    case 2: lengths.2
    default: lengths.3
    }
  }

  /// The number of elements; 1 for rank 0.
  public var count: Int { lengths.0 * lengths.1 * lengths.2 * lengths.3 }

  /// The number of elements in one entry of the outermost axis; 1 for rank 0.
  public var elementsPerRow: Int { lengths.1 * lengths.2 * lengths.3 }

  /// This shape behind a leading axis of length `size`.
  ///
  /// - Precondition: the rank is at most 3.
  public func batched(_ size: Int) -> Shape {
    ensure(rank <= 3, "no axis left for a batch in front of \(self)")
    return Shape(rank: rank + 1, lengths: (size, lengths.0, lengths.1, lengths.2))
  }

  /// This shape with its outermost axis of another length.
  func withRows(_ rows: Int) -> Shape {
    Shape(rank: rank, lengths: (rows, lengths.1, lengths.2, lengths.3))
  }

  /// Whether rank and all lengths agree.
  public static func == (a: Shape, b: Shape) -> Bool { a.rank == b.rank && a.lengths == b.lengths }

  /// Feeds rank and lengths to `hasher`.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for axis in 0..<rank { hasher.combine(self[axis]) }
  }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// A shape written as `[rows, columns]`.
  public init(arrayLiteral lengths: Int...) { self.init(lengths) }

  /// The lengths in brackets: `[128, 784]`.
  public var description: String { "[" + (0..<rank).map { "\(self[$0])" }.joined(separator: ", ") + "]" }
}
