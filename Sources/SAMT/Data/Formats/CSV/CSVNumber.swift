/// Numbers in the text of a table, which are the same in every locale.
enum CSVNumber {
  /// What stands between a number's whole part and its fraction.
  enum DecimalMark {
    case point
    /// A comma, or a point: a file with semicolons may have either.
    case commaOrPoint
  }

  /// The number that `text` is: a sign, digits, a decimal mark and digits, an exponent, each but the digits left out at
  /// will; nil where it is none.
  ///
  /// The nearest double, infinite where that is out of range.
  static func parse(_ text: UnsafeBufferPointer<UInt8>, mark: DecimalMark) -> Double? {
    var scanner = Scanner(text: text, mark: mark)
    guard scanner.scan() else { return nil }
    return scanner.exactValue ?? nearestValue(of: text)
  }

  /// The nearest double by the standard library's parser, which is slower.
  private static func nearestValue(of text: UnsafeBufferPointer<UInt8>) -> Double? {
    let comma = UInt8(ascii: ","), point = UInt8(ascii: ".")
    return Double(String(decoding: text.map { $0 == comma ? point : $0 }, as: UTF8.self))
  }

  /// One number's parts.
  private struct Scanner {
    let text: UnsafeBufferPointer<UInt8>
    let mark: DecimalMark
    var position = 0
    var isNegative = false
    /// All digits as a whole number; meaningless where there are more than ``exactDigits``.
    var significand: UInt64 = 0
    /// From the first that is not 0.
    var digitCount = 0
    var fractionDigits = 0
    var exponent = 0

    private static let exactDigits = 19
    private static let powersOfTen: [Double] = (0...22).map { exponent in
      (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    init(text: UnsafeBufferPointer<UInt8>, mark: DecimalMark) {
      self.text = text
      self.mark = mark
    }

    /// Takes in all of the text; false where it is no number.
    mutating func scan() -> Bool {
      isNegative = takesMinus()
      let wholeDigits = scanDigits()
      if takesMark() { fractionDigits = scanDigits() }
      guard wholeDigits + fractionDigits > 0 else { return false }
      if takes("e") || takes("E") {
        let isNegativeExponent = takesMinus()
        guard position < text.count else { return false }
        while position < text.count, let digit = digit(text[position]) {
          exponent = min(10 * exponent + Int(digit), 1_000_000)
          position += 1
        }
        if isNegativeExponent { exponent.negate() }
      }
      return position == text.count
    }

    /// The value where one correctly rounded operation gives it (Clinger 1990): a whole number below 2^53 and a power of
    /// ten up to 10^22 are doubles.
    var exactValue: Double? {
      let power = exponent - fractionDigits
      guard digitCount <= Self.exactDigits, significand < 1 << 53, abs(power) <= 22 else { return nil }
      let magnitude = Double(significand)
      let value = power < 0 ? magnitude / Self.powersOfTen[-power] : magnitude * Self.powersOfTen[power]
      return isNegative ? -value : value
    }

    private mutating func scanDigits() -> Int {
      let start = position
      while position < text.count, let digit = digit(text[position]) {
        significand = significand &* 10 &+ UInt64(digit)
        if digit > 0 || digitCount > 0 { digitCount += 1 }
        position += 1
      }
      return position - start
    }

    private func digit(_ byte: UInt8) -> UInt8? {
      let digit = byte &- UInt8(ascii: "0")
      return digit < 10 ? digit : nil
    }

    /// Takes a sign where one comes next, and says whether it is a minus.
    private mutating func takesMinus() -> Bool {
      if takes("-") { return true }
      _ = takes("+")
      return false
    }

    private mutating func takesMark() -> Bool { takes(".") || (mark == .commaOrPoint && takes(",")) }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
      guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }
  }
}
