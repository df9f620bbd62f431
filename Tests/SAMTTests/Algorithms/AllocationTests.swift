import AllocationCounter
import SAMT
import SAMTTestSupport
import Testing

/// After the first steps at a batch size, a training step allocates nothing: not in Swift, not in C, not in any thread.
///
/// Counted in a process of their own, where nothing else runs. It holds without optimization too, where walking over an
/// array by `for element in array` takes memory for every element: loops that belong to a step go over indices.
@Suite struct AllocationTests {
  /// Large enough that the kernels share their work between threads.
  private static func model() throws -> Model {
    try Model(input: [256], seed: 1) {
      Dropout(0.1)
      Linear(256, 512)
      ReLU()
      Dropout(0.25)
      Linear(512, 64)
      Tanh()
      Linear(64, 10)
    }
  }

  /// Every layer for images, and a residual connection.
  private static func imageModel() throws -> Model {
    try Model(input: [1, 16, 16], seed: 1) {
      Conv2d(1, 16, kernelSize: 3, padding: 1, bias: false)
      BatchNorm2d(16)
      Residual {
        Conv2d(16, 24, kernelSize: 3, stride: 2, padding: 1)
        ReLU()
        Dropout2d(0.1)
      } projection: {
        AvgPool2d(kernelSize: 2)
        Conv2d(16, 24, kernelSize: 1)
      }
      Residual { Conv2d(24, 24, kernelSize: 3, padding: 1, groups: 2) }
      MaxPool2d(kernelSize: 2)
      LayerNorm([24, 4, 4])
      GlobalAveragePool()
      BatchNorm1d(24)
      Linear(24, 10)
    }
  }

  private static func data() -> Dataset {
    let inputs = GradientCheck.values([7 * 128, 256], magnitudes: 0...1, seed: 1)
    return Dataset(inputs: inputs, labels: (0..<7 * 128).map { Int32($0 % 10) }, classCount: 10)
  }

  /// Two steps to make buffers, then five that are counted.
  private static func countAllocations(threads: Int) throws {
    Threads.count = threads
    let data = data()
    // Windows of 1, 2 and 2 moves: all that happens in a step happens while it is counted, but for the search.
    let replay = TrainingRule.replay(steps: 100, batchSize: 128) {
      $0.window.examples = 2
      $0.window.shortest = 2
      $0.proposal = .etaModel()
    }
    let models = (TrainingRule.elementwise + TrainingRule.alternating + [replay]).map { ($0, model) }
    let imageRules = TrainingRule.elementwise.suffix(1) + TrainingRule.alternating.prefix(1) + [replay]
    let whole = (models + imageRules.map { ($0, imageModel) }).map { ($0, $1, 1) }
    let observing = TrainingRule.all.filter { $0.testDescription == "AdaFisher" }
    let divided = ([TrainingRule.elementwise[3]] + observing + imageRules).map { ($0, imageModel, 3) }
    for (rule, make, shards) in whole + divided {
      let model = try make()
      let algorithm = try rule.make(model)
      let average = try WeightAverage(of: model.parameters, .polynomial(gamma: 10))
      let executor = ModelExecutor(for: model, batchSize: 128, shards: shards, on: LocalCommunicator())
      executor.metrics = MetricAccumulator([Accuracy(), TopKAccuracy(3), ConfusionMatrix()], outputs: 10)
      let loss = SoftmaxCrossEntropy()
      func step(_ index: Int) -> Double {
        let report = algorithm.step(data.batch(index * 128..<(index + 1) * 128), in: executor, loss: loss)
        average.update()
        return report.loss
      }
      var losses = step(0) + step(1)
      allocation_counter_start()
      for index in 2..<7 { losses += step(index) }
      let count = allocation_counter_stop()
      if count > 0 { allocation_counter_print() }
      #expect(count == 0, "\(rule.testDescription), \(threads) threads, shards: \(shards)")
      #expect(losses.isFinite, "\(rule.testDescription)")
    }
  }

  @Test(.enabled(if: allocation_counter_works()))
  func aStepAllocatesNothingOnOneThread() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      try AllocationTests.countAllocations(threads: 1)
    }
    expectNoTraces(result)
  }

  @Test(.enabled(if: allocation_counter_works()))
  func aStepAllocatesNothingOnTwoThreads() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      try AllocationTests.countAllocations(threads: 2)
    }
    expectNoTraces(result)
  }

  /// Batches augmented here and on another thread, each held until the next one is taken, as an executor does.
  private static func countPipelineAllocations(_ augmentation: Augmentation?, prefetches: Bool) throws {
    Threads.count = 2
    let data = data()
    let images = Dataset(
      inputs: data.inputs.reshaped(to: [data.count, 1, 16, 16]), labels: Array(data.labels), classCount: 10)
    let pipeline = try BatchPipeline(
      for: images, batchSize: 32, augmentation: augmentation, prefetches: prefetches, seed: 1)
    let model = try model()
    let algorithm = Backpropagation(try Adam(model.parameters))
    let executor = ModelExecutor(for: model, batchSize: 32)
    var (step, count, losses) = (0, 0, 0.0)
    pipeline.forEachBatch(epoch: 1) { batch in
      losses += algorithm.step(batch, in: executor, loss: SoftmaxCrossEntropy()).loss
      step += 1
      // All buffers were in use once; what ends the other thread comes after the last batch that is counted.
      if step == 6 { allocation_counter_start() }
      if step == 26 { count = Int(allocation_counter_stop()) }
      return true
    }
    if count > 0 { allocation_counter_print() }
    #expect(step == 28)
    #expect(count == 0, "\(String(describing: augmentation)), prefetching: \(prefetches)")
    #expect(losses.isFinite)
  }

  @Test(.enabled(if: allocation_counter_works()))
  func batchesAllocateNothing() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      try AllocationTests.countPipelineAllocations(Augmentation(), prefetches: false)
      try AllocationTests.countPipelineAllocations(nil, prefetches: false)
    }
    expectNoTraces(result)
  }

  @Test(.enabled(if: allocation_counter_works()))
  func prefetchingAllocatesNothing() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      try AllocationTests.countPipelineAllocations(Augmentation(), prefetches: true)
    }
    expectNoTraces(result)
  }

  /// Where allocations came from, for the report: addresses, for `addr2line` or `atos`.
  private func expectNoTraces(_ result: ExitTest.Result?) {
    let traces = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(!traces.contains("--\n"), "\(traces)")
  }

  /// The negative control: allocations of every kind are seen.
  @Test(.enabled(if: allocation_counter_works()))
  func allocationsAreCounted() async {
    await #expect(processExitsWith: .success) {
      let size = Int.random(in: 1000...1001)
      func counted(_ body: () -> Void) -> Int {
        allocation_counter_start()
        body()
        return Int(allocation_counter_stop())
      }
      var kept: [Any] = []
      kept.reserveCapacity(10)
      let array = counted { kept.append([Int](repeating: size, count: size)) }
      let tensor = counted { kept.append(Tensor(zeros: [size])) }
      var shared = Tensor(zeros: [size])
      let copy = shared
      let copyOnWrite = counted { shared.withMutableSpan { $0[0] = 1 } }
      #expect(array > 0)
      #expect(tensor > 0)
      #expect(copyOnWrite > 0)
      #expect(copy.count == shared.count && kept.count == 2)
      #expect(counted {} == 0)
    }
  }
}
