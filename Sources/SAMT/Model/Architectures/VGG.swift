extension Model {
  /// A small VGG for images of 32 x 32: three stages of two 3 x 3 convolutions each, with 32, 64 and 128 channels
  /// (Simonyan and Zisserman 2015), batch normalization behind each of them, and a classifier with dropout.
  ///
  /// Layers are named as in torchvision's networks: `features.0` to `features.18`, `classifier.0`, `classifier.3`.
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
      Sequential("features") {
        for stage in 1...3 {
          // Seven of torchvision's layers a stage: its rectifiers, which have numbers too, are in the normalizations.
          for (half, input) in [widths[stage - 1], widths[stage]].enumerated() {
            let first = 7 * (stage - 1) + 3 * half
            Conv2d(
              input, widths[stage], kernelSize: 3, padding: 1, bias: false, algorithm: convolution, name: "\(first)")
            BatchNorm2d(widths[stage], relu: true, name: "\(first + 1)")
          }
          MaxPool2d(kernelSize: 2, name: "\(7 * stage - 1)")
        }
      }
      Flatten()
      Sequential("classifier") {
        Linear(128 * 4 * 4, 256, name: "0")
        ReLU(name: "1")
        Dropout(0.5, name: "2")
        Linear(256, classes, name: "3")
      }
    }
  }
}
