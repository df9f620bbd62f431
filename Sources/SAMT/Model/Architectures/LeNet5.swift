extension Model {
  /// LeNet-5 for images of 28 x 28 (LeCun, Bottou, Bengio and Haffner 1998), as it is built today: ReLU for its
  /// sigmoids, max pooling for its trained averages, a linear layer for its radial units.
  ///
  /// A maximum and ReLU commute, gradients included, so ReLU comes behind the pooling, where a quarter of the values are
  /// left. Layers with parameters are named as in PyTorch's tutorials: `conv1`, `conv2`, `fc1`, `fc2`, `fc3`.
  ///
  /// - Parameters:
  ///   - classes: the number of outputs.
  ///   - channels: 1 for grey images, 3 for coloured ones.
  ///   - seed: where the parameters' first values come from.
  /// - Throws: ``SAMTError/configuration(_:)`` without classes or channels.
  public static func leNet5(classes: Int = 10, channels: Int = 1, seed: UInt64 = 0) throws(SAMTError) -> Model {
    try requireImages(classes: classes, channels: channels)
    return try Model(input: [channels, 28, 28], seed: seed) {
      Conv2d(channels, 6, kernelSize: 5, padding: 2)
      MaxPool2d(kernelSize: 2)
      ReLU()
      Conv2d(6, 16, kernelSize: 5)
      MaxPool2d(kernelSize: 2)
      ReLU()
      Flatten()
      Linear(400, 120, name: "fc1")
      ReLU()
      Linear(120, 84, name: "fc2")
      ReLU()
      Linear(84, classes, name: "fc3")
    }
  }

  /// What every architecture asks of its arguments.
  static func requireImages(classes: Int, channels: Int) throws(SAMTError) {
    guard classes >= 1, channels >= 1 else {
      throw .configuration("a model of images needs classes and channels, found \(classes) and \(channels)")
    }
  }
}
