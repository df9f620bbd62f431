extension Trainer {
  /// What must be the same on all ranks for their steps to be the same.
  private enum Agreement: String, CaseIterable {
    case instructionSet = "another instruction set (SAMT_ISA chooses one)"
    case settings = "other settings"
    case data = "other training data"
    case state = "another state: weights, or a checkpoint"
  }

  /// - Throws: ``SAMTError/communication(_:)`` that says which rank differs from rank 0, and in what.
  func requireAgreement(on training: Dataset) throws(SAMTError) {
    guard communicator.size > 1 else { return }
    for matter in Agreement.allCases {
      let digests = communicator.gather(digest(of: matter, training).value)
      if let rank = digests.firstIndex(where: { $0 != digests[0] }) {
        throw .communication("rank \(rank) has \(matter.rawValue) than rank 0")
      }
    }
  }

  private func digest(of matter: Agreement, _ training: Dataset) -> Digest {
    var digest = Digest()
    switch matter {
    case .instructionSet: digest.add(KernelISA.active.rawValue)
    case .settings: digest.add(JSONText.encode(configuration))
    case .data:
      digest.add(UInt64(training.count))
      for start in stride(from: 0, to: training.count, by: 256) {
        digest.add(training.batch(start..<min(start + 256, training.count)).inputs)
      }
      switch training.targets {
      case .classes(let labels): for label in labels { digest.add(UInt64(bitPattern: Int64(label))) }
      case .values(let values): digest.add(values)
      }
    case .state:
      let state = State(of: self)
      for name in state.names {
        digest.add(name)
        if case .tensor(let tensor)? = state[name] { digest.add(tensor) }
      }
    }
    return digest
  }
}
