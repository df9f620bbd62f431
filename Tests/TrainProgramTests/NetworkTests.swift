import Testing

@testable import SAMT
@testable import samt_train

@Suite struct NetworkTests {
  private func make(_ arguments: [String], input: Shape = [3, 32, 32], classes: Int = 10) throws -> Model {
    try singleRun(arguments).network.make(input: input, outputs: classes, seed: 0)
  }

  @Test(arguments: ["lenet", "small-cnn", "vgg-small", "resnet20", "resnet18"])
  func convolutionalNetworksRefuseDropout(model: String) throws {
    for option in ["--dropout", "--input-dropout"] {
      #expect(throws: SAMTError.configuration("\(option) is for mlp, and \(model) would ignore it")) {
        try make(["--model", model, option, "0.5"])
      }
    }
  }

  @Test(arguments: ["mlp:4", "lenet"]) func networksWithoutAChoiceRefuseTheWayOfConvolving(model: String) throws {
    #expect(throws: SAMTError.configuration("--convolution has no choice to make in \(model)")) {
      try make(["--model", model, "--convolution", "direct"])
    }
  }

  @Test(arguments: ["small-cnn", "small-cnn-bn", "vgg-small", "resnet20", "resnet18"], ConvolutionAlgorithm.allCases)
  func everyConvolutionGoesTheWayAskedFor(model: String, way: ConvolutionAlgorithm) throws {
    let convolutions = try make(["--model", model, "--convolution", way.rawValue]).layers.compactMap { $0 as? Conv2d }
    #expect(!convolutions.isEmpty && convolutions.allSatisfy { $0.geometry.algorithm == way })
  }

  @Test func imagesAreRowsOfPixelsForAnMLP() throws {
    let model = try make(["--model", "mlp:7,5", "--dropout", "0.5"], input: [3, 4, 5], classes: 6)
    #expect(model.inputShape == [60] && model.outputShape == [6])
    #expect(model.parameters.map(\.shape) == [[7, 60], [7], [5, 7], [5], [6, 5], [6]])
  }

  @Test(
    arguments: [
      ("lenet", [1, 28, 28]), ("small-cnn", [3, 32, 32]), ("small-cnn-bn", [1, 32, 32]), ("vgg-small", [3, 32, 32]),
      ("resnet20", [3, 32, 32]), ("resnet20", [1, 32, 32]),
      ("resnet18", [3, 32, 32]),
    ] as [(String, Shape)])
  func imagesGoIntoConvolutionalNetworksAsTheyAre(name: String, input: Shape) throws {
    let model = try make(["--model", name], input: input, classes: 7)
    #expect(model.inputShape == input && model.outputShape == [7])
    let other: Shape = input == [1, 28, 28] ? [3, 32, 32] : [1, 28, 28]
    let error = #expect(throws: SAMTError.self) { try make(["--model", name], input: other, classes: 7) }
    guard case .shape(name, let expected, other)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected == "images of shape \(Shape([other[0], input[1], input[2]]))")
  }
}
