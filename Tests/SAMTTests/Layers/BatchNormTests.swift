import SAMT
import SAMTTestSupport
import Testing

@Suite struct BatchNormTests {
  /// 2 examples of 2 channels with 1 x 2 pixels: channel 0 holds 1, 3, 5, 7 and channel 1 holds 2, 2, 2, 6.
  private let images = Tensor([1, 3, 2, 2, 5, 7, 2, 6], shape: [2, 2, 1, 2])

  private func model(_ layer: BatchNorm2d) throws -> Model {
    try Model(input: [2, 1, 2]) { layer }
  }

  @Test func aBatchIsNormalizedByItsOwnMoments() throws {
    let executor = ModelExecutor(for: try model(BatchNorm2d(2, epsilon: 1)), batchSize: 2)
    executor.load(images)
    // Means 4 and 3, biased variances 5 and 3: divided by sqrt(6) and 2.
    let root = Float(6).squareRoot()
    let expected = [-3 / root, -1 / root, -0.5, -0.5, 1 / root, 3 / root, -0.5, 1.5]
    let found = executor.output().elements
    try #require(found.count == expected.count)
    for i in found.indices { #expect(abs(found[i] - expected[i]) <= 4 * expected[i].magnitude.ulp, "\(i)") }
  }

  /// Half way from 0 and 1 to the means, and to the unbiased variances 20 / 3 and 4; then again.
  @Test func runningStatisticsMoveOncePerBatch() throws {
    let layer = BatchNorm2d(2, momentum: 0.5)
    let executor = ModelExecutor(for: try model(layer), batchSize: 2)
    func expect(_ mean: [Float], _ variance: [Float]) {
      for c in 0..<2 {
        #expect(abs(layer.runningMean.elements[c] - mean[c]) <= 2 * mean[c].ulp)
        #expect(abs(layer.runningVariance.elements[c] - variance[c]) <= 4 * variance[c].ulp)
      }
    }
    executor.load(images)
    _ = executor.output()
    expect([2, 1.5], [23.0 / 6, 2.5])
    for _ in 0..<3 {
      executor.invalidate(from: 0)
      _ = executor.output()
    }
    expect([2, 1.5], [23.0 / 6, 2.5])
    executor.load(images)
    _ = executor.output()
    expect([3, 2.25], [21.0 / 4, 3.25])
  }

  /// One poisoned channel is enough: the others' statistics stay as well, and so does the number of batches.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aPoisonedBatchLeavesNoTrace(_ poison: Float) throws {
    let layer = BatchNorm2d(2)
    let executor = ModelExecutor(for: try model(layer), batchSize: 2)
    func count(_ batch: Tensor) -> [[UInt32]] {
      executor.load(batch)
      _ = executor.output()
      return [bits(layer.runningMean), bits(layer.runningVariance)]
    }
    let before = count(images)
    var elements = images.elements
    elements[5] = poison
    #expect(count(Tensor(elements, shape: images.shape)) == before)
    #expect(layer.batchesTracked == 1)
    #expect(count(images) != before && layer.batchesTracked == 2)
  }

  /// The difference of a mean of -3e38 to a running one of 3e38 is infinite.
  @Test func runningStatisticsNeverOverflow() throws {
    let layer = BatchNorm2d(2)
    layer.runningMean = Tensor([3e38, 0], shape: [2])
    let executor = ModelExecutor(for: try model(layer), batchSize: 2)
    executor.load(Tensor([-3e38, -3e38, 2, 2, -3e38, -3e38, 2, 6], shape: [2, 2, 1, 2]))
    _ = executor.output()
    #expect(layer.runningMean.elements[0].isFinite && layer.runningVariance.elements.allSatisfy(\.isFinite))
  }

  /// A sweep takes its steps on a poisoned batch back; what it evaluated on the way leaves no trace either.
  @Test func aGuardedSweepOverAPoisonedBatchChangesNothing() throws {
    let norms = [BatchNorm1d(6), BatchNorm1d(4)]
    let model = try Model(input: [5], seed: 2) {
      Linear(5, 6)
      norms[0]
      Tanh()
      Linear(6, 4)
      norms[1]
    }
    let executor = ModelExecutor(for: model, batchSize: 8)
    let algorithm = try SAMTOptimizer(for: model)
    var batch = randomBatch(8, inputs: 5, classes: 4, seed: 1)
    _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    func values() -> [[UInt32]] { (model.parameters.map(\.value) + model.buffers.map(\.value)).map { bits($0) } }
    let before = values()
    batch.inputs.withMutableSpan { $0[3] = .nan }
    _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
    #expect(values() == before)
  }

  @Test func inferenceUsesRunningStatisticsAndLeavesThem() throws {
    let layer = BatchNorm2d(2, epsilon: 1)
    let model = try model(layer)
    layer.runningMean = Tensor([1, 2], shape: [2])
    layer.runningVariance = Tensor([3, 0], shape: [2])
    let before = (bits(layer.runningMean), bits(layer.runningVariance))
    #expect(model(images).elements == [0, 1, 0, 0, 2, 3, 0, 4])
    #expect(before == (bits(layer.runningMean), bits(layer.runningVariance)))
  }

  /// A sweep evaluates a batch once for every block, and counts it once: at the parameters it found.
  @Test func aSweepCountsABatchOnce() throws {
    func statistics(sweeps: Bool) throws -> [[UInt32]] {
      let norms = [BatchNorm1d(6), BatchNorm1d(4)]
      let model = try Model(input: [5], seed: 2) {
        Linear(5, 6)
        norms[0]
        Residual { Linear(6, 6) }
        Tanh()
        Linear(6, 4)
        norms[1]
      }
      let executor = ModelExecutor(for: model, batchSize: 8)
      let batch = randomBatch(8, inputs: 5, classes: 4, seed: 1)
      let algorithm: any TrainingAlgorithm =
        sweeps ? try SAMTOptimizer(for: model) : Backpropagation(try SGD(model.parameters, learningRate: 0.1))
      _ = algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy())
      #expect((executor.passes.forward > model.trainableLayers.count) == sweeps)
      return norms.flatMap { [bits($0.runningMean), bits($0.runningVariance)] }
    }
    #expect(try statistics(sweeps: true) == statistics(sweeps: false))
  }

  @Test func oneElementIsTooFew() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let executor = ModelExecutor(for: try Model(input: [3]) { BatchNorm1d(3, name: "bn") }, batchSize: 1)
      executor.load(Tensor(zeros: [1, 3]))
      _ = executor.output()
    }
    expectMessage(result, "bn: the variance of a batch with one element")
  }

  @Test func shapesAreChecked() throws {
    #expect(try BatchNorm2d(3).outputShape(for: [2, 3, 4, 5]) == [2, 3, 4, 5])
    #expect(try BatchNorm1d(3).outputShape(for: [2, 3]) == [2, 3])
    #expect(try BatchNorm1d(3).outputShape(for: [2, 3, 4]) == [2, 3, 4])
    for shape: Shape in [[2, 3], [2, 4, 4, 5], [2, 3, 4]] {
      #expect(throws: SAMTError.shape(layer: "norm", expected: "[*, 3, height, width]", found: shape)) {
        try BatchNorm2d(3).outputShape(for: shape)
      }
    }
    #expect(throws: SAMTError.shape(layer: "norm", expected: "[*, 3] or [*, 3, length]", found: [2, 4])) {
      try BatchNorm1d(3).outputShape(for: [2, 4])
    }
    #expect(BatchNorm2d(3).parameters.map(\.name) == ["weight", "bias"])
    #expect(BatchNorm2d(3, affine: false).parameters.isEmpty)
  }
}
