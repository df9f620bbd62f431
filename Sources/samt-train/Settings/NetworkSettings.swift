import CommandLineOptions
import SAMT

/// The network, as it is asked for.
struct NetworkSettings {
  var model = ModelChoice.mlp([400])
  var convolution = ConvolutionAlgorithm.automatic
  var dropout: Float = 0
  var inputDropout: Float = 0

  static var options: OptionTable<Self> {
    OptionTable("network") {
      CommandLineOption("--model", "NAME", ModelChoice.names, \Self.model, .model)
      CommandLineOption(
        "--convolution", "NAME", "of the networks for 32 x 32 images: " + names(ConvolutionAlgorithm.self),
        \Self.convolution, .choice)
      CommandLineOption("--dropout", "P", "after each hidden layer of mlp", \Self.dropout, .probability)
      CommandLineOption("--input-dropout", "P", "of the input of mlp", \Self.inputDropout, .probability)
    }
  }

  /// The network for examples of shape `input`, with that many outputs, its weights drawn from `seed`.
  ///
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the network takes images of another size, and
  ///   ``SAMTError/configuration(_:)`` for a setting that it would ignore.
  func make(input: Shape, outputs: Int, seed: UInt64) throws(SAMTError) -> Model {
    try check()
    let channels = input[0]
    let network: Model
    switch model {
    case .mlp(let hiddenWidths):
      // An image goes into a fully connected network as the row of its pixels.
      return try Model.mlp(
        inputs: input.count, hidden: hiddenWidths, outputs: outputs, inputDropout: inputDropout, dropout: dropout,
        seed: seed)
    case .lenet: network = try Model.leNet5(classes: outputs, channels: channels, seed: seed)
    case .smallCNN, .smallCNNNormalized:
      network = try Model.smallCNN(
        classes: outputs, channels: channels, batchNorm: model == .smallCNNNormalized, seed: seed,
        convolution: convolution)
    case .vggSmall:
      network = try Model.vggSmall(classes: outputs, channels: channels, seed: seed, convolution: convolution)
    case .resnet20:
      network = try Model.resNet20(classes: outputs, channels: channels, seed: seed, convolution: convolution)
    case .resnet18:
      network = try Model.resNet18(classes: outputs, channels: channels, seed: seed, convolution: convolution)
    }
    guard network.inputShape == input else {
      throw .shape(layer: "\(model)", expected: "images of shape \(network.inputShape)", found: input)
    }
    return network
  }

  private func check() throws(SAMTError) {
    if convolution != .automatic, !model.hasThreeByThreeKernels {
      throw .configuration("--convolution has no choice to make in \(model)")
    }
    if case .mlp = model { return }
    for (name, probability) in [("--dropout", dropout), ("--input-dropout", inputDropout)] where probability > 0 {
      throw .configuration("\(name) is for mlp, and \(model) would ignore it")
    }
  }
}
