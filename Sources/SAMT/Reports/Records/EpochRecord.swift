/// A line of `metrics.jsonl`, as far as reports need it: what is absent is nil or empty, what is unknown is left out.
struct EpochRecord: Equatable, Sendable {
  /// Counted from 1.
  var epoch: Int
  /// Training seconds of this epoch alone.
  var seconds: Double?
  var samplesPerSecond: Double?
  /// Parameter updates since the beginning.
  var updates: Double?
  /// Layer passes of all kinds since the beginning.
  var layerPasses: Double?
  /// The loss and the metrics on each part of the examples.
  var measures: [Measure: Double] = [:]
  /// Figures of the method's own.
  var figures: [String: Double] = [:]
  /// Each block's figures.
  var blocks: [BlockReport] = []
  /// Statistics of each block's gradient.
  var gradients: [BlockReport] = []
}

extension EpochRecord: Decodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func number(_ name: String) -> Double? { try? container.decode(Double.self, forKey: Key(stringValue: name)) }
    epoch = try container.decode(Int.self, forKey: Key(stringValue: "epoch"))
    seconds = number("seconds")
    samplesPerSecond = number("samplesPerSecond")
    updates = number("parameterUpdates")
    for key in container.allKeys {
      switch key.stringValue {
      case "layerPasses": layerPasses = (try? container.decode(LayerPasses.self, forKey: key)).map { Double($0.total) }
      case "algorithm", "metrics": figures = (try? container.decode([String: Double].self, forKey: key)) ?? [:]
      case "gradients": gradients = (try? container.decode([BlockReport].self, forKey: key)) ?? []
      case "blocks": blocks = (try? container.decode([BlockReport].self, forKey: key)) ?? []
      case let name:
        if let part = Measure.part(ofObject: name) {
          add(try? container.decode(Part.self, forKey: key), part)
        } else if let measure = Measure(member: name), let value = number(name) {
          measures[measure] = value
        }
      }
    }
  }

  /// The loss and the metrics on one part of the examples.
  private struct Part: Decodable {
    var loss: Double?
    var metrics: [String: Double]?
  }

  /// Takes in a part's measures; a metric with a dot in its name is a detail, such as of a single class, and left out.
  private mutating func add(_ values: Part?, _ part: String) {
    guard let values else { return }
    measures[Measure(metric: "loss", part: part)] = values.loss
    for (name, value) in values.metrics ?? [:] where !name.contains(".") {
      measures[Measure(metric: name.inWords, part: part)] = value
    }
  }
}
