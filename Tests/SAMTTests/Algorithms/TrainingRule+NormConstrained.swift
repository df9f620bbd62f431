import SAMT

extension TrainingRule {
  /// The rules whose step has a norm of its own.
  static let normConstrained: [TrainingRule] = [
    TrainingRule("Muon and AdamW") {
      var configuration = Muon.Configuration()
      configuration.scale = .matchRMSAdamW
      return Backpropagation(
        try Muon.withAdamW($0.parameters, learningRate: 0.01, weightDecay: 0.01, configuration: configuration))
    },
    TrainingRule("Scion") {
      Backpropagation(
        try Scion(
          $0.parameters, balls: ScionRecipe.mlp.balls(of: $0.parameters), learningRate: 0.01, alpha: 0.1))
    },
  ]
}
