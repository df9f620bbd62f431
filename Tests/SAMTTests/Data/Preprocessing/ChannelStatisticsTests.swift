import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct ChannelStatisticsTests {
  private func dataset(_ inputs: Tensor) -> Dataset {
    Dataset(inputs: inputs, labels: [Int32](repeating: 0, count: inputs.shape[0]), classCount: 1)
  }

  /// Small whole numbers, with a mean and a deviation that are exact.
  @Test func meansAndDeviationsAreByChannel() {
    // Channel 0 holds 1, 5, 5, 1 and channel 1 holds -3, -3, 5, 5.
    let data = dataset(Tensor([1, 5, -3, -3, 5, 1, 5, 5], shape: [2, 2, 1, 2]))
    let statistics = ChannelStatistics(of: data)
    #expect(statistics.means == [3, 1])
    #expect(statistics.deviations == [2, 4])
    #expect(data.normalized(by: statistics).inputs.elements == [-1, 1, -1, -1, 1, -1, 1, 1])
  }

  @Test(arguments: [[40, 3, 9, 5], [7, 1, 28, 28], [50, 6], [1, 2, 3]] as [Shape])
  func equalsTheSumsByHand(shape: Shape) {
    let inputs = GradientCheck.values(shape, magnitudes: 0.1...1, seed: 4)
    let statistics = ChannelStatistics(of: dataset(inputs))
    let (channels, size) = (shape[1], shape.elementsPerRow / shape[1])
    for channel in 0..<channels {
      let values = inputs.elements.enumerated().filter { $0.offset / size % channels == channel }
        .map { Double($0.element) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      // Sums of at most 2048 floats of magnitude 1, merged in double: the error of a lane's sum is some ten roundings.
      #expect(abs(statistics.means[channel] - mean) <= 1e-6)
      #expect(abs(statistics.deviations[channel] - variance.squareRoot()) <= 1e-6)
    }
  }

  @Test func aNormalizedSetHasMeanZeroAndDeviationOne() {
    let (training, test) = Dataset.shapes(training: 60, test: 20, seed: 1)
    let statistics = ChannelStatistics(of: training)
    let again = ChannelStatistics(of: training.normalized(by: statistics))
    for channel in 0..<3 {
      // A pixel, of magnitude 4 at most, carries a few roundings of 2^-24; means of them carry no more.
      #expect(abs(again.means[channel]) <= 1e-6)
      #expect(abs(again.deviations[channel] - 1) <= 1e-6)
    }
    // The test set is moved by the training set's figures, not by its own.
    let moved = ChannelStatistics(of: test.normalized(by: statistics))
    let own = ChannelStatistics(of: test)
    for channel in 0..<3 {
      let expected = (own.means[channel] - statistics.means[channel]) / statistics.deviations[channel]
      #expect(abs(moved.means[channel] - expected) <= 1e-6)
      #expect(abs(expected) > 1e-3)
    }
  }

  @Test func aConstantChannelIsOnlyShifted() {
    let data = dataset(Tensor([0.3, 0.3, 1, 5, 0.3, 0.3, 3, 7], shape: [2, 2, 2]))
    let statistics = ChannelStatistics(of: data)
    #expect(statistics.deviations[0] == 0)
    let normalized = data.normalized(by: statistics).inputs.elements
    #expect([0, 1, 4, 5].allSatisfy { normalized[$0] == 0 })
    #expect(normalized.allSatisfy { $0.isFinite })
  }

  @Test func noExamplesHaveNoStatistics() {
    let none = dataset(Tensor(zeros: [0, 3, 4, 4]))
    let statistics = ChannelStatistics(of: none)
    #expect(statistics == ChannelStatistics(means: [0, 0, 0], deviations: [0, 0, 0]))
    #expect(none.normalized(by: statistics).inputs.shape == [0, 3, 4, 4])
  }

  @Test func copiesAreLeftAlone() {
    let data = dataset(Tensor([1, 2, 3, 4], shape: [2, 2]))
    _ = data.normalized(by: ChannelStatistics(of: data))
    #expect(data.inputs.elements == [1, 2, 3, 4])
  }

  @Test func theOnlyCopyIsNormalizedInPlace() {
    let data = dataset(Tensor([1, 2, 3, 4], shape: [2, 2]))
    let before = data.inputs.withPointer { UInt(bitPattern: $0) }
    let statistics = ChannelStatistics(of: data)
    let normalized = (consume data).normalized(by: statistics)
    #expect(normalized.inputs.withPointer { UInt(bitPattern: $0) } == before)
    #expect(normalized.inputs.elements == [-1, -1, 1, 1])
  }

  @Test func otherChannelsTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let data = Dataset(inputs: Tensor(zeros: [1, 3, 2, 2]), labels: [0], classCount: 1)
      _ = data.normalized(by: ChannelStatistics(means: [0, 0], deviations: [1, 1]))
    }
    expectMessage(result, "[1, 3, 2, 2]", "2 channels")
  }
}
