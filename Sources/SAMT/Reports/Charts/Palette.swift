/// Colours, dashes and markers of lines, and sixteen levels of heat maps.
///
/// The hues are those of Okabe and Ito's palette for colour-blind readers, darkened on light ground and lightened on dark
/// ground until each has a contrast of 3 : 1 at least. Styles differ in dash and marker, too, so that a print in black
/// and white can be read.
enum Palette {
  /// How many hues there are, and as many dashes with their markers.
  static let hueCount = 8
  /// How many levels a heat map has.
  static let levelCount = 16

  static let lightHues = ["#0068a8", "#c84e00", "#008062", "#a8457f", "#8a6a00", "#5b4fc4", "#3f7f9f", "#555b63"]
  static let darkHues = ["#56aef0", "#f58442", "#2fc79c", "#e58fc0", "#e0b83f", "#a79bff", "#8fd0e8", "#b9c0c8"]
  /// Lengths of strokes and gaps; empty for a whole line.
  static let dashes = ["", "7 3", "2 3", "9 3 2 3", "5 2", "1 2.5", "12 4", "4 4"]
  /// Markers around a point, as relative paths.
  static let markers = [
    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", "m-2.7-2.7h5.4v5.4h-5.4z", "m0-3.6l3.4 6h-6.8z",
    "m0-3.9l3.3 3.9l-3.3 3.9l-3.3-3.9z",
    "m0 3.6l3.4-6h-6.8z", "m-1.2-3.4h2.4v2.2h2.2v2.4h-2.2v2.2h-2.4v-2.2h-2.2v-2.4h2.2z", "m-3.6-2h7.2v4h-7.2z",
    "m-2-3.4h4l2 3.4l-2 3.4h-4l-2-3.4z",
  ]

  /// From nothing to much: away from the ground's colour, through one family of hues that grows steadily darker, or on
  /// dark ground lighter.
  static let lightRamp = ["#eef3f7", "#b9d3e6", "#6ea6cf", "#2a72b0", "#0e3f78", "#08234a"]
  static let darkRamp = ["#1d2530", "#21466b", "#2a6ca3", "#4c9bd3", "#93cbee", "#e6f4fd"]

  /// The hue of a style.
  static func hue(_ style: Int) -> Int { style % hueCount }

  /// The dash and the marker of a style: other ones each time the hues are through.
  static func shape(_ style: Int) -> Int { (style + style / hueCount) % hueCount }

  /// The level, from 0, of a share from 0 to 1.
  static func level(_ share: Double) -> Int {
    guard share.isFinite else { return 0 }
    return min(max(Int((share * Double(levelCount - 1)).rounded()), 0), levelCount - 1)
  }

  /// The colours of all levels along a ramp.
  static func levels(of ramp: [String]) -> [String] {
    (0..<levelCount).map { level in
      let place = Double(level) / Double(levelCount - 1) * Double(ramp.count - 1)
      let index = min(Int(place), ramp.count - 2)
      return mixed(ramp[index], ramp[index + 1], place - Double(index))
    }
  }

  private static func mixed(_ first: String, _ second: String, _ share: Double) -> String {
    let (a, b) = (components(first), components(second))
    return "#"
      + zip(a, b).map { first, second in
        let value = Int((Double(first) + share * Double(second - first)).rounded())
        return (value < 16 ? "0" : "") + String(value, radix: 16)
      }.joined()
  }

  private static func components(_ colour: String) -> [Int] {
    let number = Int(colour.dropFirst(), radix: 16) ?? 0
    return [number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff]
  }
}
