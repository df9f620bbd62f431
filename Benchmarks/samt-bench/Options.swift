import SAMT

/// A command line that cannot be understood.
struct UsageError: Error {
  let message: String
}

/// What is measured together, and named on the command line.
enum Family: String, CaseIterable {
  case gemm, eta, elementwise, step, roofline
}

/// The command line, parsed: one table serves the parser and the help.
struct Options {
  var wantsHelp = false
  var families: [Family] = []
  var printsJSON = false
  var isQuick = false
  var filter: String?
  var threads: Int?
  var isa: KernelISA?

  private struct Option {
    let name: String
    let value: String?
    let help: String
    let apply: (inout Options, String) throws(UsageError) -> Void
  }

  init(_ arguments: some Collection<String>) throws(UsageError) {
    var rest = Array(arguments)[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else {
        guard let family = Family(rawValue: word) else {
          throw UsageError(message: "expected one of \(names(Family.self)), found \(word)")
        }
        families.append(family)
        continue
      }
      let (name, inline): (String, String?) =
        if let sign = word.firstIndex(of: "=") {
          (String(word[..<sign]), String(word[word.index(after: sign)...]))
        } else {
          (word, nil)
        }
      guard let option = Options.table.first(where: { $0.name == name }) else {
        throw UsageError(message: "unknown option \(name)")
      }
      if option.value == nil {
        guard inline == nil else { throw UsageError(message: "\(name) takes no value") }
        try option.apply(&self, "")
      } else {
        guard let value = inline ?? rest.popFirst() else { throw UsageError(message: "\(name) needs a value") }
        try option.apply(&self, value)
      }
    }
    if families.isEmpty { families = Family.allCases }
  }

  static var help: String {
    let head = """
      Verifies the kernels, then times them against what this machine can do.

      usage: samt-bench [gemm] [eta] [elementwise] [step] [roofline] [options]

      Without a name: all of them.


      """
    let rows = table.map { option in
      let left = "  " + option.name + (option.value.map { " " + $0 } ?? "")
      return left.padding(toLength: max(20, left.count + 1), withPad: " ", startingAt: 0) + option.help + "\n"
    }
    let tail = """

      environment: SAMT_ISA names the instruction set (portable, neon, avx2, avx512), SAMT_THREADS the threads.
      exit status: 0, or 1 where a kernel's result is wrong, 2 for an instruction set that cannot run here, or 64 for a
      wrong command line.

      """
    return head + rows.joined() + tail
  }

  private static var table: [Option] {
    [
      Option(name: "--json", value: nil, help: "one JSON object per case and line, and nothing else") { (options, _) in
        options.printsJSON = true
      },
      Option(name: "--filter", value: "TEXT", help: "only cases whose kernel and name, as printed, contain TEXT") {
        $0.filter = $1
      },
      Option(name: "--quick", value: nil, help: "fewer repetitions, and the smaller cases only") { (options, _) in
        options.isQuick = true
      },
      Option(name: "--threads", value: "N", help: "default: the CPUs this process may use") {
        (options, text) throws(UsageError) in options.threads = try integer("--threads", text, 1...64)
      },
      Option(name: "--isa", value: "NAME", help: names(KernelISA.self) + "; default: the fastest that runs here") {
        (options, text) throws(UsageError) in options.isa = try choice("--isa", text)
      },
      Option(name: "--help", value: nil, help: "this text") { (options, _) in options.wantsHelp = true },
    ]
  }
}

private func names<T: CaseIterable & RawRepresentable>(_: T.Type) -> String where T.RawValue == String {
  T.allCases.map(\.rawValue).joined(separator: ", ")
}

private func choice<T: CaseIterable & RawRepresentable>(_ name: String, _ text: String) throws(UsageError) -> T
where T.RawValue == String {
  guard let value = T(rawValue: text) else {
    throw UsageError(message: "\(name): expected one of \(names(T.self)), found \(text)")
  }
  return value
}

private func integer(_ name: String, _ text: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int {
  guard let value = Int(text), range.contains(value) else {
    throw UsageError(
      message: "\(name): expected a whole number in \(range.lowerBound) ... \(range.upperBound), found \(text)")
  }
  return value
}
