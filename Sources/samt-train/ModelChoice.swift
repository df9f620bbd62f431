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

  /// Whether there is more than one way to compute this network's convolutions.
  var hasThreeByThreeKernels: Bool {
    switch self {
    case .mlp, .lenet: false
    case .vggSmall, .resnet20, .resnet18: true
    }
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
///
/// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the network takes images of another size.
func makeModel(_ options: Options, input: Shape, classes: Int) throws(SAMTError) -> Model {
  let (channels, seed, convolution) = (input[0], options.seed, options.convolution)
  if !options.model.hasThreeByThreeKernels {
    try options.refuse(["--convolution"], "has no choice to make in \(options.model)")
  }
  let model: Model
  switch options.model {
  case .mlp(let hiddenWidths):
    // An image goes into a fully connected network as the row of its pixels.
    return try makeMLP(options, widths: [input.count] + hiddenWidths + [classes])
  case .lenet: model = try Model.leNet5(classes: classes, channels: channels, seed: seed)
  case .vggSmall:
    model = try Model.vggSmall(classes: classes, channels: channels, seed: seed, convolution: convolution)
  case .resnet20:
    model = try Model.resNet20(classes: classes, channels: channels, seed: seed, convolution: convolution)
  case .resnet18:
    model = try Model.resNet18(classes: classes, channels: channels, seed: seed, convolution: convolution)
  }
  try options.refuse(["--dropout", "--input-dropout"], "is for mlp, and \(options.model) would ignore it")
  guard model.inputShape == input else {
    throw .shape(layer: "\(options.model)", expected: "images of shape \(model.inputShape)", found: input)
  }
  return model
}

private func makeMLP(_ options: Options, widths: [Int]) throws(SAMTError) -> Model {
  try Model(input: [widths[0]], seed: options.seed) {
    if options.inputDropout > 0 { Dropout(options.inputDropout) }
    for layer in 1..<widths.count - 1 {
      Linear(widths[layer - 1], widths[layer])
      ReLU()
      if options.dropout > 0 { Dropout(options.dropout) }
    }
    Linear(widths[widths.count - 2], widths[widths.count - 1])
  }
}
