import Dispatch
import Foundation
import SAMT
import Testing

@testable import samt_train

@Suite struct ActivityTests {
  /// What was printed, from whichever thread.
  private final class Output: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: [String] = []
    let printed = DispatchSemaphore(value: 0)

    func print(_ text: String) {
      lock.withLock { texts.append(text) }
      printed.signal()
    }

    var all: [String] { lock.withLock { texts } }
  }

  @Test func whatTakesLongIsSaidAndTakenAway() {
    let output = Output()
    let activity = Activity(isTerminal: true, interval: .milliseconds(1), print: output.print)
    let result = activity("reading x") {
      output.printed.wait()  // until it was said
      return 7
    }
    #expect(result == 7)
    #expect(output.all.first?.hasPrefix("\r\u{1B}[2Kreading x  0 s") == true)
    #expect(output.all.last == "\r\u{1B}[2K")
  }

  @Test func errorsPassAndTheLineIsTakenAway() {
    let output = Output()
    let activity = Activity(isTerminal: true, print: output.print)
    #expect(throws: SAMTError.configuration("x")) {
      try activity("reading x") { () throws(SAMTError) in throw .configuration("x") }
    }
    #expect(output.all == ["\r\u{1B}[2K"])
  }

  @Test func elsewhereNothingIsSaid() {
    let output = Output()
    let activity = Activity(isTerminal: false, interval: .milliseconds(1), print: output.print)
    activity("reading x") { usleep(20_000) }
    #expect(output.all.isEmpty)
  }
}
