import Foundation
import Testing

@testable import SAMT

@Suite struct TablePreprocessingTests {
  private func table(_ text: String, _ name: String = "table.csv") throws -> CSVFile {
    try CSVFile(DataStream(bytes: Array(text.utf8), path: name))
  }

  private func column(_ index: Int, of rows: EncodedRows) -> [Float] {
    let (count, width) = (rows.inputs.shape[0], rows.inputs.shape[1])
    return (0..<count).map { rows.inputs.elements[$0 * width + index] }
  }

  // MARK: numbers

  @Test func inputsAreThoseOfScikitLearn() throws {
    let file = try table(TableGolden.csv)
    let preprocessing = try TablePreprocessing(
      fitting: try table(withTarget(TableGolden.csv)), roles: TableRoles(targets: ["target"]))
    let rows = try preprocessing.encode(file)
    #expect(preprocessing.inputCount == TableGolden.inputs.count)
    for (index, expected) in TableGolden.inputs.enumerated() {
      let found = column(index, of: rows)
      #expect(found.count == expected.count)
      for (value, expected) in zip(found, expected) {
        // One rounding to Float; the mean of the times, 1.7e9, is right to 8 roundings of 2^-53, which are 6e-7 of their
        // deviation, 2.7.
        #expect(abs(Double(value) - expected) <= 0x1p-24 * abs(expected) + 6e-7, "input \(index)")
      }
    }
  }

  private func withTarget(_ csv: String) -> String {
    let lines = csv.split(separator: "\n")
    return lines[0] + ",target\n" + lines[1...].enumerated().map { "\($1),\($0).5\n" }.joined()
  }

