import Foundation
import SAMT
import Testing

@Suite struct GeneratorTests {
  /// The published known answer for key 0 and counter 0 (Random123, kat_vectors), two words a number.
  @Test func knownAnswer() {
    var generator = Generator(seed: 0)
    #expect(generator.next() == 0xe169_c58d_6627_e8d5)
    #expect(generator.next() == 0x9b00_dbd8_bc57_ac4c)
  }

  @Test func theSameSeedGivesTheSameNumbers() {
    var (a, b, c) = (Generator(seed: 7), Generator(seed: 7), Generator(seed: 8))
    let numbers = (0..<100).map { _ in a.next() }
    #expect(numbers == (0..<100).map { _ in b.next() })
    #expect(Set(numbers).count == 100)
    #expect(Set(numbers).isDisjoint(with: (0..<100).map { _ in c.next() }))
  }

  @Test func streamsAreDifferent() {
    var seen: Set<UInt64> = []
    for stream: UInt64 in [0, 1, 2, 1 << 32, .max] {
      var generator = Generator(seed: 7, stream: stream)
      for _ in 0..<100 { seen.insert(generator.next()) }
    }
    #expect(seen.count == 500)
  }

  /// Saved after an odd number of draws, so that half a block is left over.
  @Test(arguments: [0, 1, 2, 5, 64]) func aSavedGeneratorGoesOn(draws: Int) throws {
    var generator = Generator(seed: 9, stream: 3)
    for _ in 0..<draws { _ = generator.next() }
    var loaded = try JSONDecoder().decode(Generator.self, from: try JSONEncoder().encode(generator))
    #expect(loaded == generator)
    #expect((0..<20).map { _ in loaded.next() } == (0..<20).map { _ in generator.next() })
    var fill = Tensor(zeros: [10]), loadedFill = Tensor(zeros: [10])
    Kernels.fillUniform(&fill, using: &generator)
    Kernels.fillUniform(&loadedFill, using: &loaded)
    #expect(fill.elements == loadedFill.elements)
  }

  /// Five standard errors: of 1/sqrt(12 n) for a mean, of sqrt(1/180 n) for a variance.
  @Test func uniformNumbers() {
    var generator = Generator(seed: 1)
    let n = 40_000
    let numbers = (0..<n).map { _ in generator.uniform() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = numbers.reduce(0, +) / Double(n)
    let variance = numbers.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(n)
    #expect(abs(mean - 0.5) <= 5 / (12 * Double(n)).squareRoot())
    #expect(abs(variance - 1.0 / 12) <= 5 / (180 * Double(n)).squareRoot())
  }

  /// Five standard errors: of 1/sqrt(n) for the mean, sqrt(2/n) for the variance, sqrt(96/n) for the fourth moment; a
  /// share within one deviation of 0.6827 with its binomial error.
  @Test func normalNumbers() {
    var generator = Generator(seed: 2)
    let n = 40_000, root = Double(n).squareRoot()
    let numbers = (0..<n).map { _ in generator.normal() }
    let mean = numbers.reduce(0, +) / Double(n)
    let variance = numbers.reduce(0) { $0 + $1 * $1 } / Double(n)
    let fourth = numbers.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(n)
    let share = Double(numbers.count { abs($0) < 1 }) / Double(n)
    #expect(abs(mean) <= 5 / root)
    #expect(abs(variance - 1) <= 5 * 2.0.squareRoot() / root)
    #expect(abs(fourth - 3) <= 5 * 96.0.squareRoot() / root)
    #expect(abs(share - 0.6827) <= 5 * 0.4655 / root)
  }

  @Test func bulkFillsAdvanceTheStream() {
    var generator = Generator(seed: 3)
    var first = Tensor(zeros: [13]), second = Tensor(zeros: [13])
    Kernels.fillUniform(&first, using: &generator)
    Kernels.fillUniform(&second, using: &generator)
    #expect(Set(first.elements).isDisjoint(with: second.elements))
    #expect((first.elements + second.elements).allSatisfy { $0 >= 0 && $0 < 1 })
  }

  @Test func shufflesArePermutations() {
    var generator = Generator(seed: 4)
    var array = Array(0..<50)
    generator.shuffle(&array)
    #expect(array != Array(0..<50))
    #expect(array.sorted() == Array(0..<50))
    var one = [1], none: [Int] = []
    generator.shuffle(&one)
    generator.shuffle(&none)
    #expect(one == [1] && none.isEmpty)
  }

  /// Six orders of three, 1000 each on average; five standard deviations of sqrt(6000 / 6 * 5 / 6).
  @Test func everyOrderIsEquallyLikely() {
    var generator = Generator(seed: 5)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 {
      var array = [0, 1, 2]
      generator.shuffle(&array)
      counts[array, default: 0] += 1
    }
    #expect(counts.count == 6)
    for (order, count) in counts { #expect(abs(count - 1000) <= 145, "\(order): \(count)") }
  }

  @Test func integersCoverTheirRange() {
    var generator = Generator(seed: 6)
    let numbers = (0..<2000).map { _ in generator.integer(in: -1...2) }
    #expect(Set(numbers) == [-1, 0, 1, 2])
    // 500 each; five standard deviations of sqrt(2000 * 3 / 16).
    for value in -1...2 { #expect(abs(numbers.count { $0 == value } - 500) <= 97) }
  }
}
