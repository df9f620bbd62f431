/// The options of a run as its `config.json` holds them, and the command that repeats it.
struct RunOptions: Equatable, Sendable {
  /// By names without dashes; the one value of an option that is there or not is empty.
  var values: [String: [String]]

  /// The option that distinguishes runs of one setting.
  static let seed = "seed"
  /// The option that names the training method.
  static let method = "optimizer"

  /// The training method.
  var method: String? { values[Self.method]?.first }

  /// Names and values in the order of the names, for tables.
  var rows: [[String]] {
    values.sorted { $0.key < $1.key }.map { name, values in [name, Self.text(values)] }
  }

  /// An option's values as text.
  static func text(_ values: [String]) -> String {
    values == [""] ? "yes" : values.map(\.displayedPath).joined(separator: " ")
  }

  /// The command for a shell: the program, and each option with its value.
  var commandParts: [String] {
    let options = values.sorted { $0.key < $1.key }.flatMap { name, values in
      values.map { $0.isEmpty ? "--\(name)" : "--\(name) \(Self.quoted($0))" }
    }
    return ["samt-train"] + options
  }

  /// A word as a shell takes it: within quotes where it has anything but letters, digits and a few signs.
  static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_", "-", "+", ".", ",", "/", ":", "=", "@", "%": true
      default: false
      }
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

extension RunOptions: Decodable {
  private enum Key: CodingKey { case options }

  private struct Values: Decodable {
    let list: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        list = [text]
      } else if let texts = try? container.decode([String].self) {
        list = texts
      } else {
        list = try container.decode(Bool.self) ? [""] : []
      }
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    values = try container.decode([String: Values].self, forKey: .options).mapValues(\.list)
  }
}
