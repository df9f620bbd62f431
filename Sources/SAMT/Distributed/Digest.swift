/// A number that tells things apart (Fowler, Noll and Vo's hash, over words).
struct Digest {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }

  mutating func add(_ text: String) { for byte in text.utf8 { add(UInt64(byte)) } }

  mutating func add(_ tensor: Tensor) {
    tensor.withSpan { for index in $0.indices { add(UInt64($0[index].bitPattern)) } }
  }
}
