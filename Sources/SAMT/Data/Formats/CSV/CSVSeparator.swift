/// What stands between the cells of a CSV file.
public enum CSVSeparator: String, CaseIterable, Sendable {
  /// A comma.
  case comma = ","
  /// A semicolon, as where the comma is the decimal mark.
  case semicolon = ";"
  /// A tabulator.
  case tab = "\t"

  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    }
  }

  /// The separator of a file that begins with `start`: of those that take it apart without an error, the one that makes
  /// the most columns; the first of equals.
  init(of start: [UInt8]) {
    let sample = Array(start.prefix(1 << 16))
    var best: (separator: CSVSeparator, isRegular: Bool, width: Int) = (.comma, false, 0)
    for separator in CSVSeparator.allCases {
      var scanner = CSVScanner(separator: separator)
      var isRegular = true
      do throws(CSVMalformation) { try scanner.scan(sample) } catch { isRegular = false }
      let width = max(scanner.width, 1)
      // Where each of them fails, the most columns of the first record show what is meant, and where it goes wrong.
      let isBetter =
        isRegular == best.isRegular ? width > best.width : (isRegular && width > 1) || best.width <= 1
      if isBetter { best = (separator, isRegular, width) }
    }
    self = best.separator
  }
}
