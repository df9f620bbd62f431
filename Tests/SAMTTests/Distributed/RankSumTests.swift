import SAMTTestSupport
import Testing

@testable import SAMT

/// Sums over shards and ranks against the tree they are to follow.
@Suite struct RankSumTests {
  /// Neighbours first, level by level, the odd one waiting: the definition, on copies.
  private func tree<Number: FloatingPoint>(_ rows: [[Number]]) -> [Number] {
    var rows = rows
    while rows.count > 1 {
      rows = stride(from: 0, to: rows.count, by: 2).map { first in
        first + 1 < rows.count ? zip(rows[first], rows[first + 1]).map { $0 + $1 } : rows[first]
      }
    }
    return rows[0]
  }

  /// Numbers whose sum depends on the order.
  private func row(_ index: Int, count: Int) -> [Float] {
    GradientCheck.values([max(count, 1)], magnitudes: 0.001...1000, seed: UInt64(index)).elements.prefix(count).map(
      \.self)
  }

  @Test(arguments: 1...17) func vectorsAreSummedInATree(vectors: Int) {
    let rows = (0..<vectors).map { row($0, count: 37) }
    var sum = PairwiseSum(of: vectors)
    for _ in 0..<2 {
      sum.begin(count: 37, capacity: 64)
      for row in rows { sum.add { Kernels.copy(Tensor(row, shape: [37]), into: &$0) } }
      #expect(sum.incoming.tensor.elements == tree(rows))
    }
    var numbers = rows.map { Double($0[0]) }
    let expected = tree(numbers.map { [$0] })
    #expect([PairwiseSum.sum(&numbers)] == expected)
    if vectors > 4 {
      let inOrder = rows.dropFirst().reduce(rows[0]) { zip($0, $1).map { $0 + $1 } }
      #expect(inOrder != tree(rows), "the numbers do not tell one order from another")
    }
  }

  /// Around the ends of segments and of what travels whole.
  @Test(arguments: [1, 2, 3, 4, 5], [1, 15, 17, 2047, 2048, 2049, 5003])
  func ranksAreSummedInTheSameTree(ranks: Int, count: Int) throws {
    let expected = tree((0..<ranks).map { row($0, count: count) })
    let sums = try ThreadCommunicator.run(ranks: ranks) { communicator in
      let sum = RankSum(over: communicator)
      var found: [[Float]] = []
      for _ in 0..<2 {
        var vector = Tensor(zeros: [sum.paddedCount(count)])
        Kernels.copy(Tensor(row(communicator.rank, count: count), shape: [count]), into: &vector, at: 0)
        sum.sum(&vector, count: count)
        found.append(Array(vector.elements.prefix(count)))
      }
      return (found, sum.sum(Double(communicator.rank) + 0.5))
    }
    for (found, number) in sums {
      #expect(found == [expected, expected])
      #expect(number == Double(ranks * ranks) / 2)
    }
  }

  @Test func whatOneRankSaysAllHear() throws {
    let heard = try ThreadCommunicator.run(ranks: 3) { communicator in
      [communicator.any(false), communicator.any(communicator.rank == 2)]
    }
    #expect(heard == [[false, true], [false, true], [false, true]])
    #expect(LocalCommunicator().any(true) && !LocalCommunicator().any(false))
  }
}
