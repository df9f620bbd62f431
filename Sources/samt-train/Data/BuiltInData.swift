import SAMT

/// A mirrored digit is none, and has less of an edge to spare.
private let digitAugmentation = Augmentation(padding: 2, flips: false)

extension DataKind {
  /// Drawn digits.
  static let digits = DataKind(
    "digits", nil, "built-in digits of 28 x 28 pixels, drawn from the seed", isNormalized: false,
    augmentation: digitAugmentation
  ) { (request) throws(SAMTError) in
    let (training, test) = Dataset.digits(seed: request.seed)
    return LoadedData(training: training, test: test)
  }

  /// Drawn shapes.
  static let shapes = DataKind(
    "shapes", nil, "built-in shapes in colour of 32 x 32 pixels, drawn from the seed"
  ) { (request) throws(SAMTError) in
    let (training, test) = Dataset.shapes(seed: request.seed)
    return LoadedData(training: training, test: test)
  }

  /// Files of MNIST and of data sets like it.
  static let idx = DataKind(
    "idx", "DIR|IMAGES,LABELS[,TEST_IMAGES,TEST_LABELS]",
    "IDX files (MNIST, Fashion-MNIST, KMNIST, EMNIST)",
    pathCounts: [1, 2, 4],
    options: ["--test-fraction"], isNormalized: false, augmentation: digitAugmentation
  ) { (request) throws(SAMTError) in
    let paths = request.paths
    switch paths.count {
    case 1:
      let (training, test) = try Dataset.loadIDX(directory: paths[0], access: request.access)
      return LoadedData(training: training, test: test)
    case 2: return LoadedData(training: try Dataset.loadIDX(images: paths[0], labels: paths[1], access: request.access))
    default:
      let (training, test) = try Dataset.loadIDX(
        images: paths[0], labels: paths[1], testImages: paths[2], testLabels: paths[3], access: request.access)
      return LoadedData(training: training, test: test)
    }
  }

  /// CIFAR-10's binary version.
  static let cifar10 = DataKind("cifar10", "DIR", "CIFAR-10, binary version") { (request) throws(SAMTError) in
    let (training, test) = try Dataset.loadCIFAR10(directory: request.paths[0], access: request.access)
    return LoadedData(training: training, test: test)
  }

  /// CIFAR-100's binary version.
  static let cifar100 = DataKind("cifar100", "DIR", "CIFAR-100, binary version") { (request) throws(SAMTError) in
    let (training, test) = try Dataset.loadCIFAR100(directory: request.paths[0], access: request.access)
    return LoadedData(training: training, test: test)
  }
}
