extension Dataset {
  /// Loads pictures in folders, one folder for each class: PGM or PPM, binary or ASCII, of up to 16 bits a sample.
  ///
  /// Inputs are (examples, channels, rows, columns) in [0, 1]: three channels, red, green and blue, where any picture is in
  /// colour, otherwise one. The classes are in the order of the folders' names, byte by byte. Names that begin with a dot
  /// do not count. Where `size` makes a picture smaller, a pixel is the mean over the area that it covers; where it makes
  /// one larger, it is interpolated linearly.
  ///
  /// - Parameters:
  ///   - directory: the directory with the classes' folders in it.
  ///   - size: the size of all examples; nil where all pictures have the same one.
  ///   - classNames: the names that the folders must have; nil for those that are there.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` that names the file or folder: where it cannot be read, is no PGM or
  ///   PPM, is cut or goes on behind the picture; where pictures differ in size and `size` is nil; where folders are
  ///   missing, empty, or not among `classNames`.
  public static func loadImages(
    directory: String, size: Size2D? = nil, classNames: [String]? = nil
  ) throws(SAMTError) -> Dataset {
    let folder = try ImageFolder(directory)
    let names = classNames ?? folder.classes.map(\.name.displayedPath)
    var images: [Tensor] = []
    var labels: [Int32] = []
    for (name, files) in folder.classes {
      guard let label = names.firstIndex(of: name.displayedPath) else {
        throw .dataset(
          path: directory, reason: "expected the classes \(names.listed), found \(name.displayedPath)")
      }
      for file in files {
        let image = try PNMFile(try DataStream(file)).pixels
        images.append(size.map { image.resized(to: $0) } ?? image)
        labels.append(Int32(label))
        let (found, first) = (images[images.count - 1].shape, images[0].shape)
        guard found[1] == first[1] && found[2] == first[2] else {
          throw .dataset(
            path: file,
            reason: "expected \(first[1])x\(first[2]) pixels as in the first picture, found \(found[1])x\(found[2]);"
              + " a size for all resizes them")
        }
      }
    }
    return Dataset(inputs: stacked(images), labels: labels, classCount: names.count, classNames: names)
  }

  /// Loads pictures, to train and to test on where the directory has the folders `train` and `test`.
  ///
  /// Each of both is as ``loadImages(directory:size:classNames:)`` takes it, and the classes are those of `train`.
  /// Otherwise the directory itself is, and there are no test examples.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` as that function does, and where the two differ in size or channels.
  public static func loadImages(
    splitIn directory: String, size: Size2D? = nil
  ) throws(SAMTError) -> (training: Dataset, test: Dataset?) {
    let names = try DataFile.names(in: directory)
    guard names.contains("train") && names.contains("test") else {
      return (try loadImages(directory: directory, size: size), nil)
    }
    let training = try loadImages(directory: FilePaths.join(directory, "train"), size: size)
    let testDirectory = FilePaths.join(directory, "test")
    let test = try loadImages(directory: testDirectory, size: size, classNames: training.classNames)
    guard training.exampleShape == test.exampleShape else {
      throw .dataset(
        path: testDirectory,
        reason: "expected images of shape \(training.exampleShape) as for training, found \(test.exampleShape)")
    }
    return (training, test)
  }

  /// Images of one size side by side; those of one channel become grey ones of three where any has three.
  private static func stacked(_ images: [Tensor]) -> Tensor {
    let channels = images.map { $0.shape[0] }.max() ?? 1
    let (rows, columns) = (images[0].shape[1], images[0].shape[2])
    let plane = rows * columns
    var inputs = Tensor(zeros: [images.count, channels, rows, columns])
    inputs.withMutablePointer { out in
      for (index, image) in images.enumerated() {
        image.withPointer { source in
          for channel in 0..<channels {
            let from = source + (image.shape[0] == 1 ? 0 : channel * plane)
            (out + (index * channels + channel) * plane).update(from: from, count: plane)
          }
        }
      }
    }
    return inputs
  }
}
