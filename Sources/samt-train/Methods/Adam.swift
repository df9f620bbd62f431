import SAMT

extension Method {
  static var adam: Method { adam("adam", "Adam (Kingma and Ba 2015)", weightDecay: 0) }
  static var adamW: Method {
    adam("adamw", "Adam with decoupled decay (Loshchilov and Hutter 2019)", weightDecay: 0.01)
  }

  private static func adam(_ name: String, _ summary: String, weightDecay: Float) -> Method {
    Method(
      name, summary, BackpropagationSettings(learningRate: 1e-3, weightDecay: weightDecay),
      options: BackpropagationSettings.groupedOptions
    ) { (settings, context) throws(SAMTError) in
      try settings.algorithm(context) { (parameters, learningRate, weightDecay) throws(SAMTError) in
        try Adam(parameters, learningRate: learningRate, weightDecay: weightDecay)
      }
    }
  }
}
