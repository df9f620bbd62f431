import CommandLineOptions
import SAMT

/// Where the examples come from.
enum DataSource: Equatable {
  case digits, shapes
  case idx(String), cifar10(String), cifar100(String)

  /// Understands `digits`, `shapes`, `KIND:DIRECTORY`, and a directory alone, which is one of IDX files.
  init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count == 2 ? parts[1] : nil) {
    case (_, ""?), ("", nil): return nil
    case ("digits", nil): self = .digits
    case ("shapes", nil): self = .shapes
    case ("idx", let directory?): self = .idx(directory)
    case ("cifar10", let directory?): self = .cifar10(directory)
    case ("cifar100", let directory?): self = .cifar100(directory)
    default: self = .idx(text)
    }
  }

  /// What stands for it on the command line.
  var text: String {
    switch self {
    case .digits: "digits"
    case .shapes: "shapes"
    case .idx(let directory): "idx:" + directory
    case .cifar10(let directory): "cifar10:" + directory
    case .cifar100(let directory): "cifar100:" + directory
    }
  }

  /// Images in colour are normalized by channel; the others stay between 0 and 1.
  func load(seed: UInt64) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    var (training, test) =
      switch self {
      case .digits: Dataset.digits(seed: seed)
      case .shapes: Dataset.shapes(seed: seed)
      case .idx(let directory): try Dataset.loadMNIST(directory: directory)
      case .cifar10(let directory): try Dataset.loadCIFAR10(directory: directory)
      case .cifar100(let directory): try Dataset.loadCIFAR100(directory: directory)
      }
    if isInColour {
      let statistics = ChannelStatistics(of: training)
      training = (consume training).normalized(by: statistics)
      test = (consume test).normalized(by: statistics)
    }
    return (training, test)
  }

  /// What leaves the labels right: a mirrored digit is none, and has less of an edge to spare.
  var augmentation: Augmentation { isInColour ? Augmentation() : Augmentation(padding: 2, flips: false) }

  private var isInColour: Bool {
    switch self {
    case .digits, .idx: false
    case .shapes, .cifar10, .cifar100: true
    }
  }
}

extension DataSource: CustomStringConvertible {
  var description: String {
    switch self {
    case .digits: "built-in digits"
    case .shapes: "built-in shapes"
    case .idx(let directory): directory
    case .cifar10(let directory): "CIFAR-10, \(directory)"
    case .cifar100(let directory): "CIFAR-100, \(directory)"
    }
  }
}

extension ValueFormat where Value == DataSource {
  static var dataSource: Self {
    Self("digits, shapes, or idx, cifar10 or cifar100 with :DIR", { DataSource($0) }, write: \.text)
  }
}