  @Test func statisticsAreThoseOfScikitLearn() throws {
    let file = try table(withTarget(TableGolden.csv))
    let preprocessing = try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["target"]))
    let numbers = preprocessing.columns.compactMap { column -> [Double]? in
      if case .numbers(let mean, let deviation) = column.content { [mean, deviation] } else { nil }
    }
    #expect(numbers.count == TableGolden.statistics.count)
    for (found, expected) in zip(numbers, TableGolden.statistics) {
      // Each of seven additions rounds once, relative to the largest number.
      #expect(abs(found[0] - expected[0]) <= 8 * 0x1p-53 * abs(expected[0]))
      #expect(abs(found[1] - expected[1]) <= 8 * 0x1p-53 * max(abs(expected[0]), expected[1]))
    }
    #expect(numbers[4][1] == 0, "a constant has no deviation")
  }

  @Test func commasAreDecimalMarksBesideSemicolons() throws {
    let preprocessing = try TablePreprocessing(
      fitting: try table("x;y\n1,5;2,25\n2.5;1e0\n"), roles: TableRoles(targets: ["y"]))
    #expect(
      preprocessing.columns == [
        TableColumn(name: "x", content: .numbers(mean: 2, deviation: 0.5), marksMissing: false)
      ])
    #expect(preprocessing.target == .values([.init(name: "y", mean: 1.625, deviation: 0.625)]))
  }

  // MARK: what a column is taken for

  @Test func categoriesAreInOrder() throws {
    let file = try table("code,town,y\n10,b,0.5\n9,a,1.5\n9,ä,2.5\n1e1,a,3.5\n")
    let preprocessing = try TablePreprocessing(
      fitting: file, roles: TableRoles(targets: ["y"], categorical: ["code"]))
    #expect(preprocessing.columns.map(\.content) == [.categories(["9", "10", "1e1"]), .categories(["a", "b", "ä"])])
    let rows = try preprocessing.encode(file, rows: [2, 0])
    #expect(rows.inputs.shape == [2, 6])
    #expect(rows.inputs.elements == [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0])
  }

  @Test func missingValuesAreMarkedWhereTrainingHasSome() throws {
    let file = try table("x,town,y\n1,NA,0.5\nnull,a,1.5\n3,?,2.5\nNaN,,3.5\n")
    let preprocessing = try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["y"]))
    #expect(preprocessing.columns.map(\.inputCount) == [2, 2])
    #expect(try preprocessing.encode(file).inputs.elements == [-1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1])
  }

  @Test func whatTrainingDidNotHaveIsCounted() throws {
    let preprocessing = try TablePreprocessing(
      fitting: try table("x,town,y\n1,a,0.5\n3,b,1.5\n"), roles: TableRoles(targets: ["y"]))
    let rows = try preprocessing.encode(try table("town,other,x\nc,1,\nb,2,3\n,3,1\nd,4,1\n"))
    #expect(rows.inputs.elements == [0, 0, 0, 1, 0, 1, -1, 0, 0, -1, 0, 0])
    #expect(rows.unknownCategories == ["town": 2])
    #expect(rows.unexpectedlyMissing == ["x": 1, "town": 1])
  }

  @Test func aColumnThatSaysNothingIsLeftOut() throws {
    let preprocessing = try TablePreprocessing(
      fitting: try table("x,empty,y\n1,,2\n3,NA,4\n"), roles: TableRoles(targets: ["y"]))
    #expect(preprocessing.columns.map(\.name) == ["x"])
  }

  @Test func statisticsAreOfTheGivenRows() throws {
    let file = try table("x,y\n1,10\n3,20\n100,3000\n")
    let preprocessing = try TablePreprocessing(fitting: file, rows: [0, 1], roles: TableRoles(targets: ["y"]))
    #expect(preprocessing.columns[0].content == .numbers(mean: 2, deviation: 1))
    #expect(preprocessing.target == .values([.init(name: "y", mean: 15, deviation: 5)]))
  }

  @Test(arguments: [
    ("a,b,a,b", LearningTask.classification), ("0,1,0,1,0,1,0,1,0,1", .classification), ("0,1,2,3,4", .regression),
    ("0,1,0,1,0,1,0,1,0,1.5", .regression),
  ])
  func theTaskIsGuessed(targets: String, task: LearningTask) throws {
    let lines = targets.split(separator: ",").enumerated().map { "\($0),\($1)\n" }.joined()
    let file = try table("x,y\n" + lines)
    #expect(try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["y"])).target.task == task)
  }

  @Test func classesAreThoseOfAllRows() throws {
    let file = try table("x,y\n1,a\n2,b\n3,c\n")
    let preprocessing = try TablePreprocessing(fitting: file, rows: [0, 2], roles: TableRoles(targets: ["y"]))
    #expect(preprocessing.target == .classes(column: "y", names: ["a", "b", "c"]))
  }

  @Test func manyNamesAreCutInMessages() {
    #expect((1...12).map(String.init).listed.hasSuffix("11, 12"))
    #expect((1...14).map(String.init).listed.hasSuffix("12 and 2 more"))
  }

  @Test func severalTargetsAreNumbers() throws {
    let file = try table("x,y,z\n1,0,1\n2,1,0\n")
    let target = try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["z", "y"])).target
    #expect(target.columns == ["z", "y"] && target.task == .regression && target.outputCount == 2)
  }

  // MARK: what is refused

  private func expectRefusal(_ text: String, _ roles: TableRoles, _ parts: [String]) throws {
    let file = try table(text)
    expectDatasetError(at: "table.csv", parts) { try TablePreprocessing(fitting: file, roles: roles) }
  }

  @Test func badCellsAreNamedByLineAndColumn() throws {
    let roles = TableRoles(targets: ["y"])
    try expectRefusal("x,y\n1,2\n2,3\n\n3x,4\n4,5\n", roles, ["line 5, column x", "finite number", "3x"])
    try expectRefusal("x,y\n1,2\n2,\n", roles, ["line 3, column y", "found nothing"])
    try expectRefusal("x,y\n1,1.5\n1e999,2.5\n3,3.5\n", roles, ["line 3, column x", "1e999"])
    try expectRefusal(
      "x,y\n1,a\n2,b\n3,1\n", TableRoles(targets: ["y"], task: .regression), ["line 2, column y", "found a"])
    let names = (0...1000).map { "n\($0),\($0).5\n" }.joined()
    try expectRefusal("x,y\n" + names, roles, ["line 1002, column x", "at most 1000"])
  }

  @Test func columnsThatAreNotThereAreNamed() throws {
    try expectRefusal("x,y\n1,2\n", TableRoles(targets: ["z"]), ["expected a column z", "found x, y"])
    try expectRefusal("x,y\n1,2\n", TableRoles(targets: ["y"], ignored: ["w"]), ["expected a column w"])
    try expectRefusal("x,y\n1,2\n", TableRoles(targets: ["y"], ignored: ["x"]), ["column to predict from"])
    let preprocessing = try TablePreprocessing(
      fitting: try table("a,b,c,y\n1,2,3,4.5\n"), roles: TableRoles(targets: ["y"]))
    let later = try table("b\n1\n", "later.csv")
    expectDatasetError(at: "later.csv", ["missing a, c"]) { try preprocessing.encode(later) }
    let text = try table("a,b,c\n1,x,3\n", "later.csv")
    expectDatasetError(at: "later.csv", ["line 2, column b", "found x"]) { try preprocessing.encode(text) }
  }

  @Test func rolesThatContradictAreRefused() throws {
    let file = try table("x,y,z\n1,2,3\n")
    for roles in [
      TableRoles(targets: []), TableRoles(targets: ["y", "y"]), TableRoles(targets: ["y"], ignored: ["y"]),
      TableRoles(targets: ["y", "z"], task: .classification),
    ] {
      #expect { try TablePreprocessing(fitting: file, roles: roles) } throws: { error in
        if case SAMTError.configuration = error { true } else { false }
      }
    }
  }

  // MARK: what is saved

  @Test func itComesBackFromJSON() throws {
    let files = [try table("x,town,y\n1,a,0.1\n,b,0.7\n2e-7,b,0.3\n"), try table("x,y\n1,yes\n2,no\n")]
    for file in files {
      let preprocessing = try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["y"]))
      #expect(JSONText.decode(TablePreprocessing.self, JSONText.encode(preprocessing)) == preprocessing)
    }
  }

  @Test(arguments: [
    #"{"columns":[],"target":{"values":[]}}"#, #"{"columns":[],"target":{"column":"y","classes":[]}}"#,
    #"{"columns":[],"target":{"column":"y","classes":["a","a"]}}"#,
    #"{"columns":[{"name":"x","marksMissing":true}],"target":{"column":"y","classes":["a"]}}"#,
    #"{"columns":[{"name":"x","marksMissing":true,"mean":0,"deviation":-1}],"target":{"column":"y","classes":["a"]}}"#,
    #"{"columns":[{"name":"x","marksMissing":true,"mean":"nan","deviation":1}],"target":{"column":"y","classes":["a"]}}"#,
    #"{"columns":[{"name":"x","marksMissing":true,"categories":["a","a"]}],"target":{"column":"y","classes":["a"]}}"#,
  ])
  func whatIsNoneIsRefused(json: String) {
    #expect(JSONText.decode(TablePreprocessing.self, json) == nil)
  }
}
