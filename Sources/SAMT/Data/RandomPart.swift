/// A part of examples that is chosen at random, and the rest.
package struct RandomPart: Equatable {
  /// The positions of the chosen examples, ascending.
  package let part: [Int]
  /// The positions of the others, ascending.
  package let rest: [Int]

  /// A part of `count` examples, round(fraction x count) of them.
  ///
  /// Of classes, the part has the given fraction of each, but for less than one example.
  ///
  /// - Parameter classes: each example's class; nil where there are none.
  init(_ fraction: Double, of count: Int, classes: ArraySlice<Int32>?, using generator: consuming Generator) {
    var order = Array(0..<count)
    generator.shuffle(&order)
    // Class by class; a quota that runs through all of them gives each its fraction, and the whole too.
    let groups =
      classes.map { classes in
        Dictionary(grouping: order) { classes[classes.startIndex + $0] }.sorted { $0.key < $1.key }.map(\.value)
      } ?? [order]
    var isChosen = [Bool](repeating: false, count: count)
    var (passed, chosen) = (0, 0)
    for group in groups {
      passed += group.count
      let quota = Int((fraction * Double(passed)).rounded())
      for index in group.prefix(quota - chosen) { isChosen[index] = true }
      chosen = quota
    }
    part = (0..<count).filter { isChosen[$0] }
    rest = (0..<count).filter { !isChosen[$0] }
  }

  /// The part that ``Dataset/split(fraction:seed:)`` chooses.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a fraction out of range, or one that leaves nothing on either side.
  package init(
    fraction: Double, of count: Int, classes: ArraySlice<Int32>?, seed: UInt64
  ) throws(SAMTError) {
    guard fraction > 0, fraction < 1 else {
      throw .configuration("the fraction of a split must be above 0 and below 1, found \(fraction)")
    }
    self.init(fraction, of: count, classes: classes, using: Generator(seed: seed, for: .split))
    guard !part.isEmpty, !rest.isEmpty else {
      throw .configuration("a fraction of \(fraction) of \(count) examples leaves none on one side")
    }
  }
}
