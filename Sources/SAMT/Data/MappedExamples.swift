/// The inputs of a data set that lie in mapped files: an example is converted whenever it is asked for.
///
/// The process holds none of them. The system reads a page of a file when one of its examples is first asked for, keeps
/// it as long as there is room, and shares it between processes.
struct MappedExamples: Sendable {
  /// What lies in the files for an element.
  enum Element {
    /// A byte, which stands for a fraction of 255.
    case fraction
    /// A little-endian `Float`.
    case float

    var size: Int { self == .fraction ? 1 : MemoryLayout<Float>.size }
  }

  /// Examples of one file, equally far apart.
  struct Segment: Sendable {
    let file: FileMapping
    /// Where the first example's elements begin, in bytes.
    let start: Int
    /// The bytes from one example to the next.
    let stride: Int
    let count: Int
  }

  /// The shape of one example.
  let exampleShape: Shape
  private let element: Element
  private let segments: [Segment]
  /// Where each example stands among those of the segments; nil for all in their order.
  private var positions: [Int]?
  /// What happens to each element behind its conversion.
  private var scaling: ChannelScaling?

  /// The examples of `segments`, one after the other.
  ///
  /// - Precondition: files that are as long as the segments say.
  init(_ segments: [Segment], of element: Element, exampleShape: Shape) {
    self.segments = segments
    self.element = element
    self.exampleShape = exampleShape
  }

  /// The number of examples.
  var count: Int { positions?.count ?? segments.reduce(0) { $0 + $1.count } }

  /// Writes the elements of example `index`.
  func write(_ index: Int, into out: UnsafeMutablePointer<Float>) {
    var position = positions?[index] ?? index
    var number = 0
    while position >= segments[number].count {
      position -= segments[number].count
      number += 1
    }
    let segment = segments[number]
    let size = exampleShape.count
    let start = segment.file.bytes.baseAddress! + segment.start + position * segment.stride
    switch element {
    case .fraction:
      let bytes = start.assumingMemoryBound(to: UInt8.self)
      for i in 0..<size { out[i] = Float(bytes[i]) / 255 }
    case .float:
      for i in 0..<size {
        let bits = start.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)
        out[i] = Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
    scaling?.apply(to: out, examples: 1, of: exampleShape)
  }

  /// The examples at `positions`, in that order.
  func selecting(_ positions: [Int]) -> MappedExamples {
    var selected = self
    selected.positions = positions.map { self.positions?[$0] ?? $0 }
    return selected
  }

  /// The same examples, each channel shifted and scaled.
  ///
  /// - Precondition: not scaled before.
  func scaled(by scaling: ChannelScaling) -> MappedExamples {
    ensure(self.scaling == nil, "the examples are normalized already")
    var scaled = self
    scaled.scaling = scaling
    return scaled
  }
}
