import SAMT

extension Method {
  static var adam: Method { adam("adam", "Adam (Kingma and Ba 2015)", weightDecay: 0) }
  static var adamW: Method {
    adam("adamw", "Adam with decoupled decay (Loshchilov and Hutter 2019)", weightDecay: 0.01)
  }

  private static func adam(_ name: String, _ summary: String, weightDecay: Float) -> Method {
    Method(
      name, summary, BackpropagationSettings(learningRate: 1e-3, weightDecay: weightDecay),
      options: BackpropagationSettings.options
    ) { (settings, context) throws(SAMTError) in
      let rule = try Adam(
        context.model.trainableParameters, learningRate: settings.learningRate, weightDecay: settings.weightDecay)
      return try settings.algorithm(rule, context)
    }
  }
}
