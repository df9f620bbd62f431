import SAMT

extension Method {
  static var nadamW: Method {
    var usual = BackpropagationSettings(learningRate: 1e-3, weightDecay: 0.01)
    usual.schedule.kind = .cosine
    usual.schedule.warmUp = .percentage(2)
    return Method(
      "nadamw", "Adam with a look ahead and decoupled decay (Dozat 2016)", usual,
      options: BackpropagationSettings.groupedOptions
    ) { (settings, context) throws(SAMTError) in
      try settings.algorithm(context) { (parameters, learningRate, weightDecay) throws(SAMTError) in
        try NAdamW(parameters, learningRate: learningRate, weightDecay: weightDecay)
      }
    }
  }
}
