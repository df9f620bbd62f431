import Foundation

/// Numbers as text, the same in every locale.
enum NumberText {
  /// A coordinate of a drawing, to a hundredth; 0 for what is no number.
  static func coordinate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    guard rest != 0 else { return sign + String(whole) }
    let digits = rest % 10 == 0 ? String(rest / 10) : (rest < 10 ? "0" : "") + String(rest)
    return "\(sign)\(whole).\(digits)"
  }

  /// A value for tables and descriptions, to five significant digits.
  static func value(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-∞" : "∞" }
    if value == value.rounded(), abs(value) < 1e7 { return String(Int(value)) }
    return String(format: "%.5g", value)
  }

  /// A value to four decimals, as accuracies and losses are printed; very small and very large ones with an exponent.
  static func fixed(_ value: Double) -> String {
    guard abs(value) < 1e5, value == 0 || abs(value) >= 1e-4 else { return NumberText.value(value) }
    return String(format: "%.4f", value)
  }

  /// The label of a tick among ticks that are `step` apart: thousands as k, millions as M, billions as G.
  static func tick(_ value: Double, step: Double) -> String {
    let largest = abs(value)
    if largest >= 1e12 || (largest > 0 && step < 1e-5) { return shortExponent(String(format: "%.3g", value)) }
    for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where step >= unit / 10 && largest >= unit {
      return decimals(value / unit, step: step / unit) + suffix
    }
    return decimals(value, step: step)
  }

  /// A power of ten times a whole number below ten, as the labels of a logarithmic axis.
  static func logarithmicTick(_ factor: Int, exponent: Int) -> String {
    guard (-3...5).contains(exponent) else {
      let power = "10" + String(String(exponent).map { superscripts[$0] ?? $0 })
      return factor == 1 ? power : "\(factor)·\(power)"
    }
    let value = Double(factor) * pow(10, Double(exponent))
    return exponent < 0 ? String(format: "%.\(-exponent)f", value) : tick(value, step: value)
  }

  /// A length of time in the words of a reader.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return value(seconds) + " s" }
    if seconds < 9.95 { return String(format: "%.2f s", seconds) }
    if seconds < 59.95 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
    return String(format: "%d h %02d min", whole / 3600, whole / 60 % 60)
  }

  /// A count with thin spaces between its thousands.
  static func count(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return NumberText.value(value) }
    let digits = String(Int(abs(value).rounded()))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  private static func decimals(_ value: Double, step: Double) -> String {
    // As many as the step itself needs.
    let places = (0..<15).first { places in
      let scaled = step * pow(10, Double(places))
      return abs(scaled - scaled.rounded()) <= 1e-6 * scaled
    }
    return String(format: "%.\(places ?? 0)f", value == 0 ? 0 : value)
  }

  private static func shortExponent(_ text: String) -> String {
    guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else { return text }
    return "\(text[..<mark])e\(exponent)"
  }

  private static let superscripts: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
  ]
}
