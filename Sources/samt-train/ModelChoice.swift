import CommandLineOptions
import SAMT

/// Which network is trained.
enum ModelChoice: Equatable {
  /// Fully connected, with hidden layers of these widths.
  case mlp([Int])
  case lenet, vggSmall, resnet20, resnet18

  private static let named: [(name: String, choice: ModelChoice)] = [
    ("lenet", .lenet), ("vgg-small", .vggSmall), ("resnet20", .resnet20), ("resnet18", .resnet18),
  ]

  /// All names, for help and messages.
  static let names = (["mlp:N[,N...]"] + named.map(\.name)).joined(separator: ", ")

  /// Understands `mlp:400,400` and the names.
  init?(_ text: String) {
    if let named = ModelChoice.named.first(where: { $0.name == text }) {
      self = named.choice
      return
    }
    guard text.hasPrefix("mlp:") else { return nil }
    let widths = text.dropFirst(4).split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard widths.allSatisfy({ (1...65536).contains($0) }) else { return nil }
    self = .mlp(widths)
  }

  /// The data that this network is trained on when no other is asked for.
  var usualData: DataSource {
    switch self {
    case .mlp, .lenet: .digits
    case .vggSmall, .resnet20, .resnet18: .shapes
    }
  }
}

extension ModelChoice: CustomStringConvertible {
  var description: String {
    switch self {
    case .mlp(let widths): "mlp:" + widths.map(String.init).joined(separator: ",")
    default: ModelChoice.named.first { $0.choice == self }?.name ?? ""
    }
  }
}

extension ValueReader where Value == ModelChoice {
  static var model: Self {
    Self { (option, text) throws(UsageError) in
      guard let choice = ModelChoice(text) else {
        throw UsageError("\(option): expected one of \(ModelChoice.names) with N in 1 ... 65536, found \(text)")
      }
      return choice
    }
  }
}

/// The network that the options ask for, for examples of shape `input`.
func makeModel(_ options: Options, input: Shape, classes: Int) throws(SAMTError) -> Sequential {
  guard case .mlp(let hiddenWidths) = options.model else {
    try options.refuse(["--dropout", "--input-dropout"], "is for mlp, and \(options.model) would ignore it")
    throw .configuration("\(options.model) is not built yet")
  }
  // An image goes into a fully connected network as the row of its pixels.
  let widths = [input.count] + hiddenWidths
  return try Sequential(input: [input.count], seed: options.seed) {
    if options.inputDropout > 0 { Dropout(options.inputDropout) }
    for layer in 1..<widths.count {
      Linear(widths[layer - 1], widths[layer])
      ReLU()
      if options.dropout > 0 { Dropout(options.dropout) }
    }
    Linear(widths[widths.count - 1], classes)
  }
}
