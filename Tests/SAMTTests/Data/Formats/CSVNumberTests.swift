import Testing

@testable import SAMT

@Suite struct CSVNumberTests {
  private func number(_ text: String, mark: CSVNumber.DecimalMark = .point) -> Double? {
    Array(text.utf8).withUnsafeBufferPointer { CSVNumber.parse($0, mark: mark) }
  }

  /// The standard library rounds correctly whatever the locale, so all bits must agree with it.
  @Test(arguments: [
    "0", "-0", "+7", "1.", ".5", "-.5e1", "0.1", "123456789012345678", "9007199254740993", "1e22", "1e23", "1E-22",
    "1e-23", "4.9e-324", "1.7976931348623157e308", "0.000000000000000000000000000001", "00012.500",
    "3.141592653589793238462643383279502884197", "1e0000000000000000003", "18446744073709551616", "2e-324", "1e400",
    "-1e400", "1e-99999999999999999999",
  ])
  func numbersAreTheNearestDoubles(text: String) throws {
    let expected = try #require(Double(text))
    #expect(number(text)?.bitPattern == expected.bitPattern)
    let comma = text.replacing(".", with: ",")
    #expect(number(comma, mark: .commaOrPoint)?.bitPattern == expected.bitPattern)
  }

  @Test(arguments: [
    "", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1,5", "--1", "+-1", "1 2", "0x10", "inf", "nan", "infinity",
    "1_000",
    "1e5.5", "٣", "1f",
  ])
  func otherTextIsNoNumber(text: String) {
    #expect(number(text) == nil)
  }

  @Test func aCommaIsADecimalMarkOnce() {
    #expect(number("1,5", mark: .commaOrPoint) == 1.5)
    #expect(number("1.234,5", mark: .commaOrPoint) == nil)
  }

  @Test func randomNumbersComeBack() {
    var generator = Generator(seed: 3)
    for _ in 0..<2000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      #expect(number("\(value)")?.bitPattern == value.bitPattern)
      let short = (value.truncatingRemainder(dividingBy: 1000) * 100).rounded() / 100
      #expect(number("\(short)")?.bitPattern == short.bitPattern)
    }
  }
}
