import Testing

@testable import SAMT

@Suite struct ChartTests {
  private func chart(_ series: [Series]) -> Figure {
    LineChart(title: "loss", x: Axis("epoch", .linear, isWhole: true), y: Axis("loss"), series: series).figure
  }

  /// The whole drawing of a line from (1, 0) to (2, 1).
  @Test func aSmallChart() {
    let figure = chart([Series(name: "test", style: 0, points: [SeriesPoint(1, 0), SeriesPoint(2, 1)])])
    let circle = "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"
    #expect(
      figure.drawing.text == """
        <path class="rule" d="M46 210H388"/><text x="40" y="214" class="end">0</text>\
        <path class="rule" d="M46 10H388"/><text x="40" y="14" class="end">1</text>\
        <path class="axis" d="M46 10V210H388"/>\
        <path class="tick" d="M46 210v4"/><text x="46" y="227" class="middle">1</text>\
        <path class="tick" d="M388 210v4"/><text x="388" y="227" class="middle">2</text>\
        <text x="217" y="245" class="middle title">epoch</text>\
        <path class="line s0 d0" d="M46 210L388 10"/>\
        <path class="mark s0" d="M46 210\(circle)"><title>test: 0 at 1</title></path>\
        <path class="mark s0" d="M388 10\(circle)"><title>test: 1 at 2</title></path>
        """)
    #expect(figure.description == "loss over epoch. test: from 0 at 1 to 1 at 2, lowest 0 at 1, highest 1 at 2.")
    #expect(figure.table == DataTable(columns: ["epoch", "test"], rows: [["1", "0"], ["2", "1"]]))
    #expect(xmlProblem(figure.markup.text) == nil)
  }

  @Test func whatIsNotFiniteInterruptsTheLine() {
    let values = [3, 2, Double.nan, 1, .infinity, 2]
    let points = values.enumerated().map { SeriesPoint(Double($0), $1) }
    let figure = chart([Series(name: "test", style: 0, points: points)])
    let line = figure.drawing.text.split(separator: "<path class=\"line").dropFirst().first!
    #expect(line.prefix { $0 != ">" }.count { $0 == "M" } == 3)
    #expect(figure.drawing.text.components(separatedBy: "class=\"cross\"").count == 3)
    #expect(figure.note.contains("×") && figure.table.rows[2] == ["2", "NaN"])
  }

  @Test func chartsWithoutValuesSaySo() {
    #expect(chart([]).drawing.text.contains("no values"))
    #expect(xmlProblem(chart([Series(name: "a", style: 0, points: [SeriesPoint(1, .nan)])]).markup.text) == nil)
    let scatter = ScatterChart(title: "t", x: Axis("x"), y: Axis("y"), series: [])
    #expect(scatter.figure.drawing.text.contains("no values") && xmlProblem(scatter.figure.markup.text) == nil)
    let map = HeatMap(title: "t", axes: ("block", "epoch"), rowNames: ["a"], columns: [1], values: [[.nan]])
    #expect(xmlProblem(map.figure.markup.text) == nil)
  }

  /// Eight characters such as -0.00050, each of 6.8 units at most, end six units left of the axis.
  @Test func longLabelsHaveRoom() {
    let points = [SeriesPoint(1, -0.0005), SeriesPoint(2, 0.00075)]
    let text = chart([Series(name: "a", style: 0, points: points)]).drawing.text
    let labels = text.matches(of: /class="end">([^<]+)</).map { Double($0.1.count) }
    let axis = text.firstMatch(of: #/class="axis" d="M([0-9.]+) /#).flatMap { Double($0.1) }
    #expect(labels.max() ?? 0 >= 7 && 6.8 * (labels.max() ?? .nan) + 6 <= axis ?? .nan)
  }

  @Test func aMeanHasABand() {
    let points = [SeriesPoint(0, 1, range: 0...2), SeriesPoint(1, 2, range: 1...4)]
    #expect(chart([Series(name: "a", style: 1, points: points)]).drawing.text.contains("<path class=\"band s1\""))
    #expect(
      !chart([Series(name: "a", style: 1, points: points.map { SeriesPoint($0.x, $0.y) })]).drawing.text.contains(
        "band"))
  }

  @Test func severalLinesHaveALegend() {
    let series = ["<a>", "b&c"].enumerated().map { Series(name: $1, style: $0, points: [SeriesPoint(1, 2)]) }
    let text = chart(series).markup.text
    #expect(text.contains("&lt;a&gt;") && text.contains("b&amp;c") && !text.contains("<a>"))
    #expect(text.contains("class=\"line s0 d0\"") && text.contains("class=\"line s1 d1\""))
    #expect(xmlProblem(text) == nil)
  }

  @Test func decimationKeepsExtremesAndEnds() {
    var points = (0..<10_000).map { SeriesPoint(Double($0), 0.5) }
    points[1234].y = 7
    points[4321].y = -7
    points[5000].y = .nan
    let kept = Series(name: "a", style: 0, points: points).decimated(to: 240)
    #expect(kept.count <= 240 + 2)
    #expect(kept.first?.x == 0 && kept.last?.x == 9999)
    #expect(kept.map(\.x) == kept.map(\.x).sorted())
    for index in [1234, 4321, 5000] { #expect(kept.contains { $0.x == Double(index) }) }
    let few = Series(name: "a", style: 0, points: Array(points[..<240]))
    #expect(few.decimated(to: 240) == few.points)
  }

  @Test func aHeatMapHasACellForEachValue() {
    let map = HeatMap(
      title: "gate", axes: ("block", "epoch"), rowNames: ["a<b", "c"], columns: [1, 2, 3],
      values: [[0, 1, 0.5], [1, 1, .nan]])
    let text = map.figure.drawing.text
    let cells = text.prefix(upTo: text.range(of: "class=\"tick\"")!.lowerBound)
    // Five values, each a move: the sixth is none.
    #expect(cells.components(separatedBy: "<path class=\"h").dropFirst().joined().count { $0 == "M" } == 5)
    #expect(xmlProblem(map.figure.markup.text) == nil)
    #expect(map.figure.note == "Where there is no colour, a value is missing, is not finite, or has no logarithm.")
    let wide = HeatMap(
      title: "gate", axes: ("block", "epoch"), rowNames: (0..<60).map(String.init),
      columns: (1...5000).map(Double.init),
      values: [[Double]](repeating: (1...5000).map(Double.init), count: 60))
    // 60 rows of 80 columns, each some 40 bytes, and the table.
    #expect(wide.figure.markup.text.utf8.count < 300_000)
    #expect(wide.figure.note == "Logarithmic scale.")
  }

  /// Short names stand below their columns, long ones aslant; no column is without.
  @Test(arguments: ["cat", "automobile"]) func everyColumnOfAConfusionMatrixIsNamed(_ name: String) {
    let counts = [[Int]](repeating: [Int](repeating: 1, count: 10), count: 10)
    let chart = ConfusionChart(title: "t", classNames: [String](repeating: name, count: 10), counts: counts)
    let text = chart.figure.drawing.text
    #expect(text.components(separatedBy: ">\(name)</text>").count == 21)
    #expect(text.components(separatedBy: "rotate(-45)").count == (name == "cat" ? 1 : 11))
  }

  @Test func aConfusionMatrixTellsItsWorstMistake() {
    let chart = ConfusionChart(
      title: "t", classNames: ["cat", "dog", "cow"], counts: [[8, 2, 0], [5, 5, 0], [0, 0, 0]])
    #expect(
      chart.figure.description.hasSuffix("13 of 20 are right. The most frequent mistake takes dog for cat, 5 times."))
    #expect(xmlProblem(chart.figure.markup.text) == nil)
    let record = ConfusionRecord(classNames: chart.classNames, counts: chart.counts)
    #expect(record.isWellFormed)
    // Of 13 predicted cats 8 are, of 10 cats 8 were found: F1 = 16 / 23.
    #expect(record.table.rows[0] == ["cat", "10", "0.6154", "0.8000", "0.6957"])
    #expect(record.table.rows[2] == ["cow", "0", "–", "–", "–"])
    #expect(!ConfusionRecord(classNames: ["a", "b"], counts: [[1, 2]]).isWellFormed)
  }
}
