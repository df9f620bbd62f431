import CKernels

/// One convolution: square images and kernels, as networks have them.
struct ConvolutionLayer {
  let channels: Int
  let side: Int
  let filters: Int
  let kernel: Int
  let stride: Int
  let padding: Int
  let images: Int

  init(_ channels: Int, _ side: Int, _ filters: Int, kernel: Int, stride: Int = 1, padding: Int = 0, images: Int) {
    self.channels = channels
    self.side = side
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.images = images
  }

  var name: String {
    "\(channels)x\(side)x\(side) -> \(filters) @\(kernel)x\(kernel)" + (stride > 1 ? " s\(stride)" : "")
      + (padding > 0 ? " p\(padding)" : "") + " n\(images)"
  }

  var argument: ck_conv {
    ck_conv(
      images: images, channels: channels, height: side, width: side, filters: filters, kernel_height: kernel,
      kernel_width: kernel, stride_height: stride, stride_width: stride, dilation_height: 1, dilation_width: 1,
      padding_height: padding, padding_width: padding, groups: 1,
      algorithm: CK_CONV_AUTOMATIC)
  }

  /// LeNet-5, the first layer of a network for colour images, the stages of a VGG and of ResNet-18 and -20.
  static let all = [
    ConvolutionLayer(1, 28, 6, kernel: 5, padding: 2, images: 128),
    ConvolutionLayer(6, 14, 16, kernel: 5, images: 128),
    ConvolutionLayer(3, 32, 32, kernel: 3, padding: 1, images: 128),
    ConvolutionLayer(64, 32, 64, kernel: 3, padding: 1, images: 32),
    ConvolutionLayer(128, 16, 128, kernel: 3, padding: 1, images: 32),
    ConvolutionLayer(256, 8, 256, kernel: 3, padding: 1, images: 32),
    ConvolutionLayer(512, 4, 512, kernel: 3, padding: 1, images: 32),
    ConvolutionLayer(64, 32, 128, kernel: 3, stride: 2, padding: 1, images: 32),
    ConvolutionLayer(16, 32, 16, kernel: 3, padding: 1, images: 64),
    ConvolutionLayer(32, 16, 32, kernel: 3, padding: 1, images: 64),
    ConvolutionLayer(64, 8, 64, kernel: 3, padding: 1, images: 64),
  ]
}

/// Convolutions and both of their gradients.
func convolutionCases() -> [BenchmarkCase] {
  ConvolutionLayer.all.flatMap { layer in Pass.allCases.map { $0.benchmark(of: layer) } }
}

private enum Pass: String, CaseIterable {
  case forward = "conv_forward"
  case inputGradient = "conv_input_gradient"
  case weightGradient = "conv_weight_gradient"

  private var code: ck_conv_pass {
    switch self {
    case .forward: CK_CONV_FORWARD
    case .inputGradient: CK_CONV_INPUT_GRADIENT
    case .weightGradient: CK_CONV_WEIGHT_GRADIENT
    }
  }

  func benchmark(of layer: ConvolutionLayer) -> BenchmarkCase {
    let sizes = LayerSizes(layer)
    var argument = layer.argument
    return BenchmarkCase(
      kernel: rawValue, name: layer.name, work: .operations(2 * Double(sizes.output * sizes.depth)),
      footprint: 4 * (sizes.input + sizes.output + sizes.weights),
      path: String(cString: ck_conv_path_name(ck_active(), &argument, code))
    ) {
      let operands = ConvolutionOperands(layer, self)
      return PreparedCase(verify: { operands.mismatch() }, body: { operands.run() })
    }
  }
}

private struct LayerSizes {
  let side: Int
  let depth: Int
  let input: Int
  let output: Int
  let weights: Int

  init(_ layer: ConvolutionLayer) {
    side = (layer.side + 2 * layer.padding - layer.kernel) / layer.stride + 1
    depth = layer.channels * layer.kernel * layer.kernel
    input = layer.images * layer.channels * layer.side * layer.side
    output = layer.images * layer.filters * side * side
    weights = layer.filters * depth
  }
}

/// A sum of products, and of their magnitudes.
private struct ExactSum {
  private(set) var value = 0.0
  private(set) var magnitude = 0.0

  mutating func add(_ a: Float, _ b: Float) {
    value += Double(a) * Double(b)
    magnitude += abs(Double(a) * Double(b))
  }
}

/// A convolution's arrays, and the call.
private final class ConvolutionOperands {
  private let layer: ConvolutionLayer
  private let pass: Pass
  private let kernels = ck_active()
  private var argument: ck_conv
  private let side: Int
  private let x: Floats
  private let w: Floats
  private let y: Floats
  private let workspace: Floats

