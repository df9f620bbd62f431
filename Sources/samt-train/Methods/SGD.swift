import SAMT

extension Method {
  static var sgd: Method { sgd("sgd", "stochastic gradient descent", rate: 1, momentum: 0) }
  static var momentum: Method { sgd("momentum", "SGD with momentum 0.9", rate: 0.1, momentum: 0.9) }
  static var nesterov: Method {
    sgd("nesterov", "SGD with Nesterov's momentum 0.9", rate: 0.1, momentum: 0.9, nesterov: true)
  }

  private static func sgd(
    _ name: String, _ summary: String, rate: Float, momentum: Float, nesterov: Bool = false
  ) -> Method {
    Method(
      name, summary, BackpropagationSettings(learningRate: rate), options: BackpropagationSettings.groupedOptions
    ) { (settings, context) throws(SAMTError) in
      try settings.algorithm(context) { (parameters, learningRate, weightDecay) throws(SAMTError) in
        try SGD(
          parameters, learningRate: learningRate, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
      }
    }
  }
}
