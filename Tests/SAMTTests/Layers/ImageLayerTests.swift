import SAMT
import SAMTTestSupport
import Testing

/// Shapes of the layers for images, and what they do that no gradient shows.
@Suite struct ImageLayerTests {
  private func refusal(_ layer: any Layer, _ shape: Shape) -> String? {
    do {
      _ = try layer.outputShape(for: shape)
      return nil
    } catch { return "\(error)" }
  }

  @Test func convolution() throws {
    let layer = Conv2d(4, 6, kernelSize: Size2D(3, 2), stride: Size2D(2, 1), padding: Size2D(1, 0), groups: 2)
    #expect(try layer.outputShape(for: [5, 4, 7, 8]) == [5, 6, 4, 7])
    #expect(layer.weight.shape == [6, 2, 3, 2])
    #expect(layer.bias?.shape == [6])
    #expect(layer.parameters.map(\.isDecayed) == [true, false])
    // Each of 5 x 6 x 4 x 7 outputs adds twelve products and a bias.
    #expect(layer.operations(for: [5, 4, 7, 8]) == 840 * 25)
    #expect(try Conv2d(1, 2, kernelSize: 3, dilation: 2).outputShape(for: [1, 1, 6, 5]) == [1, 2, 2, 1])
    #expect(Conv2d(1, 2, kernelSize: 3, bias: false).parameters.count == 1)
    let expected = "[*, 4, height, width] of at least 3x2 with padding 1x0"
    for shape: Shape in [[5, 3, 7, 8], [5, 4, 7], [5, 4, 7, 1]] {
      #expect(refusal(layer, shape) == "conv: expected \(expected), found \(shape)")
    }
  }

  @Test func pooling() throws {
    #expect(try MaxPool2d(kernelSize: 2).outputShape(for: [3, 4, 5, 6]) == [3, 4, 2, 3])
    #expect(try MaxPool2d(kernelSize: 3, stride: 2, padding: 1).outputShape(for: [1, 2, 5, 6]) == [1, 2, 3, 3])
    #expect(try AvgPool2d(kernelSize: Size2D(1, 2)).outputShape(for: [1, 2, 5, 6]) == [1, 2, 5, 3])
    #expect(try GlobalAveragePool().outputShape(for: [3, 4, 5, 6]) == [3, 4])
    let expected = "[*, channels, height, width] of at least 3x3 with padding 0x0"
    for shape: Shape in [[3, 4, 2, 6], [3, 4]] {
      #expect(refusal(MaxPool2d(kernelSize: 3), shape) == "maxPool: expected \(expected), found \(shape)")
      #expect(refusal(AvgPool2d(kernelSize: 3), shape) == "avgPool: expected \(expected), found \(shape)")
    }
    #expect(refusal(GlobalAveragePool(), [3, 4]) == "globalAveragePool: expected [*, channels, ...], found [3, 4]")
  }

  @Test func layerNorm() throws {
    #expect(try LayerNorm(5).outputShape(for: [2, 3, 5]) == [2, 3, 5])
    #expect(LayerNorm([3, 5]).weight?.shape == [3, 5])
    #expect(LayerNorm(5, affine: false).parameters.isEmpty)
    #expect(refusal(LayerNorm([3, 5]), [2, 5, 3]) == "norm: expected [*, ..., 3, 5], found [2, 5, 3]")
    #expect(refusal(LayerNorm(5), [5]) == "norm: expected [*, ..., 5], found [5]")
  }

  @Test func notANumberGoesThroughPooling() throws {
    let model = try Model(input: [1, 2, 4]) { MaxPool2d(kernelSize: 2) }
    let found = model(Tensor([1, .nan, 5, 6, 2, 3, 8, 7], shape: [1, 1, 2, 4])).elements
    #expect(found[0].isNaN && found[1] == 8)
  }

  /// Whole channels are dropped, the others scaled, by one mask for a batch.
  @Test func dropoutOfChannels() throws {
    let model = try Model(input: [100, 3, 2], seed: 1) { Dropout2d(0.25) }
    let ones = Tensor([Float](repeating: 1, count: 12_000), shape: [20, 100, 3, 2])
    let executor = ModelExecutor(for: model, batchSize: 20)
    executor.load(ones)
    let output = executor.output().elements
    let channels = stride(from: 0, to: 12_000, by: 6).map { Set(output[$0..<$0 + 6]) }
    #expect(channels.allSatisfy { $0 == [0] || $0 == [4 / 3] })
    // Five standard deviations of a binomial share.
    let dropped = channels.count { $0 == [0] }
    #expect(abs(Double(dropped) / 2000 - 0.25) <= 5 * (0.25 * 0.75 / 2000).squareRoot())
    executor.invalidate(from: 0)
    #expect(executor.output().elements == output)
    executor.load(ones)
    #expect(executor.output().elements != output)
    #expect(model(ones).elements == ones.elements)
    #expect(refusal(Dropout2d(0.5), [2, 3]) == "dropout: expected [*, channels, ...], found [2, 3]")
  }

  @Test func nonsenseTraps() async {
    await #expect(processExitsWith: .failure) { _ = Conv2d(3, 4, kernelSize: 3, groups: 2) }
    await #expect(processExitsWith: .failure) { _ = Conv2d(2, 4, kernelSize: 0) }
    await #expect(processExitsWith: .failure) { _ = MaxPool2d(kernelSize: 2, padding: 2) }
    await #expect(processExitsWith: .failure) { _ = AvgPool2d(kernelSize: 2, stride: 0) }
    await #expect(processExitsWith: .failure) { _ = BatchNorm2d(0) }
    await #expect(processExitsWith: .failure) { _ = LayerNorm([]) }
    await #expect(processExitsWith: .failure) { _ = Dropout2d(1) }
  }

