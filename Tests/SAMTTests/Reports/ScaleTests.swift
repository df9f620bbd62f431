import Foundation
import Testing

@testable import SAMT

@Suite struct ScaleTests {
  private func labels(_ scale: Scale) -> [String] { scale.ticks.map(\.label) }

  @Test func linearTicksAreNiceNumbers() {
    #expect(labels(Scale(covering: [0, 1])) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(Scale(covering: [0.93, 0.987])) == ["0.92", "0.94", "0.96", "0.98", "1.00"])
    #expect(labels(Scale(covering: [0, 42_000])) == ["0", "10k", "20k", "30k", "40k", "50k"])
    #expect(labels(Scale(covering: [-3, 4])) == ["-4", "-2", "0", "2", "4"])
    #expect(
      labels(Scale(covering: [1, 12], mostTicks: 8, isTight: true, isWhole: true)) == ["2", "4", "6", "8", "10", "12"])
    #expect(labels(Scale(covering: [1, 3], mostTicks: 8, isTight: true, isWhole: true)) == ["1", "2", "3"])
  }

  @Test func logarithmicTicksArePowersOfTen() {
    #expect(
      labels(Scale(covering: [1e-4, 1e-1], kind: .logarithmic, isTight: true)) == ["10⁻⁴", "0.001", "0.01", "0.1"])
    #expect(
      labels(Scale(covering: [1, 100], kind: .logarithmic, mostTicks: 7, isTight: true)) == [
        "1", "2", "5", "10", "20", "50", "100",
      ])
    let wide = Scale(covering: [1e-30, 1e30], kind: .logarithmic)
    #expect((2...6).contains(wide.ticks.count))
  }

  /// Whatever the values: ticks ascend within the domain, are few, and their labels differ.
  @Test(
    arguments: [
      [0.1, 0.1], [0, 0], [5, 5], [-7, -7], [1e-12, 2e-12], [1e11, 1e11 + 1], [-1e299, 1e299], [1e-299, 1e299],
      [0, 1e-9],
      [123_456, 123_457], [3, 3.0001], [2.3, 0.0001], [1, 100_000],
    ] as [[Double]])
  func ticksAreFewAndDistinct(_ values: [Double]) {
    for isTight in [false, true] {
      for isWhole in Set([false, values.allSatisfy { $0 == $0.rounded() }]) {
        let scale = Scale(covering: values, isTight: isTight, isWhole: isWhole)
        let places = scale.ticks.compactMap { scale.position($0.value) }
        // Rounding of the domain's ends alone.
        #expect(places.allSatisfy { $0 >= -1e-6 && $0 <= 1 + 1e-6 }, "\(values) \(scale)")
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
        #expect(scale.ticks.count <= 8)
      }
    }
    let positive = values.filter { $0 > 0 }
    let scale = Scale(covering: positive, kind: .logarithmic)
    #expect(Set(labels(scale)).count == scale.ticks.count && scale.ticks.count <= 6, "\(values) \(labels(scale))")
  }

  @Test func positions() {
    let linear = Scale(covering: [0, 10], isTight: true)
    #expect(linear.position(0) == 0 && linear.position(2.5) == 0.25 && linear.position(10) == 1)
    let logarithmic = Scale(covering: [1, 10_000], kind: .logarithmic, isTight: true)
    // Logarithms of 4.6 and 9.2, right to an ulp each, and their quotient.
    #expect(abs(logarithmic.position(100)! - 0.5) <= 4 * Double.ulpOfOne)
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(linear.position(value) == nil && logarithmic.position(value) == nil)
    }
    #expect(logarithmic.position(0) == nil && logarithmic.position(-1) == nil)
  }

  @Test func theKindFollowsTheValues() {
    #expect(Scale.Kind.fitting([1, 49]) == .linear)
    #expect(Scale.Kind.fitting([1, 50]) == .logarithmic)
    #expect(Scale.Kind.fitting([0, 1e9]) == .linear)
    #expect(Scale.Kind.fitting([.nan, 2, 1e9, .infinity]) == .logarithmic)
    #expect(Scale.Kind.fitting([]) == .linear)
  }

  @Test func nothingIsCoveredAsWell() {
    for kind in [Scale.Kind.linear, .logarithmic] {
      let scale = Scale(covering: [Double.nan], kind: kind)
      #expect(scale.domain.lowerBound < scale.domain.upperBound && !scale.ticks.isEmpty)
    }
  }
}
