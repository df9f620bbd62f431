/// The style of all pages: for light and dark screens, telephones and paper.
enum Stylesheet {
  static var markup: Markup {
    let styles = (0..<Palette.hueCount).map { index in
      ".line.s\(index){stroke:var(--s\(index))}.mark.s\(index),.band.s\(index){fill:var(--s\(index))}"
        + (Palette.dashes[index].isEmpty ? "" : ".line.d\(index){stroke-dasharray:\(Palette.dashes[index])}")
    }
    let levels = (0..<Palette.levelCount).map { ".h\($0){fill:var(--h\($0))}" }
    return Markup(
      verbatim: """
        :root{color-scheme:light dark;\(light)}
        @media(prefers-color-scheme:dark){:root{\(dark)}}
        \(rules)
        \(styles.joined(separator: "\n"))
        \(levels.joined())
        \(paper)
        """)
  }

  private static let light =
    "--ground:#fff;--raised:#f5f7f9;--ink:#1b2127;--faint:#59636e;--line:#dde3e9;--strong:#8d99a5;--accent:#0068a8;"
    + "--warning:#7a3e00;--warning-ground:#fff3e0;" + colours(Palette.lightHues, Palette.lightRamp)
  private static let dark =
    "--ground:#12161b;--raised:#1a2027;--ink:#e8edf2;--faint:#a3aebb;--line:#2b343e;--strong:#76828f;--accent:#56aef0;"
    + "--warning:#ffcf94;--warning-ground:#33260f;" + colours(Palette.darkHues, Palette.darkRamp)

  private static func colours(_ hues: [String], _ ramp: [String]) -> String {
    (hues.enumerated().map { "--s\($0):\($1)" } + Palette.levels(of: ramp).enumerated().map { "--h\($0):\($1)" })
      .joined(separator: ";")
  }

  private static let rules = """
    *{box-sizing:border-box}
    body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;-webkit-text-size-adjust:100%}
    main,footer{max-width:1280px;margin:0 auto;padding:0 16px}
    header{margin:28px 0 20px}
    h1{font-size:28px;line-height:1.2;margin:0;overflow-wrap:anywhere}
    h2{font-size:20px;margin:40px 0 12px;padding-top:14px;border-top:1px solid var(--line)}
    h3{font-size:16px;margin:24px 0 8px}
    p{margin:0 0 12px;max-width:75ch}
    header p{color:var(--faint);margin:6px 0 0;overflow-wrap:anywhere}
    footer{color:var(--faint);font-size:14px;padding-top:32px;padding-bottom:32px}
    .warning{background:var(--warning-ground);color:var(--warning);border-left:4px solid currentColor;border-radius:4px;\
    margin:0 0 20px;padding:10px 14px 10px 32px;overflow-wrap:anywhere}
    .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:12px;margin:0}
    .cards div{background:var(--raised);border-radius:8px;padding:12px 14px}
    .cards dt{color:var(--faint);font-size:14px}
    .cards dd{margin:0;font-size:24px;line-height:1.3;font-variant-numeric:tabular-nums;white-space:nowrap}
    .cards .remark{font-size:13px;color:var(--faint);white-space:normal}
    .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,380px),1fr));gap:28px 24px;align-items:start}
    figure{margin:0;min-width:0;max-width:480px}
    figcaption{font-weight:600;margin-bottom:4px;overflow-wrap:anywhere}
    figcaption::first-letter,.cards dt::first-letter,.panel h3::first-letter{text-transform:uppercase}
    figure svg{display:block;width:100%;height:auto;overflow:visible}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:0 0 4px;padding:0;font-size:14px;color:var(--faint)}
    .legend li{display:flex;align-items:center;gap:6px;min-width:0;overflow-wrap:anywhere}
    .legend svg{flex:none;width:28px;height:12px}
    svg text{font:12px system-ui,sans-serif;fill:var(--faint);font-variant-numeric:tabular-nums}
    svg .small{font-size:10.5px}
    svg .title{fill:var(--ink)}
    svg .end{text-anchor:end}
    svg .middle{text-anchor:middle}
    svg .low{fill:var(--ink)}
    svg .high{fill:var(--ground)}
    path{fill:none}
    path.rule{stroke:var(--line)}
    .axis,.tick{stroke:var(--strong)}
    .line{stroke-width:2;stroke-linejoin:round;stroke-linecap:butt}
    .mark{stroke:var(--ground);stroke-width:.7}
    .band{opacity:.16}
    .cross{stroke:var(--ink);stroke-width:1.6}
    .note{font-size:13px;color:var(--faint);margin:2px 0 0}
    details{font-size:14px;margin-top:4px}
    summary{color:var(--accent);cursor:pointer;width:max-content}
    details .scroll{max-height:340px;margin-top:6px}
    .scroll{overflow:auto}
    table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
    th,td{padding:4px 14px 4px 0;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
    th{font-weight:600}
    thead th{white-space:normal;vertical-align:bottom}
    tbody th{font-weight:400}
    th:first-child,table.list td{text-align:left}
    table.list th{color:var(--faint)}
    table.list td{white-space:normal;overflow-wrap:anywhere;min-width:12ch}
    pre{background:var(--raised);border-radius:8px;padding:12px 14px;white-space:pre-wrap;overflow-wrap:anywhere;\
    font:14px/1.6 ui-monospace,monospace;margin:0 0 16px}
    pre span{display:inline-block}
    a{color:var(--accent)}
    .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:16px 40px;align-items:start}
    .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    .switch input{position:absolute;opacity:0}
    .switch label{display:inline-block;padding:5px 14px;margin:0 6px 14px 0;border:1px solid var(--strong);border-radius:99px;\
    font-size:14px;cursor:pointer}
    .switch input:checked+label{background:var(--ink);border-color:var(--ink);color:var(--ground)}
    .switch input:focus-visible+label{outline:3px solid var(--accent);outline-offset:2px}
    .panel{display:none}
    .panel h3{display:none}
    #axis0:checked~.panel0,#axis1:checked~.panel1,#axis2:checked~.panel2,#axis3:checked~.panel3{display:block}
    @media(max-width:480px){table{font-size:13px}th,td{padding-right:9px}}
    """

  /// Everything is shown and nothing is cut off; each figure stays on one page.
  private static let paper = """
    @media print{
    :root{color-scheme:light;\(light)}
    @page{margin:14mm}
    body{font-size:11pt}
    main,footer{max-width:none;padding:0}
    footer{padding-top:16px}
    h1{font-size:20pt}
    h2,h3,figcaption,section>p{break-after:avoid}
    figure,.cards div,tr,p,pre{break-inside:avoid}
    .grid,.columns{grid-template-columns:1fr 1fr;gap:14px 20px}
    .switch label,details{display:none}
    .panel,.panel h3{display:block}
    .cards div,pre{border:1px solid var(--line)}
    .scroll{overflow:visible}
    table{font-size:8.5pt}
    th,td{padding-right:9px}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    }
    """
}
