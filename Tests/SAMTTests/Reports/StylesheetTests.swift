import Foundation
import Testing

@testable import SAMT

/// The colours of pages, by the contrast that WCAG 2.1 asks for.
@Suite struct StylesheetTests {
  /// The variables of the light scheme, then those of the dark one.
  private var schemes: [[String: String]] {
    let parts = Stylesheet.markup.text.components(separatedBy: "@media(prefers-color-scheme:dark)")
    return parts.map { part in
      var variables: [String: String] = [:]
      for match in part.matches(of: /--([a-z0-9-]+):(#[0-9a-f]+)/) where variables[String(match.1)] == nil {
        variables[String(match.1)] = String(match.2)
      }
      return variables
    }
  }

  private func luminance(_ colour: String) throws -> Double {
    var digits = String(colour.dropFirst())
    if digits.count == 3 { digits = String(digits.flatMap { [$0, $0] }) }
    let number = try #require(Int(digits, radix: 16))
    let parts = [16, 8, 0].map { shift -> Double in
      let value = Double(number >> shift & 0xff) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  private func contrast(_ first: String, _ second: String) throws -> Double {
    let (a, b) = (try luminance(first), try luminance(second))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  @Test func blackOnWhiteHasTheLargestContrast() throws {
    #expect(abs(try contrast("#000", "#ffffff") - 21) <= 1e-9)
  }

  @Test func textAndLinesCanBeSeen() throws {
    #expect(schemes.count == 2)
    for scheme in schemes {
      func colour(_ name: String) throws -> String { try #require(scheme[name], "\(name)") }
      for ground in ["ground", "raised"] {
        for text in ["ink", "faint", "accent"] { #expect(try contrast(colour(text), colour(ground)) >= 4.5, "\(text)") }
      }
      #expect(try contrast(colour("warning"), colour("warning-ground")) >= 4.5)
      for style in 0..<Palette.hueCount {
        #expect(try contrast(colour("s\(style)"), colour("ground")) >= 3, "\(style)")
      }
      #expect(try contrast(colour("strong"), colour("ground")) >= 2.5)
      // Numbers in cells, with the ink below the middle and the ground's colour above.
      for level in 0..<Palette.levelCount {
        let ink = try colour(level < Palette.levelCount / 2 ? "ink" : "ground")
        #expect(try contrast(ink, colour("h\(level)")) >= 3, "level \(level)")
      }
    }
  }

  @Test func levelsGoOneWay() throws {
    for (ramp, isGreater) in [(Palette.lightRamp, false), (Palette.darkRamp, true)] {
      let lights = try Palette.levels(of: ramp).map(luminance)
      #expect(lights.count == Palette.levelCount)
      #expect(zip(lights, lights.dropFirst()).allSatisfy { isGreater ? $0 < $1 : $0 > $1 })
    }
    #expect(Palette.level(.nan) == 0 && Palette.level(-1) == 0 && Palette.level(2) == Palette.levelCount - 1)
  }

  @Test func sixtyFourStylesDiffer() {
    let styles = Set((0..<64).map { [Palette.hue($0), Palette.shape($0)] })
    #expect(styles.count == 64)
    #expect(Set(Palette.dashes).count == Palette.hueCount && Set(Palette.markers).count == Palette.hueCount)
  }

  /// A file that needs nothing else, and no entity that HTML would not read in a style.
  @Test func theStyleStandsAlone() {
    let text = Stylesheet.markup.text
    for part in ["<", "&", "url(", "@import", "http"] { #expect(!text.contains(part), "\(part)") }
    #expect(text.contains("prefers-color-scheme:dark") && text.contains("@media print"))
  }
}
