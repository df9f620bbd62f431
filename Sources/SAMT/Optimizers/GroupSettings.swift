/// How a group's parameters are trained otherwise than the rest.
public struct GroupSettings: Sendable, Equatable {
  /// A factor on the learning rate.
  public var rateFactor: Float
  /// The weight decay, of decayed parameters only, in place of the rest's; nil for the same.
  public var weightDecay: Float?

  /// By default nothing differs.
  public init(rateFactor: Float = 1, weightDecay: Float? = nil) {
    self.rateFactor = rateFactor
    self.weightDecay = weightDecay
  }
}

extension ParameterGroups where Setting == GroupSettings {
  /// Makes a rule of one set of parameters, with a learning rate and a weight decay.
  public typealias MakeOptimizer = (
    _ parameters: [Parameter], _ learningRate: Float, _ weightDecay: Float
  ) throws(SAMTError) -> any Optimizer

  /// An optimizer of `parameters`: what `make` makes of each group (``GroupedOptimizer``), or of all together where there
  /// are no groups.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where a group selects none of the parameters, two groups the same, or a
  ///   factor is not positive and finite; whatever `make` throws.
  public func optimizer(
    of parameters: [Parameter], learningRate: Float, weightDecay: Float = 0, _ make: MakeOptimizer
  ) throws(SAMTError) -> any Optimizer {
    guard !groups.isEmpty else {
      return try make(parameters, rest.rateFactor * learningRate, rest.weightDecay ?? weightDecay)
    }
    for (selector, settings) in groups where !(settings.rateFactor > 0 && settings.rateFactor.isFinite) {
      throw .configuration(
        "the group \(selector) needs a rate factor that is positive and finite, found \(settings.rateFactor)")
    }
    var optimizers: [any Optimizer] = []
    for (settings, members) in try partition(parameters) {
      optimizers.append(
        try make(members, settings.rateFactor * learningRate, settings.weightDecay ?? rest.weightDecay ?? weightDecay))
    }
    return try GroupedOptimizer(optimizers)
  }
}