  /// Lengths whose sums or products would not be representable are refused by a message with the numbers: where the
  /// geometry is made, and where it was changed since.
  @Test func lengthsThatCannotBeReckonedWithAreNamed() async {
    let padding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Conv2d(1, 1, kernelSize: 3, padding: Size2D(Int.max / 2, 1))
    }
    expectMessage(padding, "padding 4611686018427387903x1", "kernel 3x3")
    let dilation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Conv2d(1, 1, kernelSize: 3, dilation: Size2D(1, Int.max / 2))
    }
    expectMessage(dilation, "dilation 1x4611686018427387903")
    let changed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var geometry = Convolution2D(kernelSize: 3)
      geometry.padding = Size2D(Int.max / 2 + 1, 0)
      _ = geometry.outputSize(of: 4)
    }
    expectMessage(changed, "padding 4611686018427387904x0")
    let kernel = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var geometry = Convolution2D(kernelSize: 1)
      var workspace = ConvolutionWorkspace(for: geometry, input: [1, 1, 1, 1], outputChannels: 1)
      var y = Tensor(zeros: [1, 1, 1, 1])
      geometry.dilation = Size2D(Int.max / 2, 1)
      Kernels.convolve(y, y, into: &y, geometry, workspace: &workspace)
    }
    expectMessage(kernel, "dilation 4611686018427387903x1")
    let groups = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var geometry = Convolution2D(kernelSize: 1)
      geometry.groups = 0
      _ = ConvolutionWorkspace(for: geometry, input: [1, 1, 1, 1], outputChannels: 1)
    }
    expectMessage(groups, "0 groups")
    let workspace = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let geometry = Convolution2D(kernelSize: 1, padding: Size2D(Int(Int32.max), Int(Int32.max)))
      _ = ConvolutionWorkspace(for: geometry, input: [1, 1, 1, 1], outputChannels: 1)
    }
    expectMessage(workspace, "padding 2147483647x2147483647")
    let patches = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let geometry = Convolution2D(kernelSize: 1, padding: Size2D(Int(Int32.max), Int(Int32.max)))
      var columns = Tensor(zeros: [1, 1])
      Kernels.im2col(Tensor(zeros: [1, 1, 1]), into: &columns, geometry)
    }
    expectMessage(patches, "[1, 1, 1] at 4294967295x4294967295 positions")
    let stride = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var pooling = Pooling2D(kernelSize: 2)
      pooling.stride = 0
      _ = pooling.outputSize(of: 4)
    }
    expectMessage(stride, "stride 0x0")
  }

  /// The documented bound of Winograd's algorithm: an error of some roundings of the largest input of a tile, in results
  /// that do not read it too; direct sums have none there.
  @Test func oneHugePixelBlursItsTileUnderWinograd() throws {
    let w = GradientCheck.values([16, 64, 3, 3], magnitudes: 0...1, seed: 1)
    let huge: Float = 1e10
    var largest: Float = 0
    for pixel in 0..<64 {
      func convolved(_ algorithm: ConvolutionAlgorithm) -> [Float] {
        let geometry = Convolution2D(kernelSize: 3, padding: 1, algorithm: algorithm)
        var x = Tensor(zeros: [1, 64, 8, 8]), y = Tensor(zeros: [1, 16, 8, 8])
        x.withMutableSpan { $0[pixel] = huge }
        var workspace = ConvolutionWorkspace(for: geometry, input: x.shape, outputChannels: 16)
        Kernels.convolve(x, w, into: &y, geometry, workspace: &workspace)
        return y.elements
      }
      let (direct, winograd) = (convolved(.direct), convolved(.winograd))
      var blurred = 0
      for index in direct.indices {
        let (i, j) = (index % 64 / 8, index % 8)
        let isRead = abs(i - pixel / 8) <= 1 && abs(j - pixel % 8) <= 1
        if !isRead {
          #expect(direct[index] == 0)
          if winograd[index] != 0 { blurred += 1 }
        }
        largest = max(largest, abs(winograd[index] - direct[index]))
      }
      #expect(blurred > 0, "pixel \(pixel)")
    }
    // Weights are below 1.
    #expect(largest <= 0x1p-19 * huge, "\(largest / huge)")
  }

  /// The largest padding and dilation: of a kernel of 3x3 only the middle falls on the image.
  @Test(arguments: ConvolutionAlgorithm.allCases)
  func theLongestReachIsTheMiddleOfTheKernel(_ algorithm: ConvolutionAlgorithm) throws {
    let most = Size2D(Int(Int32.max), Int(Int32.max))
    let geometry = Convolution2D(kernelSize: 3, padding: most, dilation: most, algorithm: algorithm)
    #expect(geometry.outputSize(of: Size2D(2, 3)) == Size2D(2, 3))
    #expect(geometry.outputSize(of: Size2D(.max, 3)) == nil)
    let w = Tensor((1...9).map(Float.init), shape: [1, 1, 3, 3]), x = Tensor([1, 2, 3, 4, 5, 6], shape: [1, 1, 2, 3])
    var workspace = ConvolutionWorkspace(for: geometry, input: x.shape, outputChannels: 1)
    var y = Tensor(zeros: x.shape), dx = y, dw = Tensor(zeros: w.shape)
    Kernels.convolve(x, w, into: &y, geometry, workspace: &workspace)
    #expect(y.elements == [5, 10, 15, 20, 25, 30])
    Kernels.convolveInputGradient(y, w, into: &dx, geometry, workspace: &workspace)
    #expect(dx.elements == [25, 50, 75, 100, 125, 150])
    Kernels.convolveWeightGradient(x, y, into: &dw, geometry, workspace: &workspace)
    #expect(dw.elements == [0, 0, 0, 0, 455, 0, 0, 0, 0])
  }
}
