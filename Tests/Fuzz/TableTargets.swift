import Foundation

extension FuzzTarget {
  /// Tables: what is one is learned by and encoded.
  ///
  /// The first byte chooses how the header is found and the size of the chunks in which the file comes.
  static let csv = FuzzTarget(name: "csv") { input in
    guard let choice = input.first else { return }
    let source = Pieces(Array(input.dropFirst()), length: 1 + Int(choice / 4), fails: false)
    expectDatasetError { () throws(SAMTError) in
      let stream = DataStream(source, size: input.count, path: "input")
      let file = try CSVFile(stream, header: CSVFile.Header.allCases[Int(choice) % 3])
      precondition(file.rowCount > 0 && !file.columns.isEmpty && Set(file.columns).count == file.columns.count)
      let roles = TableRoles(targets: [file.columns[file.columns.count - 1]])
      let preprocessing = try TablePreprocessing(fitting: file, roles: roles)
      // A table of texts that all differ has as many inputs as rows.
      guard file.rowCount * preprocessing.inputCount < 100_000 else { return }
      let rows = try preprocessing.encode(file)
      precondition(rows.inputs.shape == [file.rowCount, preprocessing.inputCount])
      precondition(rows.inputs.elements.allSatisfy(\.isFinite))
      precondition(rows.unknownCategories.isEmpty && rows.unexpectedlyMissing.isEmpty)
    }
  }

  /// Numbers in tables, against the standard library's; the first byte chooses the decimal mark.
  static let number = FuzzTarget(name: "number") { input in
    guard let choice = input.first else { return }
    let text = Array(input.dropFirst())
    guard
      let number = text.withUnsafeBufferPointer({ CSVNumber.parse($0, mark: choice % 2 == 0 ? .point : .commaOrPoint) })
    else { return }
    let expected = Double(String(decoding: text, as: UTF8.self).replacing(",", with: "."))
    precondition(number.bitPattern == expected?.bitPattern)
  }

  /// What was learned about a table, as JSON; what is accepted is written and read again.
  static let preprocessing = FuzzTarget(name: "preprocessing") { input in
    let text = String(decoding: input, as: UTF8.self)
    guard let preprocessing = JSONText.decode(TablePreprocessing.self, text) else { return }
    precondition(JSONText.decode(TablePreprocessing.self, JSONText.encode(preprocessing)) == preprocessing)
    precondition(preprocessing.target.outputCount > 0)
  }
}
