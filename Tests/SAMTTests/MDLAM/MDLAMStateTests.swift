import AllocationCounter
import SAMTTestSupport
import Testing

@testable import SAMT

/// An iteration allocates nothing and has the same bits on any number of threads; ``ResumeCase`` has a row for what is
/// state.
@Suite struct MDLAMStateTests {
  /// Large enough that the kernels share their work between threads, with the Gram matrix and without.
  private static func runs(accelerated: Bool) throws -> [MDLAMRun] {
    try [([300, 90, 70, 10], 120), ([90, 120, 10], 400)].map { widths, examples in
      try MDLAMRun(
        try perceptron(widths, seed: 2), randomBatch(examples, inputs: widths[0], classes: 10, seed: 1)
      ) { $0.isAccelerated = accelerated }
    }
  }

  private static func countAllocations(threads: Int) throws {
    Threads.count = threads
    for run in try runs(accelerated: true) + runs(accelerated: false) {
      for _ in 0..<3 { run.step() }
      allocation_counter_start()
      // Refreshed products and tighter constraints included.
      for _ in 0..<40 { run.step() }
      let count = allocation_counter_stop()
      if count > 0 { allocation_counter_print() }
      #expect(count == 0, "\(threads) threads")
    }
  }

  @Test(.enabled(if: allocation_counter_works())) func anIterationAllocatesNothing() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      try MDLAMStateTests.countAllocations(threads: 1)
      try MDLAMStateTests.countAllocations(threads: 2)
    }
    let traces = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(!traces.contains("--\n"), "\(traces)")
  }

  private static func trained(threads: Int) throws -> [Model] {
    Threads.count = threads
    return try runs(accelerated: true).map { run in
      for _ in 0..<6 { run.step() }
      return run.model
    }
  }

  @Test func threadsChangeNoBit() async {
    await #expect(processExitsWith: .success) {
      let alone = try MDLAMStateTests.trained(threads: 1)
      for (one, two) in zip(alone, try MDLAMStateTests.trained(threads: 2)) {
        #expect(firstDifference(one, two) == nil)
      }
    }
  }
}
