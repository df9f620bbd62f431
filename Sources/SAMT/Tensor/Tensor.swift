/// A dense, row-major array of `Float` with value semantics.
///
/// A copy, a reshape and a slice along the outermost axis share memory until one of them is written; the write then
/// copies first. A tensor that alone holds its memory is written in place.
public struct Tensor: Sendable {
  /// The lengths of the axes, outermost first.
  public let shape: Shape
  private var storage: TensorStorage
  private let offset: Int

  private init(_ shape: Shape, _ storage: TensorStorage, _ offset: Int) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
  }

  /// A tensor of zeros.
  public init(zeros shape: Shape) { self.init(shape, TensorStorage(count: shape.count), 0) }

  /// A tensor with `elements` in row-major order.
  ///
  /// - Precondition: as many elements as the shape has.
  public init(_ elements: [Float], shape: Shape) {
    ensure(elements.count == shape.count, "\(elements.count) elements for shape \(shape)")
    self.init(zeros: shape)
    elements.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { storage.base.update(from: first, count: source.count) }
    }
  }

  /// Wraps memory that lives elsewhere, such as a mapped data set, without copying it.
  ///
  /// - Parameters:
  ///   - base: the first element; the memory must stay valid until `release` is called.
  ///   - shape: the shape of what lies there, row-major.
  ///   - readOnly: whether a write must copy first.
  ///   - release: called once with `base`, from any thread, when no tensor uses the memory any more; `{ free($0) }` for
  ///     memory of `malloc`.
  public init(
    adopting base: UnsafeMutablePointer<Float>, shape: Shape, readOnly: Bool,
    release: @escaping @Sendable (UnsafeMutablePointer<Float>) -> Void
  ) {
    self.init(shape, TensorStorage(adopting: base, count: shape.count, readOnly: readOnly, release: release), 0)
  }

  /// The number of elements.
  public var count: Int { shape.count }

  /// The elements in row-major order, copied.
  public var elements: [Float] { withPointer { Array(UnsafeBufferPointer(start: $0, count: count)) } }

  /// Rows `range` of the outermost axis, sharing this tensor's memory.
  ///
  /// - Precondition: rank at least 1, and the range within the axis.
  public subscript(rows range: Range<Int>) -> Tensor {
    ensure(
      shape.rank >= 1 && range.lowerBound >= 0 && range.upperBound <= shape[0], "rows \(range) of shape \(shape)")
    return Tensor(shape.withRows(range.count), storage, offset + range.lowerBound * shape.elementsPerRow)
  }

  /// The same elements under another shape, sharing this tensor's memory.
  ///
  /// - Precondition: both shapes have the same number of elements.
  public func reshaped(to shape: Shape) -> Tensor {
    ensure(shape.count == count, "cannot reshape \(self.shape) to \(shape)")
    return Tensor(shape, storage, offset)
  }

  /// The elements that ``reshape(to:)`` has room for.
  var capacity: Int { storage.capacity - offset }

  /// Gives this tensor's memory another shape, which may need less of it; the elements are whatever lies there.
  mutating func reshape(to shape: Shape) {
    ensure(shape.count <= capacity, "no room for \(shape) in \(capacity) elements")
    if shape != self.shape { self = Tensor(shape, storage, offset) }
  }

  /// Takes another tensor's shape and elements, into memory of its own; allocates nothing where it has enough.
  mutating func assign(copying other: Tensor) {
    if shape != other.shape || storage === other.storage || storage.isReadOnly { self = Tensor(zeros: other.shape) }
    other.withPointer { source in withMutablePointer { $0.update(from: source, count: other.count) } }
  }

  /// Calls `body` with the elements in row-major order.
  public func withSpan<R, E: Error>(_ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
    try body(UnsafeBufferPointer(start: storage.base + offset, count: count).span)
  }

  /// Calls `body` with the elements in row-major order, to be written; copies first where the memory is shared.
  public mutating func withMutableSpan<R, E: Error>(_ body: (inout MutableSpan<Float>) throws(E) -> R) throws(E) -> R {
    makeUnique()
    var span = UnsafeMutableBufferPointer(start: storage.base + offset, count: count).mutableSpan
    return try body(&span)
  }

  /// For the kernels alone: the pointer is valid for the call.
  func withPointer<R>(_ body: (UnsafePointer<Float>) -> R) -> R {
    withExtendedLifetime(storage) { body(UnsafePointer(storage.base + offset)) }
  }

  /// For the kernels alone: the pointer is valid for the call, the memory this tensor's alone.
  mutating func withMutablePointer<R>(_ body: (UnsafeMutablePointer<Float>) -> R) -> R {
    makeUnique()
    let pointer = storage.base + offset
    return withExtendedLifetime(storage) { body(pointer) }
  }

  private mutating func makeUnique() {
    guard storage.isReadOnly || !isKnownUniquelyReferenced(&storage) else { return }
    let fresh = TensorStorage(count: count)
    fresh.base.update(from: storage.base + offset, count: count)
    self = Tensor(shape, fresh, 0)
  }
}
