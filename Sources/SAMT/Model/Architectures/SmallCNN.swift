extension Model {
  /// A small convolutional network for images of 32 x 32: per width a 3 x 3 convolution, a 2 x 2 maximum and ReLU, then
  /// one linear layer.
  ///
  /// The layers are `conv1`, `norm1`, `pool1`, `relu1`, `conv2`, ... and `fc`. With batch normalization, it stands
  /// behind each convolution, which then has no bias.
  ///
  /// - Parameters:
  ///   - classes: the number of outputs.
  ///   - channels: 1 for grey images, 3 for coloured ones.
  ///   - widths: the convolutions' channels.
  ///   - batchNorm: whether each convolution's output is normalized.
  ///   - seed: where the parameters' first values come from.
  ///   - convolution: how convolutions are computed.
  /// - Throws: ``SAMTError/configuration(_:)`` without classes or channels, for a width below 1, or for a number of
  ///   widths outside 1 ... 5, which halve the image to one pixel.
  public static func smallCNN(
    classes: Int = 10, channels: Int = 3, widths: [Int] = [16, 32, 64], batchNorm: Bool = false, seed: UInt64 = 0,
    convolution: ConvolutionAlgorithm = .automatic
  ) throws(SAMTError) -> Model {
    try requireImages(classes: classes, channels: channels)
    guard (1...5).contains(widths.count), widths.allSatisfy({ $0 >= 1 }) else {
      throw .configuration("a small CNN has 1 to 5 convolutions of at least one channel, found \(widths)")
    }
    let side = 32 >> widths.count
    return try Model(input: [channels, 32, 32], seed: seed) {
      for (index, width) in widths.enumerated() {
        let stage = index + 1
        Conv2d(
          index == 0 ? channels : widths[index - 1], width, kernelSize: 3, padding: 1, bias: !batchNorm,
          algorithm: convolution, name: "conv\(stage)")
        if batchNorm { BatchNorm2d(width, name: "norm\(stage)") }
        MaxPool2d(kernelSize: 2, name: "pool\(stage)")
        ReLU(name: "relu\(stage)")
      }
      Flatten()
      Linear(widths[widths.count - 1] * side * side, classes, name: "fc")
    }
  }
}
