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
    guard fraction > 0, fraction < 1 else {
      throw .configuration("the fraction of a split must be above 0 and below 1, found \(fraction)")
    }
    var order = Array(0..<count)
    var generator = Generator(seed: seed, for: .split)
    generator.shuffle(&order)
    // Class by class; a quota that runs through all of them gives each its fraction, and the whole too.
    let groups =
      classCount == nil
      ? [order]
      : Dictionary(grouping: order) { labels[labels.startIndex + $0] }
        .sorted { $0.key < $1.key }.map(\.value)
    var part: [Int] = []
    var passed = 0
    for group in groups {
      passed += group.count
      part += group.prefix(Int((fraction * Double(passed)).rounded()) - part.count)
    }
    guard !part.isEmpty, part.count < count else {
      throw .configuration("a fraction of \(fraction) of \(count) examples leaves none on one side")
    }
    let chosen = Set(part)
    return (selecting((0..<count).filter { !chosen.contains($0) }), selecting(part.sorted()))
  }
}
