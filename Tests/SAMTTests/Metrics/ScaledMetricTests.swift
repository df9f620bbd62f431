import AllocationCounter
import Testing

@testable import SAMT

@Suite struct ScaledMetricTests {
  /// Two outputs with scales of their own, in batches of two sizes; powers of two keep the numbers exact.
  @Test func metricsAreInOriginalUnits() {
    let scales = [4.0, 0.5]
    let predictions = Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2]), targets = Tensor([2, 2, 1, 8, 5, 2], shape: [3, 2])
    func original(_ tensor: Tensor) -> Tensor {
      Tensor(tensor.elements.enumerated().map { $1 * Float(scales[$0 % 2]) + 32 }, shape: tensor.shape)
    }
    for base in MeanSquaredError().usualMetrics {
      var (scaled, plain): (any Metric, any Metric) = (ScaledMetric(base, scales: scales), base)
      scaled.begin(outputs: 2)
      plain.begin(outputs: 2)
      for rows in [0..<2, 2..<3] {
        scaled.add(predictions[rows: rows], targets: .values(targets[rows: rows]))
        plain.add(original(predictions)[rows: rows], targets: .values(original(targets)[rows: rows]))
      }
      // R2 is a quotient of sums about a mean, which the shift moves: some dozen roundings.
      #expect(abs(scaled.value - plain.value) <= 16 * 0x1p-53 * max(1, abs(plain.value)), "\(base.name)")
      #expect(scaled.name == base.name && scaled.direction == base.direction)
    }
  }

  /// Full batches and smaller ones in turns, after the first full one.
  @Test(.enabled(if: allocation_counter_works()))
  func batchesAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      let metrics = MetricAccumulator(
        MeanSquaredError().usualMetrics.map { ScaledMetric($0, scales: [2, 3]) }, outputs: 2)
      let (full, last) = (Tensor(zeros: [64, 2]), Tensor(zeros: [5, 2]))
      metrics.add(full, targets: .values(full))
      allocation_counter_start()
      for _ in 0..<3 {
        metrics.add(last, targets: .values(last))
        metrics.add(full, targets: .values(full))
      }
      let count = allocation_counter_stop()
      if count > 0 { allocation_counter_print() }
      #expect(count == 0)
    }
  }

  /// A copy holds the memory, so that a smaller batch is written elsewhere, and a full one again finds room.
  @Test func batchesGrowAgainWhileACopyIsHeld() {
    var metric = ScaledMetric(MeanAbsoluteError(), scales: [2])
    metric.begin(outputs: 1)
    let zeros = Tensor(zeros: [64, 1]), ones = Tensor([Float](repeating: 1, count: 64), shape: [64, 1])
    metric.add(zeros, targets: .values(ones))
    let copy = metric
    metric.add(zeros[rows: 0..<2], targets: .values(zeros[rows: 0..<2]))
    metric.add(ones, targets: .values(zeros))
    #expect(metric.value == 256.0 / 130)
    #expect(copy.value == 2)
  }

  @Test func whatDoesNotFitIsSaid() {
    let metric = ScaledMetric(MeanAbsoluteError(), scales: [1, 2])
    #expect(metric.problem(with: .values(Tensor(zeros: [3, 2])), outputShape: [2]) == nil)
    #expect(metric.problem(with: .values(Tensor(zeros: [3, 1])), outputShape: [1])?.contains("2 outputs") == true)
    #expect(metric.problem(with: .classes([1]), outputShape: [2]) != nil)
  }
}
