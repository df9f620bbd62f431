extension Model {
  /// ResNet-20 for images of 32 x 32: three stages of three basic blocks with 16, 32 and 64 channels (He, Zhang, Ren and
  /// Sun 2016), with projections where a stage begins (their option B).
  ///
  /// Layers are named as torchvision's ResNets are.
  ///
  /// - Parameters:
  ///   - classes: the number of outputs.
  ///   - channels: 1 for grey images, 3 for coloured ones.
  ///   - seed: where the parameters' first values come from.
  ///   - convolution: how convolutions are computed.
  /// - Throws: ``SAMTError/configuration(_:)`` without classes or channels.
  public static func resNet20(
    classes: Int = 10, channels: Int = 3, seed: UInt64 = 0, convolution: ConvolutionAlgorithm = .automatic
  ) throws(SAMTError) -> Model {
    try resNet(
      widths: [16, 32, 64], blocks: 3, classes: classes, channels: channels, seed: seed, convolution: convolution)
  }

  /// ResNet-18 for images of 32 x 32: four stages of two basic blocks with 64 to 512 channels (He, Zhang, Ren and Sun
  /// 2016), behind one 3 x 3 convolution that keeps the image's size.
  ///
  /// Layers are named as torchvision's are: its `resnet18` with `conv1` replaced by that convolution and `maxpool` by the
  /// identity has the same state.
  ///
  /// - Parameters:
  ///   - classes: the number of outputs.
  ///   - channels: 1 for grey images, 3 for coloured ones.
  ///   - seed: where the parameters' first values come from.
  ///   - convolution: how convolutions are computed.
  /// - Throws: ``SAMTError/configuration(_:)`` without classes or channels.
  public static func resNet18(
    classes: Int = 10, channels: Int = 3, seed: UInt64 = 0, convolution: ConvolutionAlgorithm = .automatic
  ) throws(SAMTError) -> Model {
    try resNet(
      widths: [64, 128, 256, 512], blocks: 2, classes: classes, channels: channels, seed: seed, convolution: convolution
    )
  }

  private static func resNet(
    widths: [Int], blocks: Int, classes: Int, channels: Int, seed: UInt64, convolution: ConvolutionAlgorithm
  ) throws(SAMTError) -> Model {
    try requireImages(classes: classes, channels: channels)
    return try Model(input: [channels, 32, 32], seed: seed) {
      resNetParts(widths: widths, blocks: blocks, classes: classes, channels: channels, convolution: convolution)
    }
  }

  /// A convolution, stages of basic blocks, each but the first of which halves the image, and a head.
  @LayerBuilder static func resNetParts(
    widths: [Int], blocks: Int, classes: Int, channels: Int, convolution: ConvolutionAlgorithm
  ) -> [ModelPart] {
    Conv2d(channels, widths[0], kernelSize: 3, padding: 1, bias: false, algorithm: convolution, name: "conv1")
    BatchNorm2d(widths[0], relu: true, name: "bn1")
    for stage in widths.indices {
      Sequential("layer\(stage + 1)") {
        for block in 0..<blocks {
          let input = block == 0 ? widths[max(stage - 1, 0)] : widths[stage]
          basicBlock(input, widths[stage], stride: stage > 0 && block == 0 ? 2 : 1, convolution)
          ReLU()
        }
      }
    }
    GlobalAveragePool(name: "avgpool")
    Linear(widths[widths.count - 1], classes, name: "fc")
  }

  /// Two normalized 3 x 3 convolutions with a way around them, projected where the shape changes.
  private static func basicBlock(
    _ input: Int, _ output: Int, stride: Int, _ algorithm: ConvolutionAlgorithm
  ) -> Residual {
    let stride = Size2D(stride, stride)
    return Residual {
      Conv2d(input, output, kernelSize: 3, stride: stride, padding: 1, bias: false, algorithm: algorithm)
      BatchNorm2d(output, relu: true, name: "bn")
      Conv2d(output, output, kernelSize: 3, padding: 1, bias: false, algorithm: algorithm)
      BatchNorm2d(output, name: "bn")
    } projection: {
      if input != output {
        Conv2d(input, output, kernelSize: 1, stride: stride, bias: false, algorithm: algorithm, name: "0")
        BatchNorm2d(output, name: "1")
      }
    }
  }
}
