import Foundation
import SAMT

/// A command line that cannot be understood.
struct UsageError: Error {
  let message: String
}

/// The command line, parsed: one table serves the parser and the help.
struct Options {
  enum Algorithm: String, CaseIterable {
    case samtS = "samt-s"
    case samtR = "samt-r"
    case samtC = "samt-c"
    case samtE = "samt-e"
    case sgd, momentum, nesterov, adam, adamw
  }
  enum Projection: String, CaseIterable { case logarithmic, relative, sigmoid }
  enum Blocks: String, CaseIterable {
    case perLayer = "per-layer"
    case oneGroup = "one-group"
  }
  enum ScheduleKind: String, CaseIterable { case constant, cosine, step }
  enum Average: String, CaseIterable { case none, ema, polynomial }

  var wantsHelp = false
  var dataDirectory: String?
  var hiddenWidths = [400]
  var algorithm = Algorithm.samtS
  var epochs = 12
  var batchSize = 128
  var learningRate: Float?
  var initialStepSize = 0.5
  var etaLearningRate = 1e-3
  var isGated = true
  var isGuarded = true
  var projection = Projection.logarithmic
  var order = BlockOrder.ascending
  var blocks = Blocks.perLayer
  var blocksPerBatch: Int?
  var schedule = ScheduleKind.constant
  var warmUpSteps = 0
  var clipping: GradientClipping?
  var dropout: Float = 0
  var inputDropout: Float = 0
  var weightDecay: Float?
  var average = Average.none
  var seed: UInt64 = 0
  var threads: Int?
  var outputDirectory: String?

  private struct Option {
    let name: String
    let value: String?
    let help: String
    let apply: (inout Options, String) throws(UsageError) -> Void
  }

