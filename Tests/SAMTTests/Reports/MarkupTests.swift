import Testing

@testable import SAMT

@Suite struct MarkupTests {
  @Test func interpolationsAreEscapedAndLiteralsAreNot() {
    let name = "<b>&\"'"
    let markup: Markup = "<i>\(name)</i>"
    #expect(markup.text == "<i>&lt;b&gt;&amp;&quot;&#39;</i>")
    #expect(("<p>\(markup)\([markup, markup])</p>" as Markup).text.components(separatedBy: "<i>").count == 4)
  }

  @Test func charactersThatXMLForbidsAreReplaced() {
    let name = "a\0b\u{1B}c\u{FFFE}\td\n"
    #expect(("\(name)" as Markup).text == "a\u{FFFD}b\u{FFFD}c\u{FFFD}\td\n")
    #expect(xmlProblem(("<a>\(name)</a>" as Markup).text) == nil)
    #expect(xmlProblem("<a>\(name)</a>") != nil, "the check itself notices")
  }

  @Test(arguments: [
    (0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (0.05, "0.05"), (2.994, "2.99"), (2.996, "3"), (-0.004, "0"),
    (123.456, "123.46"), (.nan, "0"), (.infinity, "0"), (1e300, "0"),
  ])
  func coordinatesHaveTwoDecimalsAtMost(_ value: Double, _ text: String) {
    #expect(("\(value)" as Markup).text == text)
  }
}
