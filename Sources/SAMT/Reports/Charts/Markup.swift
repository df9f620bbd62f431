/// HTML and SVG text whose interpolations are escaped, so that no name can break a page.
///
/// It is XML as well: every element is closed, and characters that XML does not allow become U+FFFD.
struct Markup: ExpressibleByStringInterpolation, Equatable, Sendable {
  private(set) var text: String

  init(stringLiteral literal: String) { text = literal }

  init(stringInterpolation interpolation: Interpolation) { text = interpolation.text }

  /// Several texts behind each other.
  init(_ parts: [Markup]) { text = parts.map(\.text).joined() }

  /// Text that is markup already: coordinates, styles.
  init(verbatim text: String) { self.text = text }

  static func += (left: inout Markup, right: Markup) { left.text += right.text }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    /// Plain text, escaped.
    mutating func appendInterpolation(_ plain: String) { text += plain.escapedMarkup }

    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

    mutating func appendInterpolation(_ parts: [Markup]) {
      for part in parts { text += part.text }
    }

    mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// A coordinate, to a hundredth.
    mutating func appendInterpolation(_ coordinate: Double) { text += NumberText.coordinate(coordinate) }
  }
}

extension String {
  /// This text with `&`, `<`, `>` and both quotes as entities.
  var escapedMarkup: String {
    var text = ""
    text.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\t", "\n", "\r": text.unicodeScalars.append(scalar)
      case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
