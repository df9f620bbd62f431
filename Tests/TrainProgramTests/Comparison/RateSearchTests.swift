import Foundation
import Testing

@testable import samt_train

@Suite struct RateSearchTests {
  /// Runs a search whose score is `score` of the rate.
  private func search(around usual: Double, count: Int, _ score: (Double) -> Double) -> RateSearch {
    var search = RateSearch(around: usual, count: count)
    while case let rates = search.nextRates(), !rates.isEmpty { search.add(rates.map(score)) }
    return search
  }

  @Test func startsAtTheUsualRateAndItsNeighbours() {
    let search = search(around: 0.5, count: 3) { -abs($0 - 0.5) }
    #expect(search.trials.map(\.rate) == [0.5, 0.125, 2])
    #expect(search.best?.rate == 0.5)
  }

  @Test(arguments: [1e-3, 0.037, 0.4, 21.0]) func findsAPeakWithinAStepOfTheFinestGridThatWasReached(peak: Double) {
    let search = search(around: 0.5, count: 14) { -abs(log2($0 / peak)) }
    let best = try! #require(search.best)
    // Some eight trials at most lead to the peak's neighbourhood at a factor of 4, and two each halve the distance.
    #expect(abs(log2(best.rate / peak)) <= 0.5)
    #expect(search.trials.count <= 14)
    #expect(Set(search.trials.map(\.rate)).count == search.trials.count)
  }

  @Test func endsWhereTheGridIsAtItsFinest() {
    let search = search(around: 1, count: 1000) { -abs(log2($0)) }
    #expect(search.trials.map(\.rate) == [1, 0.25, 4, 0.5, 2, exp2(-0.5), exp2(0.5), exp2(-0.25), exp2(0.25)])
  }

  @Test func trainingsThatDivergedAreTheWorst() {
    let search = search(around: 1, count: 9) { $0 > 0.3 ? .nan : $0 }
    #expect(search.best?.rate == 0.25)
    #expect(search.trials.allSatisfy { !$0.score.isNaN })
  }

  @Test func ofEqualScoresTheEarlierCounts() {
    #expect(search(around: 1, count: 5) { _ in 0 }.best?.rate == 1)
  }

  /// What is asked for depends on the scores alone, so an interrupted search goes on where it was.
  @Test func asksForTheSameRatesAgain() {
    var search = RateSearch(around: 1, count: 6)
    #expect(search.nextRates() == search.nextRates())
    search.add([0.5])
    #expect(search.nextRates() == search.nextRates())
    #expect(search.nextRates() == [0.25, 4])
  }

  @Test func neverTriesMoreThanItsCount() {
    for count in 1...12 { #expect(search(around: 1, count: count) { $0 }.trials.count == count) }
    #expect(search(around: 1, count: 0) { $0 }.trials.count == 1)
  }
}
