import CommandLineOptions
import SAMT

/// What `inspect` is asked for.
struct InspectSettings {
  var file: String?
}

extension Command {
  /// Lists what a safetensors file holds.
  static var inspect: Command {
    Command(
      "inspect", "lists the tensors and the metadata of a safetensors file", usage: ["samt-train inspect FILE"],
      about: "Lists the tensors of a safetensors file, each with its type, shape and bytes, and its metadata.",
      defaults: InspectSettings(), options: OptionTable<InspectSettings>(concatenating: []),
      operand: { (settings, word) throws(UsageError) in
        guard settings.file == nil else { throw UsageError("expected one file, found also \(word)") }
        settings.file = word
      }
    ) { settings, _ in
      guard let path = settings.file else { throw UsageError("expected a file") }
      try StandardOutput.write(listing(of: try SafetensorsFile(contentsOf: path)))
      return 0
    }
  }
}

/// A line for each tensor, their sum, and the metadata, characters that control a terminal made visible.
private func listing(of file: SafetensorsFile) -> String {
  let tensors = file.tensors
  let cells = tensors.map { tensor in
    [
      printable(tensor.name), tensor.type.rawValue, "[\(tensor.shape.map(String.init).joined(separator: ", "))]",
      "\(tensor.byteRange.count)",
    ]
  }
  let bytes = tensors.reduce(0) { $0 + $1.byteRange.count }
  var text = TextTable([["tensor", "type", "shape", "bytes"]] + cells, leftAligned: 3).text + "\n"
  text += "\n\(tensors.count) tensor\(tensors.count == 1 ? "" : "s"), \(bytes) bytes\n"
  let metadata = file.metadata.sorted { $0.key < $1.key }
  if !metadata.isEmpty { text += "\nmetadata:\n" }
  for (name, value) in metadata { text += "  \(printable(name)): \(printable(value))\n" }
  return text
}

/// The text with its control characters, line ends among them, as `\u{1b}`.
private func printable(_ text: String) -> String {
  var printable = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
      printable += "\\u{\(String(scalar.value, radix: 16))}"
    default: printable.unicodeScalars.append(scalar)
    }
  }
  return printable
}
