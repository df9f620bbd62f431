import SAMT

extension DataKind {
  /// Pictures in folders.
  static let images = DataKind(
    "images", "DIR", "pictures (PGM, PPM), a folder for each class, or such folders in train and test",
    options: ["--image-size", "--test-fraction"]
  ) { (request) throws(SAMTError) in
    // A trained model's own size.
    let size = request.model.flatMap { model in
      model.inputShape.rank == 3 ? Size2D(model.inputShape[1], model.inputShape[2]) : nil
    }
    let (training, test) = try Dataset.loadImages(splitIn: request.paths[0], size: size ?? request.options.imageSize)
    return LoadedData(training: training, test: test)
  }
}
