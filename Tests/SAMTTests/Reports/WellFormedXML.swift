import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What keeps a text from being well-formed XML, which a page is beside being HTML; nil where nothing does.
func xmlProblem(_ text: String) -> String? {
  let parser = XMLParser(data: Data(text.utf8))
  guard !parser.parse() else { return nil }
  return "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "unknown")"
}
