import CommandLineOptions
import SAMT

extension Method {
  static var scion: Method {
    scion("scion", "steps of each layer's own norm, as its authors train perceptrons (Pethick et al. 2025)", .mlp)
  }
  static var scionCNN: Method {
    scion("scion-cnn", "the same, as they train convolutional networks", .cnn)
  }

  private static func scion(_ name: String, _ summary: String, _ recipe: ScionRecipe) -> Method {
    Method(name, summary, ScionSettings(recipe), options: ScionSettings.options) {
      (settings, context) throws(SAMTError) in
      let parameters = context.model.trainableParameters
      let rule = try Scion(
        parameters, balls: settings.recipe.balls(of: parameters), learningRate: settings.common.learningRate,
        alpha: settings.recipe.alpha, isConstrained: settings.isConstrained, weightDecay: settings.common.weightDecay)
      if settings.startsOnBoundary { rule.moveToBoundary() }
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct ScionSettings {
  var common: BackpropagationSettings
  var recipe: ScionRecipe
  var isConstrained = true
  var startsOnBoundary = true

  init(_ recipe: ScionRecipe) {
    common = BackpropagationSettings(learningRate: recipe.learningRate)
    self.recipe = recipe
  }

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        CommandLineOption(
          "--scion-alpha", "X", "how much of the momentum is the last gradient, above 0", \Self.recipe.alpha,
          .number(0...1))
        CommandLineOption("--radius", "X", "of all layers' balls but the last's", \Self.recipe.radius, .positive)
        CommandLineOption("--last-radius", "X", "of the last layer's ball", \Self.recipe.lastRadius, .positive)
        CommandLineOption("--unconstrained", "weights may leave their balls", \Self.isConstrained, false)
        CommandLineOption(
          "--keep-weights", "begins with the weights as they are, not on their balls' boundaries",
          \Self.startsOnBoundary, false)
      }
  }
}
