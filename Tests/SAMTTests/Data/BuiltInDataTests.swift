import Testing

@testable import SAMT

@Suite struct BuiltInDataTests {
  /// The built-in data sets, drawn in the way that their public functions do.
  enum Drawn: CaseIterable {
    case digits, shapes

    func callAsFunction(_ count: Int, of split: Split = .training, seed: UInt64, workers: Int = 2) -> Dataset {
      switch self {
      case .digits: BuiltInDigits.draw(count, of: split, seed: seed, workers: workers)
      case .shapes: BuiltInShapes.draw(count, of: split, seed: seed, workers: workers)
      }
    }

    var exampleShape: Shape { self == .digits ? [1, 28, 28] : [3, 32, 32] }
  }

  @Test(arguments: Drawn.allCases) func shapeAndRange(draw: Drawn) {
    let data = draw(200, seed: 1)
    #expect(data.inputs.shape == draw.exampleShape.batched(200))
    #expect(data.count == 200)
    #expect(data.classCount == 10)
    let moments = Moments(of: data.inputs)
    #expect(moments.minimum == 0)
    #expect(moments.maximum <= 1 && moments.maximum > 0.9)
    for i in 0..<data.count {
      let image = Moments(of: data.batch(i..<i + 1).inputs)
      #expect(image.maximum > 0.4, "example \(i) has no figure")
      #expect(image.mean < 0.75, "example \(i) has no ground")
    }
  }

  @Test(arguments: Drawn.allCases) func noExamplesAreNoExamples(draw: Drawn) {
    let none = draw(0, seed: 1)
    #expect(none.inputs.shape == draw.exampleShape.batched(0))
    #expect(none.labels.isEmpty)
  }

  @Test(arguments: Drawn.allCases) func theSeedDecidesEverything(draw: Drawn) {
    let data = draw(100, seed: 5)
    let again = draw(100, seed: 5)
    #expect(data.inputs.elements == again.inputs.elements)
    #expect(data.labels == again.labels)
    let other = draw(100, seed: 6)
    #expect(data.labels != other.labels)
    #expect(sharedRows(data, other) == 0)
  }

  @Test(arguments: Drawn.allCases, [1, 9, 10, 57]) func fewerAreTheBeginningOfMore(draw: Drawn, count: Int) {
    let few = draw(count, seed: 2)
    let many = draw(100, seed: 2)
    #expect(few.inputs.elements == many.batch(0..<count).inputs.elements)
    #expect(few.labels == many.labels.prefix(count))
  }

  @Test(arguments: Drawn.allCases, [2, 3, 7, 64]) func threadsChangeNothing(draw: Drawn, workers: Int) {
    let alone = draw(50, seed: 3, workers: 1)
    let shared = draw(50, seed: 3, workers: workers)
    #expect(alone.inputs.elements == shared.inputs.elements)
    #expect(alone.labels == shared.labels)
  }

  @Test(arguments: Drawn.allCases) func trainingAndTestExamplesDiffer(draw: Drawn) {
    #expect(sharedRows(draw(120, seed: 4), draw(60, of: .test, seed: 4)) == 0)
  }

  @Test func thePublicFunctionsDrawBothSplits() {
    let digits = Dataset.digits(training: 30, test: 20, seed: 4)
    let shapes = Dataset.shapes(training: 30, test: 20, seed: 4)
    for (draw, found) in [(Drawn.digits, digits), (.shapes, shapes)] {
      #expect(found.training.inputs.elements == draw(30, seed: 4).inputs.elements)
      #expect(found.test.inputs.elements == draw(20, of: .test, seed: 4).inputs.elements)
    }
    #expect(Dataset.digits(count: 30, seed: 4).inputs.elements == digits.training.inputs.elements)
    #expect(Dataset.shapes(count: 30, seed: 4).inputs.elements == shapes.training.inputs.elements)
  }

  @Test(arguments: Drawn.allCases, [40, 101, 303]) func classesAreBalancedAndMixed(draw: Drawn, count: Int) {
    let labels = draw(count, seed: 8).labels
    var counts = [Int](repeating: 0, count: 10)
    for label in labels { counts[Int(label)] += 1 }
    #expect(counts.allSatisfy { $0 == count / 10 || $0 == count / 10 + 1 }, "\(counts)")
    #expect(labels.prefix(10) != labels.dropFirst(10).prefix(10))
    #expect(Array(labels) != labels.sorted())
  }

  /// A person tells the classes apart, so the mean images must too, but a task that they solve would be no task.
  @Test(arguments: [(Drawn.digits, 300...450), (.shapes, 85...200)])
  func aNearestMeanClassifierFindsItNeitherHopelessNorEasy(draw: Drawn, expected: ClosedRange<Int>) {
    let (training, test) = (draw(1000, seed: 9), draw(500, of: .test, seed: 9))
    let pixels = training.exampleShape.count
    var sums = [[Float]](repeating: [Float](repeating: 0, count: pixels), count: 10)
    let images = training.inputs.elements
    for (i, label) in training.labels.enumerated() {
      for j in 0..<pixels { sums[Int(label)][j] += images[i * pixels + j] / 100 }
    }
    // |x - m|^2 is least where x.m - |m|^2 / 2 is greatest: a linear classifier.
    let means = Tensor(sums.flatMap { $0 }, shape: [10, pixels])
    let halfNorms = Tensor(sums.map { row in -row.reduce(0) { $0 + $1 * $1 } / 2 }, shape: [10])
    var scores = Tensor(zeros: [500, 10])
    Kernels.multiply(test.inputs, means, transposeB: true, into: &scores, bias: halfNorms)
    let correct = Kernels.countCorrect(logits: scores, labels: test.labels[...])
    // Measured: about 370 and 120; chance is 50.
    #expect(expected.contains(correct), "\(correct) of 500")
  }

  /// A filled outline has neither holes nor seams: inside it the colour is one, but for noise.
  @Test func aFilledOutlineIsCoveredWhole() {
    var field = DistanceField(side: 16)
    let square = Stroke(.corner(3, 4), .corner(12, 4), .corner(12, 11), .corner(3, 11), isClosed: true)
    let outline = square.flattened(pieces: 3)
    #expect(outline.first?.x == outline.last?.x && outline.first?.y == outline.last?.y)
    field.draw(outline, radius: (0.5, 0.5), softness: 1)
    field.fill(outline)
    field.forEachPixel(softness: 1) { index, coverage in
      let (row, column) = (index / 16, index % 16)
      let isInside = (4..<11).contains(row) && (3..<12).contains(column)
      let isNear = (3..<12).contains(row) && (2..<13).contains(column)
      if isInside { #expect(coverage == 1, "row \(row), column \(column)") }
      if !isNear { #expect(coverage == 0, "row \(row), column \(column)") }
    }
    field.clear()
    field.forEachPixel(softness: 1) { #expect($1 == 0, "pixel \($0)") }
  }

  private func sharedRows(_ a: Dataset, _ b: Dataset) -> Int {
    func rows(_ data: Dataset) -> Set<[Float]> {
      Set((0..<data.count).map { data.batch($0..<$0 + 1).inputs.elements })
    }
    let (first, second) = (rows(a), rows(b))
    #expect(first.count == a.count && second.count == b.count, "an image occurs twice")
    return first.intersection(second).count
  }
}
