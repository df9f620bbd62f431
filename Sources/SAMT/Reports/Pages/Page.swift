/// A page in one file: its sections under a title, its style within it, and nothing from elsewhere.
struct Page {
  /// A part of the page under a heading.
  struct Section {
    var title: String
    var content: Markup
  }

  var title: String
  var subtitle: String
  /// What could not be read or is not as it should be, a sentence each.
  var notes: [String]
  /// The most important figures.
  var cards: [Card]
  var sections: [Section]

  /// A figure with its name and a remark.
  struct Card: Equatable {
    var name: String
    var value: String
    var remark = ""
  }

  /// The most notes that a page shows.
  private static let mostNotes = 20

  /// The whole file.
  var html: String {
    let warnings: [Markup] = notes.prefix(Self.mostNotes).map { "<li>\($0)</li>" }
    let rest: Markup = notes.count > Self.mostNotes ? "<li>\(notes.count - Self.mostNotes) more.</li>" : ""
    let figures: [Markup] = cards.map { card in
      let remark: Markup = card.remark.isEmpty ? "" : "<dd class=\"remark\">\(card.remark)</dd>"
      return """
        <div><dt>\(card.name)</dt><dd>\(card.value)</dd>\(remark)</div>

        """
    }
    let parts: [Markup] = sections.map { section in
      "<section><h2>\(section.title)</h2>\n\(section.content)</section>\n"
    }
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(title)</title>
      <style>\(Stylesheet.markup)</style></head>
      <body><main>
      <header><h1>\(title)</h1><p>\(subtitle)</p></header>
      \(notes.isEmpty ? "" : "<ul class=\"warning\" role=\"note\">\(warnings)\(rest)</ul>\n" as Markup)\
      \(cards.isEmpty ? "" : "<dl class=\"cards\">\(figures)</dl>\n" as Markup)\(parts)</main>
      <footer>Made by SAMT from the files of the training.</footer>
      </body></html>

      """
    return page.text
  }

  /// Figures side by side, as many as have room.
  static func grid(_ figures: [Figure]) -> Markup { "<div class=\"grid\">\(figures.map(\.markup))</div>\n" }

  /// Names and values.
  static func list(_ rows: [[String]]) -> Markup {
    let lines: [Markup] = rows.map { "<tr><th scope=\"row\">\($0[0])</th><td>\($0[1])</td></tr>\n" }
    return "<div class=\"scroll\" tabindex=\"0\"><table class=\"list\"><tbody>\(lines)</tbody></table></div>\n"
  }
}
