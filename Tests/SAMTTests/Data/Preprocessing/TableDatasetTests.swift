import Testing

@testable import SAMT

/// Tables as examples, and the models that are trained on them.
@Suite struct TableDatasetTests {
  private func table(_ text: String) throws -> CSVFile {
    try CSVFile(DataStream(bytes: Array(text.utf8), path: "table.csv"))
  }

  @Test func classesAreIndicesOfNames() throws {
    let file = try table("x,y\n1,no\n2,yes\n3,no\n")
    let preprocessing = try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["y"]))
    let data = try preprocessing.dataset(of: file, rows: [1, 2])
    #expect(Array(data.labels) == [1, 0] && data.classNames == ["no", "yes"] && data.exampleShape == [1])
    let later = try table("y,x\nno,1\nperhaps,1\n")
    expectDatasetError(at: "table.csv", ["line 3, column y", "one of the classes no, yes", "found perhaps"]) {
      try preprocessing.dataset(of: later)
    }
    let missing = try table("y,x\nno,1\nNA,1\n")
    expectDatasetError(at: "table.csv", ["line 3, column y", "found nothing"]) {
      try preprocessing.dataset(of: missing)
    }
  }

  @Test func valuesAreStandardizedAndComeBack() throws {
    let file = try table("x,y,z\n1,10,-1\n2,30,-1\n")
    let preprocessing = try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["y", "z"]))
    let data = try preprocessing.dataset(of: file)
    guard case .values(let values) = data.targets else {
      Issue.record("expected values")
      return
    }
    #expect(values.shape == [2, 2])
    #expect(values.elements == [-1, 0, 1, 0])
    guard case .values(let columns) = preprocessing.target else { return }
    #expect(columns[0].number(of: -1) == 10 && columns[0].number(of: 0.5) == 25 && columns[1].number(of: 0) == -1)
    let text = try table("x,y,z\n1,a,-1\n")
    expectDatasetError(at: "table.csv", ["line 2, column y", "found a"]) { try preprocessing.dataset(of: text) }
    let without = try table("x,y\n1,2\n")
    expectDatasetError(at: "table.csv", ["expected a column z"]) { try preprocessing.dataset(of: without) }
    #expect(try preprocessing.encode(without).inputs.elements == [-1], "inputs need no targets")
  }

  @Test func aModelKeepsWhatItsTableTaught() throws {
    let file = try table("x,town,y\n1,a,10\n2,b,30\n3,,20\n")
    let preprocessing = try TablePreprocessing(fitting: file, roles: TableRoles(targets: ["y"]))
    let model = try Model.mlp(inputs: preprocessing.inputCount, hidden: [3], outputs: 1, seed: 1)
    model.tablePreprocessing = preprocessing
    let folder = try DataFolder()
    let path = folder.path + "/model.safetensors"
    try model.save(to: path)
    #expect(try Model(contentsOf: path).tablePreprocessing == preprocessing)

    let other = try Model.mlp(inputs: 2, hidden: [3], outputs: 1, seed: 1)
    other.tablePreprocessing = preprocessing
    try other.save(to: path)
    #expect {
      try Model(contentsOf: path)
    } throws: { error in
      guard case SAMTError.file(path, let reason) = error else { return false }
      return reason.contains("samt.table") && reason.contains("2 inputs") && reason.contains("found 4")
    }
  }
}
