extension Dataset {
  /// Loads labelled images from two IDX files of unsigned bytes, plain or compressed with gzip.
  ///
  /// Inputs have shape (examples, 1, rows, columns) and values in [0, 1]: a byte / 255.
  ///
  /// - Parameters:
  ///   - images: the path of a file with axes examples, rows, columns.
  ///   - labels: the path of a file with one axis, as long.
  ///   - classCount: the number of classes; nil for as many as the largest label needs.
  ///   - access: whether images are read at once or mapped; those of an archive are read.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where a file is missing, unreadable or malformed in any way, where
  ///   there are not as many labels as images, or where a label is not below `classCount`. An archive also needs the
  ///   system's `gzip` program.
  public static func loadIDX(
    images: String, labels: String, classCount: Int? = nil, access: FileAccess = .copied
  ) throws(SAMTError) -> Dataset {
    let examples = try LabelledImages(images: images, labels: labels, access)
    return try examples.dataset(classCount: classCount ?? examples.classCount)
  }

  /// Loads labelled images to train and to test on from four IDX files.
  ///
  /// There are as many classes as the largest label of both needs. Otherwise as
  /// ``loadIDX(images:labels:classCount:access:)``.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` as that function does, and where training and test images differ in
  ///   size.
  public static func loadIDX(
    images: String, labels: String, testImages: String, testLabels: String, access: FileAccess = .copied
  ) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    try loadIDX(
      IDXFolder(
        trainingImages: images, trainingLabels: labels, testImages: testImages, testLabels: testLabels),
      classCount: nil, access)
  }

  /// Loads the four files of a data set that is laid out like MNIST, such as Fashion-MNIST, KMNIST or a part of EMNIST.
  ///
  /// Their names are MNIST's, as ``loadMNIST(directory:access:)`` has them, perhaps with `test` for `t10k` and behind a prefix
  /// that all four have: `emnist-letters-train-images-idx3-ubyte`. There are as many classes as the largest label needs.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where the files of several data sets are there, and as
  ///   ``loadIDX(images:labels:testImages:testLabels:access:)`` does.
  public static func loadIDX(
    directory: String, access: FileAccess = .copied
  ) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    try loadIDX(IDXFolder(directory, prefix: try IDXFolder.prefix(in: directory)), classCount: nil, access)
  }

  /// Loads the four files of MNIST, or of another data set of ten classes laid out like it.
  ///
  /// They are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
  /// `t10k-labels-idx1-ubyte`, each also found with a dot before `idx`, and with `.gz`; plain files come first.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where the directory or one of the files is missing, or as
  ///   ``loadIDX(images:labels:classCount:access:)`` does, or where training and test images differ in size.
  public static func loadMNIST(
    directory: String, access: FileAccess = .copied
  ) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    try loadIDX(IDXFolder(directory, prefix: ""), classCount: 10, access)
  }

  private static func loadIDX(
    _ files: IDXFolder, classCount: Int?, _ access: FileAccess
  ) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    let training = try LabelledImages(images: files.trainingImages, labels: files.trainingLabels, access)
    let test = try LabelledImages(images: files.testImages, labels: files.testLabels, access)
    let classCount = classCount ?? max(training.classCount, test.classCount)
    guard training.imageShape == test.imageShape else {
      throw .dataset(
        path: files.testImages,
        reason: "expected images of shape \(training.imageShape) as for training, found \(test.imageShape)")
    }
    return (try training.dataset(classCount: classCount), try test.dataset(classCount: classCount))
  }
}

/// Images and labels of two IDX files, as many of both.
private struct LabelledImages {
  /// (examples, rows, columns).
  private let lengths: [Int]
  /// The images where they are read.
  private let chunks: [[UInt8]]
  /// The images where they are mapped.
  private let mapped: MappedExamples?
  private let classes: [Int32]
  private let labelPath: String

  init(images imagePath: String, labels labelPath: String, _ access: FileAccess) throws(SAMTError) {
    self.labelPath = labelPath
    let axes = ["examples", "rows", "columns"]
    let stream = try DataStream(imagePath)
    if access == .mapped, let file = try stream.map() {
      lengths = try IDXFile.lengths(stream, axes: axes)
      chunks = []
      let segment = MappedExamples.Segment(
        file: file, start: stream.position, stride: lengths[1] * lengths[2], count: lengths[0])
      mapped = MappedExamples([segment], of: .fraction, exampleShape: [1, lengths[1], lengths[2]])
    } else {
      let images = try IDXFile(stream, axes: axes)
      (lengths, chunks, mapped) = (images.lengths, images.chunks, nil)
    }
    let labels = try IDXFile(path: labelPath, axes: ["examples"])
    guard labels.lengths == [lengths[0]] else {
      throw .dataset(
        path: labelPath, reason: "expected \(lengths[0]) labels for \(imagePath), found \(labels.lengths[0])")
    }
    classes = labels.chunks.joined().map(Int32.init)
  }

  /// As many classes as the largest label needs.
  var classCount: Int { 1 + Int(classes.max() ?? 0) }

  var imageShape: Shape { [1, lengths[1], lengths[2]] }

  func dataset(classCount: Int) throws(SAMTError) -> Dataset {
    if let example = classes.firstIndex(where: { $0 >= classCount }) {
      throw .dataset(
        path: labelPath,
        reason: "expected labels below \(classCount), found \(classes[example]) for example \(example)")
    }
    let storage = mapped.map { ExampleStorage.files($0) } ?? .memory(pixels)
    return Dataset(storage, .classes(classes[...]), classCount: classCount)
  }

  private var pixels: Tensor {
    var pixels = Tensor(zeros: imageShape.batched(classes.count))
    pixels.withMutablePointer { out in
      var out = out
      for chunk in chunks {
        chunk.withUnsafeBufferPointer { bytes in
          for i in 0..<bytes.count { out[i] = Float(bytes[i]) / 255 }
        }
        out += chunk.count
      }
    }
    return pixels
  }
}
