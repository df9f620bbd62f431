import Foundation
import Testing

@testable import samt_train

@Suite struct StopSignalsTests {
  @Test func theFirstSignalIsNotedAndTheSecondEndsTheProcess() async {
    await #expect(processExitsWith: .exitCode(143)) {
      signal(SIGINT, SIG_DFL)  // ignored in what a shell runs in the background
      let signals = StopSignals()
      signals.watch()
      kill(getpid(), SIGINT)
      for _ in 0..<10_000 where signals.received == nil { usleep(1000) }
      guard signals.received == SIGINT else { exit(1) }
      kill(getpid(), SIGTERM)
      sleep(10)
    }
  }

  @Test func whatIsIgnoredStaysIgnored() async {
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGINT, SIG_IGN)
      let signals = StopSignals()
      signals.watch()
      kill(getpid(), SIGINT)
      kill(getpid(), SIGTERM)
      for _ in 0..<10_000 where signals.received == nil { usleep(1000) }
      exit(signals.received == SIGTERM ? 0 : 1)
    }
  }
}
