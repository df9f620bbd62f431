import Testing

@testable import SAMT

@Suite struct BuiltInDigitsTests {
  @Test func shapeAndRange() {
    let digits = Dataset.digits(count: 200, seed: 1)
    #expect(digits.inputs.shape == [200, 1, 28, 28])
    #expect(digits.count == 200)
    #expect(digits.classCount == 10)
    let moments = Moments(of: digits.inputs)
    #expect(moments.minimum == 0)
    #expect(moments.maximum <= 1 && moments.maximum > 0.9)
    for i in 0..<digits.count {
      let image = Moments(of: digits.batch(i..<i + 1).inputs)
      #expect(image.maximum > 0.4, "example \(i) has no ink")
      #expect(image.mean < 0.5, "example \(i) has no ground")
    }
  }

  @Test func noExamplesAreNoExamples() {
    let none = Dataset.digits(count: 0, seed: 1)
    #expect(none.inputs.shape == [0, 1, 28, 28])
    #expect(none.labels.isEmpty)
  }

  @Test func theSeedDecidesEverything() {
    let digits = Dataset.digits(count: 100, seed: 5)
    let again = Dataset.digits(count: 100, seed: 5)
    #expect(digits.inputs.elements == again.inputs.elements)
    #expect(digits.labels == again.labels)
    let other = Dataset.digits(count: 100, seed: 6)
    #expect(digits.labels != other.labels)
    #expect(sharedRows(digits, other) == 0)
  }

  @Test(arguments: [1, 9, 10, 57]) func fewerAreTheBeginningOfMore(count: Int) {
    let few = Dataset.digits(count: count, seed: 2)
    let many = Dataset.digits(count: 100, seed: 2)
    #expect(few.inputs.elements == many.batch(0..<count).inputs.elements)
    #expect(few.labels == Array(many.labels.prefix(count)))
  }

  @Test(arguments: [2, 3, 7, 64]) func threadsChangeNothing(workers: Int) {
    let alone = BuiltInDigits.draw(50, of: .training, seed: 3, workers: 1)
    let shared = BuiltInDigits.draw(50, of: .training, seed: 3, workers: workers)
    #expect(alone.inputs.elements == shared.inputs.elements)
    #expect(alone.labels == shared.labels)
  }

  @Test func trainingAndTestExamplesDiffer() {
    let (training, test) = Dataset.digits(training: 120, test: 60, seed: 4)
    #expect(training.count == 120 && test.count == 60)
    #expect(training.inputs.elements == Dataset.digits(count: 120, seed: 4).inputs.elements)
    #expect(sharedRows(training, test) == 0)
  }

  @Test(arguments: [40, 101, 1003]) func classesAreBalancedAndMixed(count: Int) {
    let labels = Dataset.digits(count: count, seed: 8).labels
    var counts = [Int](repeating: 0, count: 10)
    for label in labels { counts[Int(label)] += 1 }
    #expect(counts.allSatisfy { $0 == count / 10 || $0 == count / 10 + 1 }, "\(counts)")
    #expect(labels.prefix(10) != labels.dropFirst(10).prefix(10))
    #expect(labels != labels.sorted())
  }

  /// A person tells the classes apart, so the mean images must too, but a task that they solve would be no task.
  @Test func aNearestMeanClassifierFindsItNeitherHopelessNorEasy() {
    let (training, test) = Dataset.digits(training: 1000, test: 500, seed: 9)
    let pixels = 28 * 28
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
    // Measured: about 370.
    #expect(correct > 300 && correct < 450, "\(correct) of 500")
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
