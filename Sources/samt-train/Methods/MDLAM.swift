import CommandLineOptions
import SAMT

extension Method {
  static var mdlam: Method {
    Method(
      "mdlam", "alternating minimization without backpropagation, of MLPs, on all examples at once (Wang et al. 2022)",
      MDLAMSettings(), options: MDLAMSettings.options, takesMinibatches: false
    ) { (settings, context) throws(SAMTError) in
      try MDLAM(for: context.model, examples: context.examples, settings.configuration)
    }
  }
}

/// mDLAM's settings, as they are asked for.
private struct MDLAMSettings {
  var configuration = MDLAM.Configuration()

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption(
        "--penalty", "X", "rho, what residuals of the linear layers cost", \Self.configuration.penalty, .positive)
      CommandLineOption(
        "--weight-penalty", "X", "mu, what weights cost", \Self.configuration.weightPenalty, .number(0...1_000_000))
      CommandLineOption(
        "--tolerance", "X", "how far activations may be from those of the layer before, in the end",
        \Self.configuration.finalTolerance, .number(1e-6...100))
      CommandLineOption(
        "--no-acceleration", "updates begin where the variables are", \Self.configuration.isAccelerated, false)
    }
  }
}
