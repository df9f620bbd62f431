import CommandLineOptions
import SAMT

/// Which network is trained.
enum ModelChoice: Equatable {
  /// Fully connected, with hidden layers of these widths.
  case mlp([Int])
  case lenet, smallCNN, smallCNNNormalized, vggSmall, resnet20, resnet18

  private static let named: [(name: String, choice: ModelChoice)] = [
    ("lenet", .lenet), ("small-cnn", .smallCNN), ("small-cnn-bn", .smallCNNNormalized), ("vgg-small", .vggSmall),
    ("resnet20", .resnet20), ("resnet18", .resnet18),
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
    case .smallCNN, .smallCNNNormalized, .vggSmall, .resnet20, .resnet18: true
    }
  }

  /// The data that this network is trained on when no other is asked for.
  var usualData: DataSource {
    switch self {
    case .mlp, .lenet: DataSource(.digits)
    case .smallCNN, .smallCNNNormalized, .vggSmall, .resnet20, .resnet18: DataSource(.shapes)
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

extension ValueFormat where Value == ModelChoice {
  static var model: Self {
    Self("one of \(ModelChoice.names) with N in 1 ... 65536") { ModelChoice($0) }
  }
}