  init(_ arguments: some Collection<String>) throws(UsageError) {
    var rest = Array(arguments)[...]
    while let word = rest.popFirst() {
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
  }

  static var help: String {
    let head = """
      Trains a network and prints its test accuracy.

      usage: samt-train [options]

      Without options: built-in digits, 784-400-10, SAMT with one step size per block.


      """
    let rows = table.map { option in
      let left = "  " + option.name + (option.value.map { " " + $0 } ?? "")
      return left.padding(toLength: max(38, left.count + 1), withPad: " ", startingAt: 0) + option.help + "\n"
    }
    let tail = """

      environment: SAMT_ISA names the instruction set (portable, neon, avx2, avx512), SAMT_THREADS the threads.
      exit status: 0, or 2 for a file or setting that does not work, or 64 for a wrong command line.

      """
    return head + rows.joined() + tail
  }

  private static var table: [Option] {
    [
      Option(name: "--data", value: "DIR", help: "IDX files (MNIST's), plain or .gz; default: built-in digits") {
        $0.dataDirectory = $1
      },
      Option(name: "--model", value: "mlp:N[,N...]", help: "hidden layers' widths; default mlp:400") {
        (options, text) throws(UsageError) in options.hiddenWidths = try hiddenWidths(text)
      },
      Option(name: "--optimizer", value: "NAME", help: names(Algorithm.self) + "; default samt-s") {
        (options, text) throws(UsageError) in options.algorithm = try choice("--optimizer", text)
      },
      Option(name: "--epochs", value: "N", help: "default 12") {
        (options, text) throws(UsageError) in options.epochs = try integer("--epochs", text, 1...1_000_000)
      },
      Option(name: "--batch", value: "N", help: "examples in a minibatch; default 128") {
        (options, text) throws(UsageError) in options.batchSize = try integer("--batch", text, 1...1_000_000)
      },
      Option(name: "--learning-rate", value: "X", help: "of sgd, momentum, nesterov, adam, adamw; default 1, 0.1, 0.1, 0.001, 0.001") {
        (options, text) throws(UsageError) in options.learningRate = Float(try positive("--learning-rate", text))
      },
      Option(name: "--eta0", value: "X", help: "where SAMT's step sizes start; default 0.5") {
        (options, text) throws(UsageError) in options.initialStepSize = try positive("--eta0", text)
      },
      Option(name: "--eta-learning-rate", value: "X", help: "of SAMT's eta models; default 0.001") {
        (options, text) throws(UsageError) in options.etaLearningRate = try number("--eta-learning-rate", text, 0...100)
      },
      Option(name: "--projection", value: "NAME", help: names(Projection.self) + "; default logarithmic") {
        (options, text) throws(UsageError) in options.projection = try choice("--projection", text)
      },
      Option(name: "--right-only", value: nil, help: "SAMT without its gate: the eta model's step size alone") {
        (options, _) in options.isGated = false
      },
      Option(name: "--unguarded", value: nil, help: "SAMT keeps steps that make the loss rise") {
        (options, _) in options.isGuarded = false
      },
      Option(name: "--order", value: "NAME", help: names(BlockOrder.self) + "; default ascending") {
        (options, text) throws(UsageError) in options.order = try choice("--order", text)
      },
      Option(name: "--blocks", value: "NAME", help: names(Blocks.self) + "; default per-layer") {
        (options, text) throws(UsageError) in options.blocks = try choice("--blocks", text)
      },
      Option(name: "--blocks-per-batch", value: "N", help: "blocks that move on one minibatch; default all") {
        (options, text) throws(UsageError) in options.blocksPerBatch = try integer("--blocks-per-batch", text, 1...1_000_000)
      },
      Option(name: "--schedule", value: "NAME", help: names(ScheduleKind.self) + "; default constant") {
        (options, text) throws(UsageError) in options.schedule = try choice("--schedule", text)
      },
      Option(name: "--warm-up", value: "STEPS", help: "minibatches over which steps grow to full size; default 0") {
        (options, text) throws(UsageError) in options.warmUpSteps = try integer("--warm-up", text, 0...1_000_000_000)
      },
      Option(name: "--clip-norm", value: "X", help: "limit on the gradients' joint norm; not for SAMT") {
        (options, text) throws(UsageError) in options.clipping = .norm(Float(try positive("--clip-norm", text)))
      },
      Option(name: "--clip-value", value: "X", help: "limit on each gradient's magnitude; not for SAMT") {
        (options, text) throws(UsageError) in options.clipping = .value(Float(try positive("--clip-value", text)))
      },
      Option(name: "--dropout", value: "P", help: "after each hidden layer; default 0") {
        (options, text) throws(UsageError) in options.dropout = try probability("--dropout", text)
      },
      Option(name: "--input-dropout", value: "P", help: "of the input; default 0") {
        (options, text) throws(UsageError) in options.inputDropout = try probability("--input-dropout", text)
      },
      Option(name: "--weight-decay", value: "X", help: "decoupled, of weights; default 0, with adamw 0.01") {
        (options, text) throws(UsageError) in options.weightDecay = Float(try number("--weight-decay", text, 0...1e6))
      },
      Option(name: "--average", value: "NAME", help: names(Average.self) + " of the weights, evaluated too; default none") {
        (options, text) throws(UsageError) in options.average = try choice("--average", text)
      },
      Option(name: "--seed", value: "N", help: "of weights, order and dropout; default 0") {
        (options, text) throws(UsageError) in options.seed = UInt64(try integer("--seed", text, 0...Int.max))
      },
      Option(name: "--threads", value: "N", help: "default: the CPUs this process may use") {
        (options, text) throws(UsageError) in options.threads = try integer("--threads", text, 1...64)
      },
      Option(name: "--out", value: "DIR", help: "writes metrics.jsonl there, one object per epoch") {
        $0.outputDirectory = $1
      },
      Option(name: "--help", value: nil, help: "this text") { (options, _) in options.wantsHelp = true },
    ]
  }

  private static func names<T: CaseIterable & RawRepresentable>(_: T.Type) -> String where T.RawValue == String {
    T.allCases.map(\.rawValue).joined(separator: ", ")
  }

  private static func choice<T: CaseIterable & RawRepresentable>(_ name: String, _ text: String) throws(UsageError) -> T
  where T.RawValue == String {
    guard let value = T(rawValue: text) else {
      throw UsageError(message: "\(name): expected one of \(names(T.self)), found \(text)")
    }
    return value
  }

  private static func integer(_ name: String, _ text: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(message: "\(name): expected a whole number from \(range.lowerBound) on, found \(text)")
    }
    return value
  }

  private static func number(_ name: String, _ text: String, _ range: ClosedRange<Double>) throws(UsageError) -> Double {
    guard let value = Double(text), range.contains(value) else {
      throw UsageError(message: "\(name): expected a number in \(range.lowerBound) ... \(range.upperBound), found \(text)")
    }
    return value
  }

  private static func positive(_ name: String, _ text: String) throws(UsageError) -> Double {
    guard let value = Double(text), value > 0, Float(value).isFinite, Float(value) > 0 else {
      throw UsageError(message: "\(name): expected a positive number, found \(text)")
    }
    return value
  }

  private static func probability(_ name: String, _ text: String) throws(UsageError) -> Float {
    guard let value = Float(text), value >= 0, value < 1 else {
      throw UsageError(message: "\(name): expected a number from 0 to below 1, found \(text)")
    }
    return value
  }

  private static func hiddenWidths(_ text: String) throws(UsageError) -> [Int] {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "mlp" else {
      throw UsageError(message: "--model: expected mlp:N[,N...], found \(text)")
    }
    var widths: [Int] = []
    for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      widths.append(try integer("--model", String(part), 1...65536))
    }
    return widths
  }
}
