import CKernels
import Foundation

/// A seeded, saveable random number generator: Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011).
///
/// Counter-based: every number is a function of seed, stream and position alone, so bulk fills run in parallel and
/// give the same bits on every machine and thread count.
public struct Generator: RandomNumberGenerator, Codable, Hashable, Sendable {
  let key: UInt64
  let stream: UInt64
  private var counter: UInt64 = 0
  private var spare: UInt64?

  /// The generator of one stream of a seed; different streams are independent.
  public init(seed: UInt64, stream: UInt64 = 0) {
    key = seed
    self.stream = stream
  }

  /// How many words hold a generator's position.
  static let wordCount = 5

  /// The position: seed, stream, counter, whether half a block waits, and that half.
  var words: [UInt64] { [key, stream, counter, spare == nil ? 0 : 1, spare ?? 0] }

  /// The generator at a position; nil where the words are none.
  init?(words: [UInt64]) {
    guard words.count == Generator.wordCount, words[3] <= 1 else { return nil }
    self.init(seed: words[0], stream: words[1])
    counter = words[2]
    spare = words[3] == 1 ? words[4] : nil
  }

  /// Sixty-four random bits.
  public mutating func next() -> UInt64 {
    if let word = spare {
      spare = nil
      return word
    }
    let block = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4) { words in
      ck_philox(key, stream, counter, words.baseAddress!)
      return (UInt64(words[0]) | UInt64(words[1]) << 32, UInt64(words[2]) | UInt64(words[3]) << 32)
    }
    counter &+= 1
    spare = block.1
    return block.0
  }

  /// A number uniform in [0, 1), with 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number uniform between the ends of `range`.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer uniform in `range`, which is short against 2^53.
  ///
  /// Unlike the standard library's, the same with every version of Swift; so is ``shuffle(_:)``.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(Double(range.count) * uniform())
  }

  /// Puts `array` into a random order (Fisher and Yates).
  public mutating func shuffle<Element>(_ array: inout [Element]) {
    for i in stride(from: array.count - 1, to: 0, by: -1) {
      let j = integer(in: 0...i)
      (array[i], array[j]) = (array[j], array[i])
    }
  }

  /// A number from the standard normal distribution (Box and Muller 1958).
  public mutating func normal() -> Double {
    let radius = (-2 * Foundation.log(1 - uniform())).squareRoot()
    return radius * Foundation.cos(2 * .pi * uniform())
  }

  /// The generator from which one shard of a batch draws, where this one stands for the batch.
  ///
  /// Each shard has a stream of its own, so that what it draws depends neither on the other shards nor on the process
  /// that runs it.
  func shard(_ index: Int) -> Generator {
    var generator = Generator(seed: key, stream: stream ^ RandomStream.shard(index))
    generator.counter = counter
    return generator
  }

  /// The generator of the next batch: past all that a shard of this one may have drawn, fewer than 2^32 blocks.
  var afterShards: Generator {
    var generator = Generator(seed: key, stream: stream)
    generator.counter = (counter | 0xffff_ffff) &+ 1
    return generator
  }

  /// Reserves `blocks` blocks of four words for a bulk fill and returns the first one's position.
  mutating func takeBlocks(_ blocks: Int) -> UInt64 {
    spare = nil
    defer { counter &+= UInt64(blocks) }
    return counter
  }
}
