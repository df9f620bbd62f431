extension Dataset {
  /// The examples at `positions`, in that order; copied, but for inputs in mapped files.
  ///
  /// - Precondition: positions of examples.
  public func selecting(_ positions: [Int]) -> Dataset {
    ensure(positions.allSatisfy { (0..<count).contains($0) }, "positions outside 0 ..< \(count)")
    var targets = targets
    targets.assign(positions[...], of: self.targets)
    return Dataset(storage.selecting(positions), targets, classCount: classCount, classNames: classNames)
  }

  /// A part of the examples, chosen at random, and the rest, both in their old order.
  ///
  /// Of classes, the part has the given fraction of each, but for less than one example.
  ///
  /// - Parameters:
  ///   - fraction: of the examples that go to the part, above 0 and below 1.
  ///   - seed: where the choice comes from.
  /// - Throws: ``SAMTError/configuration(_:)`` for a fraction out of range, or one that leaves nothing on either side.
  public func split(fraction: Double, seed: UInt64) throws(SAMTError) -> (rest: Dataset, part: Dataset) {
    let chosen = try RandomPart(fraction: fraction, of: count, classes: classes, seed: seed)
    return (selecting(chosen.rest), selecting(chosen.part))
  }
}
