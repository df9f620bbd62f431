import CommandLineOptions

extension Method {
  /// All methods, in the order of the help; the first is the usual one.
  ///
  /// Made once: tables, help and refusals go through the list again and again. Nothing in it changes or is shared with
  /// anything that does.
  nonisolated(unsafe) static let all: [Method] = [
    samt, samtS, samtR, samtC, samtE, sgd, momentum, nesterov, adam, adamW, nadamW, soaa, scheduleFreeSGD,
    scheduleFreeAdamW, prodigy, dAdaptAdam, dog, ldog, mechanic, gen, cocob, hypergradient, sgdPartialHessian,
    muon, scion, scionCNN, adaFisher, ramda, adaS, mdlam,
  ]
}

extension ValueFormat where Value == Method {
  /// A method's name.
  static var method: Self {
    Self(
      "one of \(Method.all.map(\.name).joined(separator: ", "))", { text in Method.all.first { $0.name == text } },
      write: \.name)
  }
}

extension Method {
  /// The options of all methods, each once, under the names of those that have it.
  ///
  /// What stands on the command line is collected in `given`, for the methods that are asked for to read.
  static func options<Settings>(collectedIn given: WritableKeyPath<Settings, [GivenOption]>) -> OptionTable<Settings> {
    var sections: [(methods: [String], options: [Option])] = []
    for option in distinctOptions {
      let methods = all.filter { $0.takes(option.name) }.map(\.name)
      if let index = sections.firstIndex(where: { $0.methods == methods }) {
        sections[index].options.append(option)
      } else {
        sections.append((methods, [option]))
      }
    }
    return OptionTable(
      concatenating: sections.map { methods, options in
        OptionTable(methods.count == all.count ? "all methods" : methods.joined(separator: ", ")) {
          options.map { option in
            CommandLineOption(
              option.name, option.placeholder, option.help + defaults(of: option),
              read: { (settings, text) throws(UsageError) in
                settings[keyPath: given].append(
                  GivenOption(name: option.name, value: option.placeholder == nil ? nil : text))
              }, write: { $0[keyPath: given].filter { $0.name == option.name }.map { $0.value ?? "" } })
          }
        }
      })
  }

  /// The methods, a line each, for the help.
  static var list: String {
    let width = (all.map(\.name.count).max() ?? 0) + 2
    let lines = all.map { "  " + $0.name + String(repeating: " ", count: width - $0.name.count) + $0.summary }
    return "methods:\n" + lines.joined(separator: "\n")
  }

  private static var distinctOptions: [Option] {
    all.flatMap(\.options).reduce(into: []) { distinct, option in
      if !distinct.contains(where: { $0.name == option.name }) { distinct.append(option) }
    }
  }

  /// What an option is with each method where it is left out, for the help.
  private static func defaults(of option: Option) -> String {
    var defaults: [(text: String, methods: [String])] = []
    for method in all {
      guard let text = method.options.first(where: { $0.name == option.name })?.defaultText else { continue }
      if let index = defaults.firstIndex(where: { $0.text == text }) {
        defaults[index].methods.append(method.name)
      } else {
        defaults.append((text, [method.name]))
      }
    }
    guard let usual = defaults.max(by: { $0.methods.count < $1.methods.count })?.text else { return "" }
    let others = defaults.filter { $0.text != usual }.map {
      ", \($0.text) with \($0.methods.joined(separator: " and "))"
    }
    return "; default \(usual)" + others.joined()
  }
}
