extension Dataset {
  /// Class weights under which all classes count alike: examples / (classes x examples of the class).
  ///
  /// Their mean over the examples is 1. Classes without examples are not counted and have weight 0; empty where targets
  /// are values.
  public var balancedClassWeights: [Float] {
    var counts = [Int](repeating: 0, count: classCount ?? 0)
    for label in labels where counts.indices.contains(Int(label)) { counts[Int(label)] += 1 }
    let present = counts.count { $0 > 0 }
    let total = counts.reduce(0, +)
    return counts.map { $0 == 0 ? 0 : Float(Double(total) / (Double(present) * Double($0))) }
  }

  /// The same examples with a value for each class in place of the class: 1 for the example's own, 0 for the others.
  ///
  /// For losses that treat each class as a question of its own, such as ``BinaryCrossEntropy``. An example of a label
  /// that stands for no class has zeros alone. The names of the classes stay, and values stay as they are.
  public var withIndicators: Dataset {
    guard let classCount else { return self }
    var indicators = Tensor(zeros: [count, classCount])
    indicators.withMutablePointer { out in
      for (index, label) in labels.enumerated() where (0..<classCount).contains(Int(label)) {
        out[index * classCount + Int(label)] = 1
      }
    }
    return Dataset(storage, .values(indicators), classCount: nil, classNames: classNames)
  }
}
