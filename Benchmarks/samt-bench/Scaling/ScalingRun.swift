import CommandLineOptions
import Foundation
import SAMT

/// Verifies and times training steps on all ranks, which run the same cases in lockstep.
struct ScalingRunner {
  private let ranks: any Communicator
  /// Of each minibatch.
  private let shards: Int
  private let link: Link
  private let effort: Effort
  private var reports: [any ScalingReport]

  init(on ranks: any Communicator, shards: Int, _ reports: [any ScalingReport], _ effort: Effort) {
    self.ranks = ranks
    self.shards = shards
    self.reports = reports
    self.effort = effort
    link = Link(between: ranks)
  }

  /// Returns whether all ranks found everything right.
  mutating func run(_ cases: [ScalingCase]) throws -> Bool {
    for index in reports.indices { try reports[index].begin(link, on: ranks) }
    var allRight = true
    for benchmark in cases {
      let isVerified = try verify(benchmark)
      let result = try measure(benchmark, isVerified: isVerified)
      for index in reports.indices { try reports[index].add(result) }
      allRight = allRight && isVerified
    }
    return allRight
  }

  /// Whether two steps on these ranks end with the bits of two steps of one rank with as many shards.
  private func verify(_ benchmark: ScalingCase) throws -> Bool {
    let together = try ScalingTraining(benchmark, shards: shards, on: ranks)
    let alone = try ScalingTraining(benchmark, shards: shards, on: LocalCommunicator())
    for _ in 0..<2 {
      together.step()
      alone.step()
    }
    let isWrong = ranks.any(!together.hasSameParameters(as: alone))
    if isWrong, ranks.rank == 0 {
      complain("samt-bench: WRONG: scaling \(benchmark.name): \(ranks.size) ranks do not end with the bits of one")
    }
    return !isWrong
  }

  private func measure(_ benchmark: ScalingCase, isVerified: Bool) throws -> ScalingResult {
    let recorder = RecordingCommunicator(ranks)
    let training = try ScalingTraining(benchmark, shards: shards, on: recorder)
    training.step()
    recorder.isRecording = true
    training.step()
    recorder.isRecording = false

    // All ranks must take as many steps: they agree on the time of one.
    let first = ranks.gather(UInt64(sample(training, steps: 1).seconds * 1e9)).max() ?? 0
    let step = max(Double(first) * 1e-9, 1e-6)
    let steps = max(1, Int(effort.shortestSample / step))
    let wanted = Int(effort.budget / (Double(steps) * step))
    let count = min(max(wanted, effort.samples.lowerBound), effort.samples.upperBound)
    let samples = (0..<count).map { _ in sample(training, steps: steps) }
    return ScalingResult(
      benchmark: benchmark, ranks: ranks.size, shards: shards, samples: samples,
      gatheredBlocks: recorder.gatheredBlocks,
      exchangedBlocks: recorder.exchangedBlocks, link: link, isVerified: isVerified)
  }

  /// A step's time and what it sent, the mean of some steps that all ranks begin together.
  private func sample(_ training: ScalingTraining, steps: Int) -> StepSample {
    ranks.barrier()
    let before = ranks.traffic
    let start = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<steps { training.step() }
    let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    let traffic = ranks.traffic.since(before)
    return StepSample(
      seconds: elapsed / Double(steps), communication: traffic.seconds / Double(steps),
      bytes: Double(traffic.bytes) / Double(steps), calls: Double(traffic.calls) / Double(steps))
  }
}

/// What one step came to on this rank.
struct StepSample {
  let seconds: Double
  /// Seconds within the calls of the communicator, waiting for slower ranks included.
  let communication: Double
  /// Bytes that left for other ranks.
  let bytes: Double
  let calls: Double
}
