extension Dataset {
  /// Loads labelled images from two IDX files of unsigned bytes, plain or compressed with gzip.
  ///
  /// Inputs have shape (examples, 1, rows, columns) and values in [0, 1]: a byte / 255.
  ///
  /// - Parameters:
  ///   - images: the path of a file with axes examples, rows, columns.
  ///   - labels: the path of a file with one axis, as long.
  ///   - classCount: the number of classes; nil for as many as the largest label needs, but at least ten.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where a file is missing, unreadable or malformed in any way, where
  ///   there are not as many labels as images, or where a label is not below `classCount`. An archive also needs the
  ///   system's `gzip` program.
  public static func loadIDX(
    images: String, labels: String, classCount: Int? = nil
  ) throws(SAMTError) -> Dataset {
    let imageFile = try IDXFile(path: images, axes: ["examples", "rows", "columns"])
    let labelFile = try IDXFile(path: labels, axes: ["examples"])
    let count = imageFile.lengths[0]
    guard labelFile.lengths[0] == count else {
      throw .dataset(path: labels, reason: "expected \(count) labels for \(images), found \(labelFile.lengths[0])")
    }
    let classes = labelFile.chunks.joined().map(Int32.init)
    let classCount = classCount ?? max(10, 1 + Int(classes.max() ?? 0))
    if let example = classes.firstIndex(where: { $0 >= classCount }) {
      throw .dataset(
        path: labels,
        reason: "expected labels below \(classCount), found \(classes[example]) for example \(example)")
    }
    return Dataset(inputs: pixels(of: imageFile), labels: classes, classCount: classCount)
  }

  /// Loads the four files of MNIST, or of another data set of ten classes laid out like it.
  ///
  /// They are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
  /// `t10k-labels-idx1-ubyte`, each also found with a dot before `idx`, and with `.gz`; plain files come first.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where the directory or one of the files is missing, or as
  ///   ``loadIDX(images:labels:classCount:)`` does, or where training and test images differ in size.
  public static func loadMNIST(directory: String) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    // All are looked for before any is read, which takes a while.
    let trainingImages = try DataFile.find(names("train-images", "idx3-ubyte"), in: directory)
    let trainingLabels = try DataFile.find(names("train-labels", "idx1-ubyte"), in: directory)
    let testImages = try DataFile.find(names("t10k-images", "idx3-ubyte"), in: directory)
    let testLabels = try DataFile.find(names("t10k-labels", "idx1-ubyte"), in: directory)
    let training = try loadIDX(images: trainingImages, labels: trainingLabels, classCount: 10)
    let test = try loadIDX(images: testImages, labels: testLabels, classCount: 10)
    guard training.exampleShape == test.exampleShape else {
      throw .dataset(
        path: testImages,
        reason: "expected images of shape \(training.exampleShape) as for training, found \(test.exampleShape)")
    }
    return (training, test)
  }

  /// A file's usual name, and the one that some mirrors have.
  private static func names(_ name: String, _ suffix: String) -> [String] {
    ["\(name)-\(suffix)", "\(name).\(suffix)"]
  }

  private static func pixels(of file: IDXFile) -> Tensor {
    var images = Tensor(zeros: [file.lengths[0], 1, file.lengths[1], file.lengths[2]])
    images.withMutablePointer { pixels in
      var pixels = pixels
      for chunk in file.chunks {
        chunk.withUnsafeBufferPointer { bytes in
          for i in 0..<bytes.count { pixels[i] = Float(bytes[i]) / 255 }
        }
        pixels += chunk.count
      }
    }
    return images
  }
}
