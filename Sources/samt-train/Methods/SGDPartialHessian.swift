import CommandLineOptions
import SAMT

extension Method {
  static var sgdPartialHessian: Method {
    Method(
      "sgd-ph", "momentum, biases and gains by their curvature (Sun, Yong and Zhang 2024)", PartialHessianSettings(),
      options: PartialHessianSettings.options
    ) { (settings, context) throws(SAMTError) in
      let rule = try SGDPartialHessian(
        context.model.layers, learningRate: settings.common.learningRate, scale: settings.scale,
        epsilon: settings.damping, difference: settings.difference, weightDecay: settings.common.weightDecay)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct PartialHessianSettings {
  var common = BackpropagationSettings(learningRate: 0.1)
  var scale: Float = 1e-3
  var damping: Float = 1e-4
  var difference: Float = 0x1p-7

  static var options: OptionTable<Self> {
    BackpropagationSettings.optionsOfOneMinibatch.lifted(\Self.common)
      + OptionTable {
        CommandLineOption(
          "--curvature-scale", "X", "curvature at which a step is as long as without it", \Self.scale, .positive)
        CommandLineOption("--curvature-damping", "X", "added to the curvature", \Self.damping, .positive)
        CommandLineOption(
          "--difference", "X", "by which parameters are displaced for the curvature", \Self.difference, .positive)
      }
  }
}
