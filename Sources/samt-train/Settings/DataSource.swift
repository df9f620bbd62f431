import CommandLineOptions
import Foundation
import SAMT

/// Examples to train and test on.
struct TrainingData {
  var training: Dataset
  var test: Dataset
  /// How both were normalized, where they were.
  var normalization: ChannelStatistics?

  /// The outputs of a network for these targets: one for each class, or for each value.
  var outputCount: Int {
    switch training.targets {
    case .classes: training.classCount ?? 0
    case .values(let values): values.shape.elementsPerRow
    }
  }
}

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

  /// The examples as they are in the files, between 0 and 1; built-in ones are drawn from `seed`.
  func loadUnnormalized(seed: UInt64) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    switch self {
    case .digits: Dataset.digits(seed: seed)
    case .shapes: Dataset.shapes(seed: seed)
    case .idx(let directory): try Dataset.loadMNIST(directory: directory)
    case .cifar10(let directory): try Dataset.loadCIFAR10(directory: directory)
    case .cifar100(let directory): try Dataset.loadCIFAR100(directory: directory)
    }
  }

  /// The examples to train and test on: images in colour normalized by channel, the others as they are.
  func load(seed: UInt64) throws(SAMTError) -> TrainingData {
    var (training, test) = try loadUnnormalized(seed: seed)
    guard isInColour else { return TrainingData(training: training, test: test) }
    let statistics = ChannelStatistics(of: training)
    training = (consume training).normalized(by: statistics)
    test = (consume test).normalized(by: statistics)
    return TrainingData(training: training, test: test, normalization: statistics)
  }

  /// The same source wherever the program is run.
  var absolute: DataSource {
    switch self {
    case .digits, .shapes: self
    case .idx(let directory): .idx(absolutePath(directory))
    case .cifar10(let directory): .cifar10(absolutePath(directory))
    case .cifar100(let directory): .cifar100(absolutePath(directory))
    }
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
    case .idx(let directory): directory.displayedPath
    case .cifar10(let directory): "CIFAR-10, \(directory.displayedPath)"
    case .cifar100(let directory): "CIFAR-100, \(directory.displayedPath)"
    }
  }
}

extension ValueFormat where Value == DataSource {
  static var dataSource: Self {
    Self("digits, shapes, or idx, cifar10 or cifar100 with :DIR", { DataSource($0) }, write: \.text)
  }
}

/// The same path wherever the program is run.
func absolutePath(_ path: String) -> String {
  path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
