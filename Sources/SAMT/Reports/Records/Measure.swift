/// What a training measures on one part of its examples: the loss or a metric, by name.
struct Measure: Hashable, Sendable {
  /// The metric in words, such as `loss` or `top 5 accuracy`.
  var metric: String
  /// The examples: `training`, `validation`, `test` or `averaged test`, which is with averaged weights.
  var part: String

  /// The parts in the order in which they are shown, with what they are called in the names of a line's members.
  private static let parts = [
    ("training", "training"), ("validation", "validation"), ("test", "test"),
    ("averagedValidation", "averaged validation"),
    ("averagedTest", "averaged test"), ("averaged", "averaged"),
  ]

  init(metric: String, part: String) {
    self.metric = metric
    self.part = part
  }

  /// The measure that a member such as `testLoss` holds; nil where it names no part.
  init?(member name: String) {
    guard let (part, rest) = Self.split(name), !rest.isEmpty else { return nil }
    self.init(metric: rest.inWords, part: part)
  }

  /// The part whose measures an object such as `averagedTest` holds; nil where it is none.
  static func part(ofObject name: String) -> String? { split(name).flatMap { $0.rest.isEmpty ? $0.part : nil } }

  private static func split(_ name: String) -> (part: String, rest: String)? {
    // The longest prefix: `averagedTestLoss` is not of a part `averaged`.
    let fits = parts.filter { prefix, _ in
      name.hasPrefix(prefix) && name.dropFirst(prefix.count).first?.isUppercase != false
    }
    guard let (prefix, part) = fits.max(by: { $0.0.count < $1.0.count }) else { return nil }
    return (part, String(name.dropFirst(prefix.count)))
  }

  /// As it stands above a chart.
  var title: String { "\(part) \(metric)" }

  /// Whether less is better, as of losses and errors.
  var isBetterLow: Bool {
    ["loss", "error", "rmse", "mae", "mse", "perplexity"].contains { metric.lowercased().hasSuffix($0) }
  }

  /// A place among all: the loss before the metrics, the parts in their order.
  private var rank: (Int, String, Int) {
    (metric == "loss" ? 0 : 1, metric, Self.parts.firstIndex { $0.1 == part } ?? Self.parts.count)
  }
}

extension Measure: Comparable {
  static func < (left: Measure, right: Measure) -> Bool { left.rank < right.rank }
}

extension String {
  /// A name of code in words: `stepSize` as `step size`; capitals that stand together, or before a digit, stay.
  var inWords: String {
    let letters = Array(self)
    var words = ""
    for (index, letter) in letters.enumerated() {
      let follows = index + 1 < letters.count && (letters[index + 1].isUppercase || letters[index + 1].isNumber)
      let startsWord = letter.isUppercase && index > 0 && !letters[index - 1].isUppercase
      if startsWord { words += " " }
      let isOfCapitals = letter.isUppercase && (follows || (index > 0 && letters[index - 1].isUppercase))
      words += isOfCapitals ? String(letter) : letter.lowercased()
    }
    return words
  }
}
