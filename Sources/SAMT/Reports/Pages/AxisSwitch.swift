/// The same figures over several axes, one of which is shown at a time; on paper all are.
///
/// Radio buttons and the style alone do it, without a script.
struct AxisSwitch {
  /// The figures over each axis; axes without figures are left out.
  var panels: [(name: String, figures: [Figure])]

  var markup: Markup {
    let shown = panels.filter { !$0.figures.isEmpty }
    guard shown.count > 1 else { return Markup(shown.map { Page.grid($0.figures) }) }
    let buttons: [Markup] = shown.enumerated().map { index, panel in
      let checked: Markup = index == 0 ? " checked=\"checked\"" : ""
      return """
        <input type="radio" name="axis" id="axis\(index)"\(checked)/>\
        <label for="axis\(index)"><span class="hidden">Curves over </span>\(panel.name)</label>
        """
    }
    let grids: [Markup] = shown.enumerated().map { index, panel in
      """
      <div class="panel panel\(index)"><h3>Over \(panel.name)</h3>\(Page.grid(panel.figures))</div>

      """
    }
    return "<div class=\"switch\">\(buttons)\(grids)</div>\n"
  }
}
