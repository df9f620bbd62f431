extension FuzzTarget {
  /// Run configurations; what is accepted comes back as it was written.
  static let config = FuzzTarget(name: "config") { input in
    guard
      let settings = refusable({ () throws(SAMTError) in try RunConfiguration.settings(json: input, path: "input") })
    else { return }
    do throws(SAMTError) {
      let json = try RunConfiguration.json(of: settings)
      let again = try RunConfiguration.settings(json: json, path: "input")
      let jsonAgain = try RunConfiguration.json(of: again)
      precondition(jsonAgain == json)
    } catch { fatalError("\(error)") }
  }

  /// Model files.
  ///
  /// An input whose first byte is odd is a file as it stands. Otherwise the rest is an architecture's JSON
  /// without its file: what is a model is written as JSON and read again.
  static let architecture = FuzzTarget(name: "architecture") { input in
    guard let first = input.first else { return }
    let rest = Array(input.dropFirst())
    if first % 2 == 1 {
      modelOrRefusal { () throws(SAMTError) in
        _ = try Model(ModelFile(SafetensorsFile(bytes: rest, path: "input")))
      }
      return
    }
    modelOrRefusal { () throws(SAMTError) in
      let json = String(decoding: rest, as: UTF8.self)
      let architecture = try ModelArchitecture(json: json, path: "input", layerTypes: [])
      let model = try Model(input: architecture.input, parts: architecture.parts)
      guard let stored = ModelArchitecture(of: model).json else { fatalError("not stored: \(json)") }
      let again = try ModelArchitecture(json: stored, path: "input", layerTypes: [])
      let same = try Model(input: again.input, parts: again.parts)
      precondition(ModelArchitecture(of: same).json == stored)
    }
  }

  /// Runs `body`, which may throw what the library documents for a model's file.
  private static func modelOrRefusal(_ body: () throws(SAMTError) -> Void) {
    do throws(SAMTError) { try body() } catch {
      switch error {
      case .file("input", let reason) where !reason.isEmpty: break
      case .shape, .configuration: break
      default: fatalError("\(error)")
      }
    }
  }
}
