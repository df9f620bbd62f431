import Foundation
import Testing

@testable import SAMT

@Suite struct BackgroundThreadTests {
  @Test func aThreadRunsItsBody() throws {
    nonisolated(unsafe) var ran: pthread_t?
    let thread = try #require(BackgroundThread { ran = pthread_self() })
    thread.join()
    #expect(ran != nil && ran != pthread_self())
  }

  @Test(arguments: [0, 1, 2, 7]) func everyIndexRunsOnce(_ count: Int) {
    let counts = UnsafeMutableBufferPointer<Int>.allocate(capacity: 8)
    defer { counts.deallocate() }
    counts.initialize(repeating: 0)
    // Each index has a place of its own.
    nonisolated(unsafe) let places = counts
    runConcurrently(count) { places[$0] += 1 }
    #expect(Array(counts) == (0..<8).map { $0 < count ? 1 : 0 })
  }

  #if os(Linux)
    /// Where no second thread can be made, one does all.
    @Test func oneThreadIsEnough() async {
      await #expect(processExitsWith: .success) {
        let expected = BuiltInDigits.draw(20, of: .training, seed: 1, workers: 1)
        // The superuser is not limited, so this becomes somebody else.
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        setrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &limit)
        if geteuid() == 0 { setuid(65534) }
        guard BackgroundThread({}) == nil else { exit(1) }
        let drawn = BuiltInDigits.draw(20, of: .training, seed: 1, workers: 4)
        exit(drawn.inputs.elements == expected.inputs.elements && drawn.labels == expected.labels ? 0 : 2)
      }
    }
  #endif
}
