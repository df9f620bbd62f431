import SAMT

extension TrainingRule {
  /// Rules whose step has a norm of its own, and those that look at more than gradients.
  static let normConstrained: [TrainingRule] = [
    TrainingRule("Muon and AdamW") {
      var configuration = Muon.Configuration()
      configuration.scale = .matchRMSAdamW
      return Backpropagation(
        try Muon.withAdamW($0.parameters, learningRate: 0.01, weightDecay: 0.01, configuration: configuration))
    },
    TrainingRule("Scion") {
      var recipe = ScionRecipe.mlp
      recipe.radius = 4
      recipe.lastRadius = 64
      return Backpropagation(
        try Scion($0.parameters, balls: recipe.balls(of: $0.parameters), learningRate: 0.05, alpha: recipe.alpha),
        schedule: .cosine(over: 300))
    },
    TrainingRule("AdaFisher") { Backpropagation(try AdaFisher($0.layers, learningRate: 1e-4, interval: 4)) },
    TrainingRule("RAMDA, group lasso") { Backpropagation(try RAMDA($0.parameters, groupLasso: 1e-4)) },
    TrainingRule("AdaS") { Backpropagation(try AdaS($0.parameters, stepsPerEpoch: 8)) },
  ]
}