  init(_ layer: ConvolutionLayer, _ pass: Pass) {
    self.layer = layer
    self.pass = pass
    argument = layer.argument
    let sizes = LayerSizes(layer)
    side = sizes.side
    // Small whole numbers, whose sums are exact in any order.
    x = Floats(sizes.input, seed: 1, smallInteger)
    w = Floats(sizes.weights, seed: 2, smallInteger)
    y = Floats(sizes.output, seed: 3, smallInteger)
    workspace = Floats(ck_conv_workspace(kernels, &argument), repeating: .nan)
    result.fill(.nan)
  }

  /// What the call writes.
  private var result: Floats {
    switch pass {
    case .forward: y
    case .inputGradient: x
    case .weightGradient: w
    }
  }

  func run() {
    switch pass {
    case .forward: ck_conv_forward(kernels, &argument, x.base, w.base, nil, y.base, workspace.base)
    case .inputGradient: ck_conv_input_gradient(kernels, &argument, y.base, w.base, x.base, workspace.base)
    case .weightGradient: ck_conv_weight_gradient(kernels, &argument, x.base, y.base, w.base, workspace.base)
    }
  }

  /// Compares a sample of the results with plain sums: exactly, unless Winograd's way may have been taken.
  ///
  /// Its errors are held to what the conformance suite allows of the largest sum of magnitudes, and a third more, since
  /// the largest of a sample may be smaller.
  func mismatch() -> String? {
    run()
    let count = result.count
    let indices = (0..<40).map { $0 == 0 ? count - 1 : $0 * 7_919_191 % count }
    let sums = indices.map(expected)
    let exact = layer.kernel != 3 || layer.stride != 1
    let bound = exact ? 0 : 16 * Double(Float.ulpOfOne) * (sums.map(\.magnitude).max() ?? 0)
    for (index, sum) in zip(indices, sums) {
      guard abs(Double(result[index]) - sum.value) <= bound else {
        return "element \(index) is \(result[index]), expected \(sum.value) within \(bound)"
      }
    }
    return nil
  }

  private func expected(_ index: Int) -> ExactSum {
    let (kernel, outputs) = (layer.kernel, side * side)
    var sum = ExactSum()
    switch pass {
    case .forward:
      let (image, filter, place) = (index / outputs / layer.filters, index / outputs % layer.filters, index % outputs)
      forEachTap { channel, s, t in
        guard let pixel = pixel(place / side, place % side, s, t) else { return }
        sum.add(x[inputIndex(image, channel, pixel)], w[weightIndex(filter, channel, s, t)])
      }
    case .inputGradient:
      let plane = layer.side * layer.side
      let (image, channel, pixel) = (index / plane / layer.channels, index / plane % layer.channels, index % plane)
      for filter in 0..<layer.filters {
        for place in 0..<outputs {
          for tap in 0..<kernel * kernel
          where self.pixel(place / side, place % side, tap / kernel, tap % kernel) == pixel {
            let weight = w[weightIndex(filter, channel, tap / kernel, tap % kernel)]
            sum.add(y[(image * layer.filters + filter) * outputs + place], weight)
          }
        }
      }
    case .weightGradient:
      let taps = kernel * kernel
      let (filter, channel, tap) = (index / taps / layer.channels, index / taps % layer.channels, index % taps)
      for image in 0..<layer.images {
        for place in 0..<outputs {
          guard let pixel = pixel(place / side, place % side, tap / kernel, tap % kernel) else { continue }
          let gradient = y[(image * layer.filters + filter) * outputs + place]
          sum.add(gradient, x[inputIndex(image, channel, pixel)])
        }
      }
    }
    return sum
  }

  private func forEachTap(_ body: (_ channel: Int, _ s: Int, _ t: Int) -> Void) {
    for channel in 0..<layer.channels {
      for s in 0..<layer.kernel { for t in 0..<layer.kernel { body(channel, s, t) } }
    }
  }

  private func pixel(_ i: Int, _ j: Int, _ s: Int, _ t: Int) -> Int? {
    let (row, column) = (i * layer.stride + s - layer.padding, j * layer.stride + t - layer.padding)
    guard row >= 0, row < layer.side, column >= 0, column < layer.side else { return nil }
    return row * layer.side + column
  }

  private func inputIndex(_ image: Int, _ channel: Int, _ pixel: Int) -> Int {
    (image * layer.channels + channel) * layer.side * layer.side + pixel
  }

  private func weightIndex(_ filter: Int, _ channel: Int, _ s: Int, _ t: Int) -> Int {
    ((filter * layer.channels + channel) * layer.kernel + s) * layer.kernel + t
  }
}
