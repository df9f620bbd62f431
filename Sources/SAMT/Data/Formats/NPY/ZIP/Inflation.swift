import Foundation

/// Decompresses deflate (RFC 1951) by the system's zlib.
final class Inflation {
  private let library: ZLibrary
  // zlib remembers the address.
  private let stream: UnsafeMutablePointer<ZLibrary.Stream>
  /// Whether the compressed data have ended.
  private(set) var isAtEnd = false

  /// - Throws: where the system has no zlib.
  init() throws(FileFailure) {
    guard let library = ZLibrary.shared else {
      throw FileFailure(reason: "is compressed, and no zlib was found; save it by numpy.savez, or install zlib")
    }
    self.library = library
    stream = .allocate(capacity: 1)
    stream.initialize(to: ZLibrary.Stream())
    // Negative: no header around the data.
    let windowBits: Int32 = -15
    guard library.inflateInit(stream, windowBits, library.version(), Int32(MemoryLayout<ZLibrary.Stream>.size)) == 0
    else {
      stream.deallocate()
      throw FileFailure(reason: "is compressed, and the system's zlib cannot be used")
    }
  }

  deinit {
    _ = library.inflateEnd(stream)
    stream.deallocate()
  }

  /// Decompresses `input` as far as there is room in `output`; says how much was used of both.
  func run(
    _ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer
  ) throws(FileFailure) -> (read: Int, written: Int) {
    let limit = 1 << 30
    let (inputCount, outputCount) = (min(input.count, limit), min(output.count, limit))
    let status = input.withUnsafeBytes { input in
      stream.pointee.input = input.baseAddress
      stream.pointee.inputCount = UInt32(inputCount)
      stream.pointee.output = output.baseAddress
      stream.pointee.outputCount = UInt32(outputCount)
      return library.inflate(stream, 0)
    }
    let (ok, end, noProgress): (Int32, Int32, Int32) = (0, 1, -5)
    guard [ok, end, noProgress].contains(status) else {
      throw FileFailure(reason: "damaged archive: the compressed content is malformed")
    }
    isAtEnd = status == end
    return (inputCount - Int(stream.pointee.inputCount), outputCount - Int(stream.pointee.outputCount))
  }
}
