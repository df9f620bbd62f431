/// What a block's gradient where a window begins says about its steps in it: a factor on the block's step size.
public protocol StepProposal: Stateful {
  /// Takes in the gradient's statistics, and returns the logarithm of the factor.
  func propose(_ statistics: Moments) -> Double

  /// Learns from the slope's ratio where the window ended (``PathSums/ratio``).
  func learn(ratio: Double, at time: LessonTime)
}

/// Which proposal each block has.
public struct ProposalRule: Sendable {
  private let make: @Sendable (Model.Block) throws(SAMTError) -> any StepProposal

  /// A rule of your own.
  public init(_ make: @escaping @Sendable (Model.Block) throws(SAMTError) -> any StepProposal) { self.make = make }

  /// A proposal for the block, with nothing learned yet.
  public func callAsFunction(_ block: Model.Block) throws(SAMTError) -> any StepProposal { try make(block) }

  /// ``EtaModelProposal`` for every block, drawn from `seed`.
  public static func etaModel(
    seed: UInt64 = 0, learningRate: Double = EtaModelProposal.defaultLearningRate
  ) -> ProposalRule {
    ProposalRule { block throws(SAMTError) in
      try EtaModelProposal(layer: block.layer, seed: seed, learningRate: learningRate)
    }
  }
}
