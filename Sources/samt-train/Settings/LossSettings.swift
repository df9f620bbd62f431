import CommandLineOptions
import SAMT

/// The loss as it is asked for.
struct LossSettings {
  enum Kind: String, CaseIterable { case crossEntropy = "cross-entropy", bce, mse, huber }

  /// Nil for the usual one of the data's targets.
  var kind: Kind?
  var labelSmoothing: Float = 0
  var classWeights = ClassWeights.equal
  var huberDelta: Float = 1

  static var options: OptionTable<Self> {
    OptionTable("loss") {
      CommandLineOption(
        "--loss", "NAME",
        names(Kind.self)
          + "; bce asks of each class by itself whether it is the right one; otherwise cross-entropy for "
          + "classes and mse for values", \Self.kind, .choice)
      CommandLineOption(
        "--label-smoothing", "X", "share of cross-entropy's target that all classes get alike", \Self.labelSmoothing,
        .number(0...1))
      CommandLineOption(
        "--class-weights", "balanced|LIST",
        "of cross-entropy: as if there were equally many examples of each class, or numbers with commas",
        \Self.classWeights,
        .classWeights)
      CommandLineOption("--huber-delta", "X", "error from which on huber is a line", \Self.huberDelta, .positive)
    }
  }

  /// The loss for data with targets like these.
  func kind(for data: Dataset) -> Kind { kind ?? (data.classCount == nil ? .mse : .crossEntropy) }

  /// The loss for training on `data`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a setting that the loss would ignore, or cannot have.
  func make(for data: Dataset) throws(SAMTError) -> any Loss {
    let kind = kind(for: data)
    for (option, owner, isGiven) in [
      ("--label-smoothing", Kind.crossEntropy, labelSmoothing != 0),
      ("--class-weights", .crossEntropy, classWeights != .equal), ("--huber-delta", .huber, huberDelta != 1),
    ] where isGiven && kind != owner {
      throw .configuration("\(option) is for \(owner.rawValue), and \(kind.rawValue) would ignore it")
    }
    return switch kind {
    case .crossEntropy:
      try SoftmaxCrossEntropy(labelSmoothing: labelSmoothing, classWeights: classWeights.weights(for: data))
    case .bce: BinaryCrossEntropy()
    case .mse: MeanSquaredError()
    case .huber: try HuberLoss(delta: huberDelta)
    }
  }

  /// The data with the targets that the loss takes.
  func prepared(_ data: Dataset) -> Dataset { kind(for: data) == .bce ? data.withIndicators : data }
}

/// What classes count in a loss.
enum ClassWeights: Equatable {
  case equal
  case balanced
  case list([Float])

  /// One weight for each class of `data`; none where all count alike.
  func weights(for data: Dataset) -> [Float] {
    switch self {
    case .equal: []
    case .balanced: data.balancedClassWeights
    case .list(let weights): weights
    }
  }
}

extension ValueFormat where Value == ClassWeights {
  /// A word, or numbers with commas between them.
  static var classWeights: Self {
    let numbers = ValueFormat<Float>.number(0...1e6).list
    return Self(
      read: { (option, text) throws(UsageError) in
        switch text {
        case "equal": .equal
        case "balanced": .balanced
        default: .list(try numbers.read(option, text))
        }
      },
      write: { weights in
        switch weights {
        case .equal: "equal"
        case .balanced: "balanced"
        case .list(let weights): numbers.write(weights)
        }
      })
  }
}
