import Testing

@testable import SAMT

@Suite struct EpochOrderTests {
  @Test(arguments: [0, 1, 2, 3, 50]) func everyExampleIsThereOnce(count: Int) {
    #expect(EpochOrder.order(count: count, seed: 11, epoch: 1).sorted() == Array(0..<count))
  }

  @Test func seedAndEpochDecideTheOrder() {
    func order(_ seed: UInt64, _ epoch: Int) -> [Int] { EpochOrder.order(count: 50, seed: seed, epoch: epoch) }
    #expect(order(1, 3) == order(1, 3))
    let orders = [order(1, 1), order(1, 2), order(1, 3), order(2, 1), order(2, 2)]
    #expect(Set(orders).count == 5)
    #expect(!orders.contains(Array(0..<50)))
  }

  @Test func allOrdersAreEquallyLikely() {
    var counts: [[Int]: Int] = [:]
    for epoch in 1...6000 { counts[EpochOrder.order(count: 3, seed: 12, epoch: epoch), default: 0] += 1 }
    #expect(counts.count == 6)
    // 1000 each; five standard deviations, of sqrt(6000 / 6 * 5 / 6).
    for (order, count) in counts { #expect(abs(count - 1000) <= 145, "\(order): \(count)") }
  }
}
