extension Model {
  /// A small VGG for images of 32 x 32: three stages of two 3 x 3 convolutions each, with 32, 64 and 128 channels
  /// (Simonyan and Zisserman 2015), batch normalization behind each of them, and a head with dropout.
  ///
  /// - Parameters:
  ///   - classes: the number of outputs.
  ///   - channels: 1 for grey images, 3 for coloured ones.
  ///   - seed: where the parameters' first values and the dropout come from.
  ///   - convolution: how convolutions are computed.
  /// - Throws: ``SAMTError/configuration(_:)`` without classes or channels.
  public static func vggSmall(
    classes: Int = 10, channels: Int = 3, seed: UInt64 = 0, convolution: ConvolutionAlgorithm = .automatic
  ) throws(SAMTError) -> Model {
    try requireImages(classes: classes, channels: channels)
    let widths = [channels, 32, 64, 128]
    return try Model(input: [channels, 32, 32], seed: seed) {
      for stage in 1...3 {
        Sequential("stage\(stage)") {
          for input in [widths[stage - 1], widths[stage]] {
            Conv2d(input, widths[stage], kernelSize: 3, padding: 1, bias: false, algorithm: convolution)
            BatchNorm2d(widths[stage], relu: true)
          }
          MaxPool2d(kernelSize: 2)
        }
      }
      Sequential("head") {
        Flatten()
        Linear(128 * 4 * 4, 256)
        ReLU()
        Dropout(0.5)
        Linear(256, classes)
      }
    }
  }
}
